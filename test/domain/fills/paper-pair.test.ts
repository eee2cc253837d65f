import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dec, sum, text } from '../../../src/domain/decimal.ts';
import { paperOutcome } from '../../../src/domain/fills/paper-fills.ts';
import type { PaperOrder, PaperOutcome } from '../../../src/domain/fills/paper-order.ts';
import { pairOutcome } from '../../../src/domain/fills/paper-pair.ts';
import { walks } from '../backtest/markets.ts';
import { candlesOf, minute } from './minute-candles.ts';
import { rowsOf } from './parity.ts';

const common = { side: 'SELL', quantity: '10', budget: null, stepSize: '0.1', from: 0, cancelledAt: null } as const;
const stop: PaperOrder = {
  ...common,
  clientOrderId: 'stop',
  type: 'STOP_LOSS',
  stopPrice: '95',
  price: null,
  reduceOnly: true,
};
const target: PaperOrder = { ...common, clientOrderId: 'target', type: 'TAKE_PROFIT', price: '105', reduceOnly: true };
const costs = { maker: '0.001', taker: '0.001', slippageBps: 0, quote: 'USDT' };
const halfOf = { ...costs, volumeShare: 0.5 };

/** `status quantity at price, bar` of both. */
const said = (of: { readonly stop: PaperOutcome; readonly target: PaperOutcome }) =>
  [of.stop, of.target].map(({ status, fills }) =>
    [
      status,
      ...fills.map(({ quantity, price, executedAt }) => `${quantity} at ${price}, bar ${executedAt / minute}`),
    ].join(' '),
  );

describe('a pair', () => {
  const quiet = [100, 101, 99, 100, 50] as const;
  test('waits while the market is between its levels', () => {
    expect(said(pairOutcome({ stop, target }, candlesOf([quiet, quiet]), costs))).toEqual(['open', 'open']);
  });
  test('leaves at its stop, which ends its target', () => {
    const candles = candlesOf([quiet, [98, 99, 94, 95, 50], [105, 110, 105, 108, 50]]);
    expect(said(pairOutcome({ stop, target }, candles, costs))).toEqual(['filled 10 at 95, bar 1', 'expired']);
  });
  test('leaves at its target, which ends its stop', () => {
    const candles = candlesOf([quiet, [100, 106, 99, 104, 50], [95, 95, 90, 92, 50]]);
    expect(said(pairOutcome({ stop, target }, candles, costs))).toEqual(['expired', 'filled 10 at 105, bar 1']);
  });
  test('is stopped by a candle that touches both', () => {
    const candles = candlesOf([[100, 106, 94, 100, 50]]);
    expect(said(pairOutcome({ stop, target }, candles, costs))).toEqual(['filled 10 at 95, bar 0', 'expired']);
  });
  test('has no stop any more once a part of its target is sold', () => {
    const candles = candlesOf([
      [100, 106, 99, 104, 8],
      [95, 95, 90, 92, 50],
      [100, 105, 99, 104, 50],
    ]);
    expect(said(pairOutcome({ stop, target }, candles.slice(0, 1), halfOf))).toEqual([
      'expired',
      'partially_filled 4 at 105, bar 0',
    ]);
    expect(said(pairOutcome({ stop, target }, candles, halfOf))).toEqual([
      'expired',
      'filled 4 at 105, bar 0 6 at 105, bar 2',
    ]);
  });
  test('has no target any more once its stop is triggered, whether or not the volume lets it sell', () => {
    const candles = candlesOf([
      [98, 99, 94, 95, 0],
      [105, 110, 105, 108, 8],
      [106, 107, 105, 106, 50],
    ]);
    expect(said(pairOutcome({ stop, target }, candles.slice(0, 1), halfOf))).toEqual(['open', 'expired']);
    expect(said(pairOutcome({ stop, target }, candles, halfOf))).toEqual([
      'filled 4 at 105, bar 1 6 at 106, bar 2',
      'expired',
    ]);
  });
  test('keeps both where the volume of a candle that reaches the target gives nothing', () => {
    const candles = candlesOf([
      [100, 106, 99, 104, 0],
      [98, 99, 94, 95, 50],
    ]);
    expect(said(pairOutcome({ stop, target }, candles, halfOf))).toEqual(['filled 10 at 95, bar 1', 'expired']);
  });
  test('is cancelled by a cancel of either that still works, from then on', () => {
    const candles = candlesOf([quiet, [98, 99, 94, 95, 50]]);
    for (const pair of [
      { stop: { ...stop, cancelledAt: minute }, target },
      { stop, target: { ...target, cancelledAt: minute } },
    ]) {
      expect(said(pairOutcome(pair, candles, costs))).toEqual(['cancelled', 'cancelled']);
      expect(said(pairOutcome(pair, candles.slice(0, 1), costs))).toEqual(['cancelled', 'cancelled']);
    }
    const late = { stop: { ...stop, cancelledAt: 2 * minute }, target };
    expect(said(pairOutcome(late, candles, costs))).toEqual(['filled 10 at 95, bar 1', 'expired']);
  });
  test('a cancel of the one that has ended takes nothing from the other', () => {
    const candles = candlesOf([
      [100, 106, 99, 104, 8],
      [100, 101, 99, 100, 50],
      [100, 105, 99, 104, 50],
    ]);
    const pair = { stop: { ...stop, cancelledAt: minute }, target };
    expect(said(pairOutcome(pair, candles, halfOf))).toEqual(['expired', 'filled 4 at 105, bar 0 6 at 105, bar 2']);
    const both = { stop, target: { ...target, cancelledAt: minute } };
    expect(said(pairOutcome(both, candles, halfOf))).toEqual(['expired', 'cancelled 4 at 105, bar 0']);
  });
  test('that opens a position takes what its candle gives, and the rest expires', () => {
    const above = { ...stop, side: 'BUY', stopPrice: '105', reduceOnly: false } as const;
    const below = { ...target, side: 'BUY', price: '95', reduceOnly: false } as const;
    const candles = candlesOf([
      [100, 101, 94, 95, 8],
      [100, 106, 100, 105, 50],
    ]);
    expect(said(pairOutcome({ stop: above, target: below }, candles, halfOf))).toEqual([
      'expired',
      'expired 4 at 95, bar 0',
    ]);
  });
});

