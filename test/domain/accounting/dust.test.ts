import { assert, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { foldPosition } from '../../../src/domain/accounting/position-fold.ts';
import type { PositionTrade, TradedOrder } from '../../../src/domain/accounting/trade.ts';
import { dec, sum, text } from '../../../src/domain/decimal.ts';
import { context, onPaper, trade, tradesArbitrary } from './trades.ts';

const limits = { minQuantity: dec('0.01'), minNotional: dec('5') };

/** What is held, what was written off by which trade, and what was realized. */
const plain = (trades: readonly PositionTrade[], of = context) => {
  const { position, figures, realizedPnl } = foldPosition(trades, of);
  return {
    held: position && `${position.side} ${text(position.quantity)}`,
    dust: [...figures].flatMap(([id, { dust }]) => (dust.eq('0') ? [] : [[id, text(dust)]])),
    realizedPnl: text(realizedPnl),
  };
};

const exit = (quantity: string, price: string, order: Partial<TradedOrder> = {}, tradeId?: string) =>
  trade('SELL', quantity, price, { order: { reduceOnly: true, ...order }, ...(tradeId ? { tradeId } : {}) });

describe('what remains of a position and cannot be sold', () => {
  it('is below the step: the position ends, its whole cost is realized', () => {
    const bought = trade('BUY', '1', '100', { fee: ['0.0005', 'BTC'] });
    const sold = exit('0.999', '100');
    expect(plain([bought, sold])).toEqual({ held: null, dust: [[sold.tradeId, '0.0005']], realizedPnl: '-0.1' });
  });

  it('is below the least quantity, or below the least notional at the price it was last sold at', () => {
    const bought = trade('BUY', '1', '100');
    const few = exit('0.992', '1000', limits);
    expect(plain([bought, few])).toMatchObject({ held: null, dust: [[few.tradeId, '0.008']] });
    const cheap = exit('0.96', '100', limits);
    expect(plain([bought, cheap])).toMatchObject({ held: null, dust: [[cheap.tradeId, '0.04']] });
    expect(plain([bought, exit('0.96', '125', limits)])).toMatchObject({ held: 'LONG 0.04', dust: [] });
  });

  it('stays open at exactly one step', () => {
    expect(plain([trade('BUY', '1', '100'), exit('0.999', '100')])).toMatchObject({ held: 'LONG 0.001', dust: [] });
  });

  it('stays open while the order that sells it is not over, and between the fills of one that is', () => {
    const bought = trade('BUY', '1', '100');
    const working = { ...limits, orderId: 'exit', isEnded: false };
    expect(plain([bought, exit('0.96', '100', working)])).toMatchObject({ held: 'LONG 0.04', dust: [] });
    const over = { ...limits, orderId: 'exit' };
    const both = [bought, exit('0.96', '100', over), exit('0.03', '100', over, '9999')];
    expect(plain(both)).toMatchObject({ held: null, dust: [['9999', '0.01']] });
  });

  it('is undone by a trade told of late', () => {
    const early = trade('BUY', '0.5', '100');
    const bought = trade('BUY', '1', '100');
    const sold = exit('0.96', '100', limits);
    expect(plain([bought, sold])).toMatchObject({ held: null });
    expect(plain([bought, sold, early])).toMatchObject({ held: 'LONG 0.54', dust: [] });
  });

  it('is sold by a reduce-only order that was at work meanwhile, which opens no short', () => {
    const bought = trade('BUY', '1', '100');
    const sold = exit('0.96', '100', limits);
    expect(plain([bought, sold, exit('0.04', '90')])).toMatchObject({ held: null, realizedPnl: '-0.4' });
    expect(plain([bought, sold, trade('SELL', '0.04', '90')])).toMatchObject({ held: 'SHORT 0.04' });
  });

  it('of a short on paper is bought in at the last price: nothing stays owed', () => {
    const trades = [trade('SELL', '1', '100'), trade('BUY', '0.9995', '90', { order: { reduceOnly: true } })];
    expect(plain(trades, onPaper)).toEqual({
      held: null,
      dust: [[trades[1]!.tradeId, '0.0005']],
      realizedPnl: '10',
    });
    const { moved } = foldPosition(trades, onPaper);
    expect([text(moved.base), text(moved.quote)]).toEqual(['0', '10']);
  });

  it('is never left out of the sum: trades less what is held are what was written off', () => {
    assert(
      property(tradesArbitrary(['BUY', 'SELL'], { minNotional: dec('20'), minQuantity: dec('0.5') }), (trades) => {
        const { position, dustWrittenOff } = foldPosition(trades, context);
        const signed = position ? position.quantity.times(position.side === 'LONG' ? '1' : '-1') : dec('0');
        const flows = trades.map((one) =>
          one.quantity
            .times(one.side === 'BUY' ? '1' : '-1')
            .minus(one.commissionAsset === 'BTC' ? one.commission : '0'),
        );
        expect(text(sum(flows).minus(signed))).toBe(text(dustWrittenOff));
      }),
    );
  });
});
