import { assert, constant, integer, property, shuffledSubarray, tuple } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cashFlowsOf } from '../../../src/domain/accounting/cash-flow.ts';
import { foldPosition, unrealizedPnl } from '../../../src/domain/accounting/position-fold.ts';
import { type Decimal, dec, sum, text, zero } from '../../../src/domain/decimal.ts';
import { anyQuantity, context, trade, tradesArbitrary } from './trades.ts';

const shown = (value: Decimal | undefined): string | null => (value ? text(value) : null);

/** A fold as text, so that two can be compared. */
const plain = (trades: Parameters<typeof foldPosition>[0], of = context) => {
  const { position, figures, realizedPnl, dustWrittenOff, moved } = foldPosition(trades, of);
  return {
    position: position && {
      ...position,
      quantity: text(position.quantity),
      costBasis: text(position.costBasis),
      entryPrice: text(position.entryPrice),
      entryFillPrice: text(position.entryFillPrice),
      collateral: text(position.collateral),
      realizedPnl: text(position.realizedPnl),
    },
    realized: [...figures].flatMap(([id, { realized }]) => (realized ? [[id, text(realized)]] : [])),
    moved: [text(moved.base), text(moved.quote)],
    realizedPnl: text(realizedPnl),
    dust: text(dustWrittenOff),
  };
};

describe('a position folded from its trades, by hand', () => {
  it('averages what it pays: 1 at 100 and 3 at 120 are 4 at 115', () => {
    expect(plain([trade('BUY', '1', '100'), trade('BUY', '3', '120')])).toMatchObject({
      position: { side: 'LONG', quantity: '4', costBasis: '460', entryPrice: '115' },
      realized: [],
    });
  });

  it('realizes against the average cost: half of 4 at 115 sold at 125 earns 20 and leaves 2 at 115', () => {
    const trades = [trade('BUY', '1', '100'), trade('BUY', '3', '120'), trade('SELL', '2', '125')];
    expect(plain(trades)).toMatchObject({
      position: { quantity: '2', costBasis: '230', entryPrice: '115' },
      realizedPnl: '20',
    });
  });

  it('a fee in base makes less to hold at a higher price each', () => {
    const fold = plain([trade('BUY', '1', '100', { fee: ['0.2', 'BTC'] })]);
    expect(fold.position).toMatchObject({ quantity: '0.8', costBasis: '100', entryPrice: '125' });
  });

  it('fees in quote cost: 1 bought at 100 and sold at 110, 1 each way, earns 8', () => {
    const fees = [trade('BUY', '1', '100', { fee: ['1', 'USDT'] }), trade('SELL', '1', '110', { fee: ['1', 'USDT'] })];
    expect(plain(fees)).toMatchObject({ position: null, realizedPnl: '8' });
  });

  it('a fee in a third asset is in neither quantity nor P&L', () => {
    const bnb = [
      trade('BUY', '1', '100', { fee: ['0.01', 'BNB'] }),
      trade('SELL', '1', '110', { fee: ['0.01', 'BNB'] }),
    ];
    expect(plain(bnb)).toMatchObject({ position: null, realizedPnl: '10' });
  });

  it('a sale through zero closes one side and opens the other: 2 at 100, 5 sold at 110', () => {
    const bought = trade('BUY', '2', '100');
    const opening = trade('SELL', '5', '110');
    expect(plain([bought, opening])).toEqual({
      position: {
        side: 'SHORT',
        quantity: '3',
        costBasis: '330',
        entryPrice: '110',
        entryFillPrice: '110',
        collateral: '0',
        realizedPnl: '0',
        openedAt: opening.executedAt,
      },
      realized: [[opening.tradeId, '20']],
      realizedPnl: '20',
      dust: '0',
      moved: ['-3', '350'],
    });
  });

  it('a short earns what it was sold for above what it is bought back for', () => {
    const trades = [trade('SELL', '2', '100'), trade('BUY', '1', '90')];
    expect(plain(trades)).toMatchObject({
      position: { side: 'SHORT', quantity: '1', costBasis: '100', entryPrice: '100' },
      realizedPnl: '10',
    });
    const position = foldPosition(trades, context).position!;
    const { pnl, pct } = unrealizedPnl(position, dec('80'));
    expect([text(pnl), text(pct)]).toEqual(['20', '20']);
  });

  it('sorts trade ids as numbers where trades share an instant: 9 comes before 10', () => {
    const trades = [
      trade('SELL', '1', '110', { tradeId: '10', executedAt: 5 }),
      trade('BUY', '1', '100', { tradeId: '9', executedAt: 5 }),
    ];
    expect(plain(trades).realized).toEqual([['10', '10']]);
  });
});

describe('a position folded from any trades', () => {
  it('is the same whatever order they arrived in', () => {
    assert(
      property(
        tradesArbitrary().chain((trades) =>
          tuple(
            constant(trades),
            shuffledSubarray([...trades], { minLength: trades.length, maxLength: trades.length }),
          ),
        ),
        ([trades, shuffled]) => {
          expect(plain(shuffled)).toEqual(plain(trades));
        },
      ),
    );
  });

  it('conserves money: realized and unrealized are the cash flows plus what is held at the mark', () => {
    assert(
      property(tradesArbitrary(['BUY', 'SELL'], anyQuantity), integer({ min: 1, max: 300 }), (trades, markNumber) => {
        const mark = dec(String(markNumber));
        const { position, realizedPnl, dustWrittenOff } = foldPosition(trades, context);
        const flows = trades.map((one) => cashFlowsOf(one, context));
        const cash = sum(flows.map((flow) => flow.quote));
        const held = sum(flows.map((flow) => flow.base));
        const unrealized = position ? unrealizedPnl(position, mark).pnl : zero;
        expect(text(dustWrittenOff)).toBe('0');
        expect(text(realizedPnl.plus(unrealized))).toBe(text(cash.plus(held.times(mark))));
        const signed = position ? (position.side === 'LONG' ? position.quantity : position.quantity.neg()) : zero;
        expect(text(signed)).toBe(text(held));
      }),
    );
  });

  it('writes off less than a step each time it closes, and accounts for the rest', () => {
    assert(
      property(tradesArbitrary(), (trades) => {
        const { position, figures, dustWrittenOff } = foldPosition(trades, context);
        const held = sum(trades.map((one) => cashFlowsOf(one, context).base));
        const signed = position ? (position.side === 'LONG' ? position.quantity : position.quantity.neg()) : zero;
        expect(text(held.minus(signed))).toBe(text(dustWrittenOff));
        for (const { dust } of figures.values()) expect(dust.lt('0.001')).toBe(true);
      }),
    );
  });

  it('of buys alone, has the volume-weighted mean as its entry price before base fees', () => {
    assert(
      property(tradesArbitrary(['BUY']), (trades) => {
        const free = trades.map((one) => ({ ...one, commission: zero }));
        const { position } = foldPosition(free, context);
        const quantity = sum(free.map((one) => one.quantity));
        const notional = sum(free.map((one) => one.quantity.times(one.price)));
        expect(shown(position?.costBasis)).toBe(text(notional));
        expect(position!.entryPrice.times(quantity).minus(notional).abs().lt('0.000001')).toBe(true);
      }),
    );
  });
});