const pairs = fc
  .record({
    side: fc.constantFrom('BUY' as const, 'SELL' as const),
    away: fc.integer({ min: 5, max: 200 }),
    near: fc.integer({ min: 5, max: 200 }),
    limitAway: fc.option(fc.integer({ min: -20, max: 20 })),
    quantity: fc.integer({ min: 1, max: 400 }),
    reduceOnly: fc.boolean(),
    staysInBook: fc.boolean(),
    cancels: fc.tuple(fc.option(fc.nat(25)), fc.option(fc.nat(25))),
  })
  .map(({ side, away, near, limitAway, quantity, cancels, ...rest }) => {
    const start = Date.UTC(2024, 0, 1);
    const sign = side === 'SELL' ? 1 : -1;
    const at = (hundredths: number): string => text(dec(10_000 + hundredths).div('100'));
    const [stopCancel, targetCancel] = cancels.map((bar) => (bar === null ? null : start + bar * minute));
    const shared = { ...common, ...rest, side, quantity: text(dec(quantity).div('10')), from: start };
    return {
      stop: {
        ...stop,
        ...shared,
        stopPrice: at(-sign * away),
        price: limitAway === null ? null : at(-sign * away + limitAway),
        cancelledAt: stopCancel!,
      },
      target: { ...target, ...shared, price: at(sign * near), cancelledAt: targetCancel! },
    };
  });

const isOver = ({ status }: PaperOutcome): boolean => status !== 'open' && status !== 'partially_filled';

test('one trades at most, an end is an end, more candles only add, and what trades does so as it would alone', () => {
  const seen = { stopped: 0, reached: 0, cancelled: 0 };
  fc.assert(
    fc.property(pairs, walks(60, 20, 0), fc.nat(), fc.constantFrom(null, 0.5), (pair, columns, cut, volumeShare) => {
      const candles = rowsOf(columns);
      const paid = { ...costs, volumeShare };
      const whole = pairOutcome(pair, candles, paid);
      expect(pairOutcome(pair, candles, paid)).toEqual(whole);
      const part = pairOutcome(pair, candles.slice(0, cut % candles.length), paid);
      for (const leg of ['stop', 'target'] as const) {
        expect(whole[leg].fills.slice(0, part[leg].fills.length)).toEqual(part[leg].fills);
        if (isOver(part[leg]) && part[leg].status !== 'cancelled') expect(part[leg]).toEqual(whole[leg]);
        const filled = sum(whole[leg].fills.map(({ quantity }) => dec(quantity)));
        expect(filled.lte(pair[leg].quantity)).toBe(true);
        if (whole[leg].fills.length === 0) continue;
        const other = leg === 'stop' ? 'target' : 'stop';
        expect(whole[other]).toEqual({ status: 'expired', fills: [] });
        expect(whole[leg]).toEqual(paperOutcome(pair[leg], candles, paid));
      }
      seen.stopped += whole.stop.fills.length;
      seen.reached += whole.target.fills.length;
      if (whole.stop.status === 'cancelled') {
        expect(whole.target.status).not.toBe('open');
        seen.cancelled += 1;
      }
    }),
    { numRuns: 300 },
  );
  for (const count of Object.values(seen)) expect(count).toBeGreaterThan(10);
});
