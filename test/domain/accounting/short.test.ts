import { assert, constant, integer, property, shuffledSubarray, tuple } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { foldPosition, leftoverOf, unrealizedPnl } from '../../../src/domain/accounting/position-fold.ts';
import type { PositionTrade } from '../../../src/domain/accounting/trade.ts';
import { dec, text, zero } from '../../../src/domain/decimal.ts';
import { onPaper, trade, tradesArbitrary } from './trades.ts';

const dayMs = 86_400_000;

const plain = (trades: readonly PositionTrade[]) => {
  const { position, realizedPnl, moved } = foldPosition(trades, onPaper);
  return {
    held: position && `${position.side} ${text(position.quantity)} at ${text(position.entryPrice)}`,
    collateral: text(position?.collateral ?? zero),
    realizedPnl: text(realizedPnl),
    base: text(moved.base),
    quote: text(moved.quote),
  };
};

describe('a short on paper, by hand', () => {
  it('locks what it was sold for and as much again, and moves no base', () => {
    expect(plain([trade('SELL', '2', '100', { fee: ['1', 'USDT'] })])).toEqual({
      held: 'SHORT 2 at 99.5',
      collateral: '398',
      realizedPnl: '0',
      base: '0',
      quote: '199',
    });
  });

  it('frees collateral in step with what is covered', () => {
    const trades = [trade('SELL', '2', '100'), trade('BUY', '0.5', '80')];
    expect(plain(trades)).toMatchObject({
      held: 'SHORT 1.5 at 100',
      collateral: '300',
      realizedPnl: '10',
      quote: '160',
    });
    expect(plain([...trades, trade('BUY', '1.5', '120')])).toEqual({
      held: null,
      collateral: '0',
      realizedPnl: '-20',
      base: '0',
      quote: '-20',
    });
  });

  it('crosses zero from long to short and back: base moves by what is held long alone', () => {
    const down = [trade('BUY', '2', '100'), trade('SELL', '5', '110')];
    expect(plain(down)).toMatchObject({
      held: 'SHORT 3 at 110',
      collateral: '660',
      realizedPnl: '20',
      base: '0',
      quote: '350',
    });
    const up = [...down, trade('BUY', '4', '100')];
    expect(plain(up)).toMatchObject({
      held: 'LONG 1 at 100',
      collateral: '0',
      realizedPnl: '50',
      base: '1',
      quote: '-50',
    });
  });

  it('gains as the price falls', () => {
    const { position } = foldPosition([trade('SELL', '2', '100')], onPaper);
    expect(Object.values(unrealizedPnl(position!, dec('90'))).map(text)).toEqual(['20', '10']);
    expect(Object.values(unrealizedPnl(position!, dec('105'))).map(text)).toEqual(['-10', '-5']);
  });
});

describe('the cost of borrowing', () => {
  const at = (day: number, side: 'BUY' | 'SELL', quantity: string, price: string, pct = '0.5') =>
    trade(side, quantity, price, { executedAt: day * dayMs, order: { borrowPct: dec(pct) } });

  it('is per cent a day of what it was sold for, charged as it is covered: 0.5 % of 200 for 3 days is 3', () => {
    const trades = [at(1, 'SELL', '2', '100'), at(4, 'BUY', '2', '90')];
    expect(plain(trades)).toMatchObject({ realizedPnl: '17', quote: '17' });
    expect(text(foldPosition(trades, onPaper).figures.get(trades[1]!.tradeId)!.borrowCost)).toBe('3');
  });

  it('accrues on what is open, and each cover pays its share', () => {
    // A day of 100, a day of 200: 0.5 and 1. Half of it is covered, and owes the other half with another day of 100.
    const trades = [
      at(0, 'SELL', '1', '100'),
      at(1, 'SELL', '1', '100'),
      at(2, 'BUY', '1', '100'),
      at(3, 'BUY', '1', '100'),
    ];
    const costs = trades.map(({ tradeId }) => text(foldPosition(trades, onPaper).figures.get(tradeId)!.borrowCost));
    expect(costs).toEqual(['0', '0', '0.75', '1.25']);
  });

  it('keeps the rate of the order that opened it, and is nothing for a long', () => {
    expect(plain([at(0, 'SELL', '1', '100', '1'), at(1, 'BUY', '1', '100', '50')])).toMatchObject({
      realizedPnl: '-1',
    });
    expect(plain([at(0, 'BUY', '1', '100', '1'), at(9, 'SELL', '1', '100', '50')])).toMatchObject({ realizedPnl: '0' });
  });
});

const borrowing = { borrowPct: dec('0.3'), minNotional: dec('3') };

describe('any trades on paper', () => {
  it('conserve money: realized and unrealized are the quote that moved plus what is held at the mark', () => {
    assert(
      property(tradesArbitrary(['BUY', 'SELL'], borrowing), integer({ min: 1, max: 300 }), (trades, markNumber) => {
        const mark = dec(markNumber);
        const { position, realizedPnl, moved } = foldPosition(trades, onPaper);
        const signed = position ? position.quantity.times(position.side === 'LONG' ? '1' : '-1') : zero;
        const unrealized = position ? unrealizedPnl(position, mark).pnl : zero;
        expect(text(realizedPnl.plus(unrealized))).toBe(text(moved.quote.plus(signed.times(mark))));
      }),
    );
  });

  it('never leave the account owing base, and lock quote for a short alone', () => {
    assert(
      property(tradesArbitrary(['BUY', 'SELL'], borrowing), (trades) => {
        const { position, moved } = foldPosition(trades, onPaper);
        const long = position?.side === 'LONG' ? position.quantity : zero;
        expect(moved.base.gte(long)).toBe(true);
        expect(position?.collateral.gt(zero) ?? false).toBe(position?.side === 'SHORT');
      }),
    );
  });

  it('are the same whatever order they arrive in', () => {
    const shuffled = tradesArbitrary(['BUY', 'SELL'], borrowing).chain((trades) =>
      tuple(constant(trades), shuffledSubarray([...trades], { minLength: trades.length })),
    );
    assert(
      property(shuffled, ([trades, other]) => {
        expect(plain(other)).toEqual(plain(trades));
      }),
    );
  });

  it('fold on from any flat trade as they fold from the first', () => {
    assert(
      property(tradesArbitrary(['BUY', 'SELL'], { ...borrowing, minQuantity: dec('2') }), (trades) => {
        for (const context of [onPaper, { ...onPaper, borrows: false }]) {
          const whole = foldPosition(trades, context);
          const ordered = [...whole.figures.keys()].map((id) => trades.find(({ tradeId }) => tradeId === id)!);
          for (const [index, flat] of ordered.entries()) {
            const figures = whole.figures.get(flat.tradeId)!;
            if (!figures.isFlat) continue;
            const rest = ordered.slice(index + 1);
            const on = foldPosition(rest, context, leftoverOf({ side: flat.side, dust: figures.dust }, context));
            expect(JSON.stringify(on.position)).toBe(JSON.stringify(whole.position));
            for (const { tradeId } of rest) {
              expect(JSON.stringify(on.figures.get(tradeId))).toBe(JSON.stringify(whole.figures.get(tradeId)));
            }
          }
        }
      }),
    );
  });
});
