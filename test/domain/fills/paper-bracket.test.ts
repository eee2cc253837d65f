import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dec, sum } from '../../../src/domain/decimal.ts';
import { bracketOutcome } from '../../../src/domain/fills/paper-bracket.ts';
import type { PaperBracket } from '../../../src/domain/fills/paper-bracket.ts';
import { paperOutcome } from '../../../src/domain/fills/paper-fills.ts';
import type { RiskParams } from '../../../src/domain/strategy/definition.ts';
import { crossStrategies, market, walks } from '../backtest/markets.ts';
import { rowsOf } from './parity.ts';

const start = Date.UTC(2024, 0, 1);
const minute = 60_000;
const costs = { maker: '0.001', taker: '0.002', slippageBps: 0, quote: 'USDT' };
const filters = { tickSize: '0.01', stepSize: '0.1', minQuantity: '0.1', maxQuantity: '0', minNotional: '0' };

const bracket = (risk: Partial<RiskParams>, over: Partial<PaperBracket['position']> = {}): PaperBracket => ({
  clientOrderId: 'id',
  position: { entryPrice: '100', quantity: '10', openedAt: start, enteredBy: 'MARKET', ...over },
  risk: { side: 'LONG', ...risk },
  filters,
  cancelledAt: null,
});

/** What became of it over rows of [open, high, low, close]: status, and `reason quantity at price, bar` of each fill. */
const became = (
  of: PaperBracket,
  rows: Parameters<typeof market>[0],
  { volumes = [] as readonly number[], volumeShare = null as number | null } = {},
): readonly string[] => {
  const columns = market(rows);
  columns.volume.set(volumes);
  const { status, fills } = bracketOutcome(of, rowsOf(columns), { ...costs, volumeShare });
  return [
    status,
    ...fills.map(
      ({ reason, quantity, price, executedAt }) =>
        `${reason} ${quantity} at ${price}, bar ${(executedAt - start) / minute}`,
    ),
  ];
};

const both = { stop_loss_pct: 5, take_profit_pct: 10 };

describe('of a stop and a target', () => {
  test('the one that is reached cancels the other', () => {
    expect(became(bracket(both), [[100, 111, 96, 100]])).toEqual(['filled', 'take_profit 10 at 110, bar 0']);
    expect(became(bracket(both), [[100, 109, 95, 100]])).toEqual(['filled', 'stop_loss 10 at 95, bar 0']);
  });
  test('a candle that touches both is the stop', () => {
    expect(became(bracket(both), [[100, 111, 95, 100]])).toEqual(['filled', 'stop_loss 10 at 95, bar 0']);
  });
  test('on the candle of a limit entry that filled inside it, only the stop counts', () => {
    const inside = bracket(both, { enteredBy: 'LIMIT' });
    expect(became(inside, [[101, 111, 99, 100]])).toEqual(['open']);
    expect(became(inside, [[101, 111, 95, 100]])).toEqual(['filled', 'stop_loss 10 at 95, bar 0']);
    expect(became(inside, [[100, 111, 99, 100]])).toEqual(['filled', 'take_profit 10 at 110, bar 0']);
  });
  test('nothing counts from its cancel on', () => {
    const cancelled = { ...bracket(both), cancelledAt: start + minute };
    expect(
      became(cancelled, [
        [100, 101, 99, 100],
        [90, 90, 90, 90],
      ]),
    ).toEqual(['cancelled']);
  });
});

test('a trailing stop follows the candles before, never its own', () => {
  expect(
    became(bracket({ trailing_stop_pct: 10 }), [
      [100, 120, 99, 119],
      [119, 119, 107, 118],
    ]),
  ).toEqual(['filled', 'trailing_stop 10 at 108, bar 1']);
});

describe('partial targets', () => {
  const parts = {
    exits: [
      { pct: 20, fraction: 0.5 },
      { pct: 10, fraction: 0.25 },
    ],
    stop_loss_pct: 10,
  };
  test('sell nearest first, floored to the step, and the stop the rest', () => {
    expect(
      became(bracket(parts), [
        [105, 121, 105, 110],
        [89, 89, 88, 88],
      ]),
    ).toEqual(['filled', 'take_profit 2.5 at 110, bar 0', 'take_profit 5 at 120, bar 0', 'stop_loss 2.5 at 89, bar 1']);
  });
  test('that would leave an unsellable rest take it along', () => {
    const most = { ...bracket({ exits: [{ pct: 10, fraction: 0.8 }] }), filters: { ...filters, minQuantity: '3' } };
    expect(became(most, [[100, 111, 100, 110]])).toEqual(['filled', 'take_profit 10 at 110, bar 0']);
  });
});

test('a stop under a volume limit sells the rest at the next opens, and a target waits for its price', () => {
  const rows = [
    [100, 100, 95, 96],
    [97, 120, 97, 120],
    [118, 118, 118, 118],
  ] as const;
  expect(became(bracket(both), rows, { volumes: [8, 0, 30], volumeShare: 0.5 })).toEqual([
    'filled',
    'stop_loss 4 at 95, bar 0',
    'stop_loss 6 at 118, bar 2',
  ]);
  expect(became(bracket(both), [[100, 112, 99, 100], ...rows], { volumes: [6, 8, 0, 30], volumeShare: 0.5 })).toEqual([
    'filled',
    'take_profit 3 at 110, bar 0',
    'stop_loss 4 at 95, bar 1',
    'stop_loss 3 at 118, bar 3',
  ]);
});

test('more candles add fills and change none; all parts together are at most what was bought', () => {
  fc.assert(
    fc.property(
      crossStrategies,
      walks(60, 20, 0),
      fc.nat(),
      fc.constantFrom(null, 0.5),
      (strategy, columns, cut, volumeShare) => {
        const candles = rowsOf(columns);
        const paid = { ...costs, volumeShare };
        const of = bracket(strategy.risk_params, { quantity: '37.3' });
        const whole = bracketOutcome(of, candles, paid);
        expect(bracketOutcome(of, candles, paid)).toEqual(whole);
        const part = bracketOutcome(of, candles.slice(0, cut % candles.length), paid);
        expect(whole.fills.slice(0, part.fills.length)).toEqual(part.fills);
        expect(whole.fills.map(({ tradeId }) => tradeId)).toEqual(whole.fills.map((_, at) => `id-${at + 1}`));
        const sold = sum(whole.fills.map(({ quantity }) => dec(quantity)));
        expect(sold.lte('37.3')).toBe(true);
        expect(whole.status === 'filled').toBe(sold.eq('37.3'));
      },
    ),
  );
});

test('a bracket of one leg is that order', () => {
  const sellAll = { clientOrderId: 'id', side: 'SELL', quantity: '37.3', budget: null, stepSize: '0.1' } as const;
  const resting = { ...sellAll, reduceOnly: true, from: start, cancelledAt: null };
  const seen = { filled: 0 };
  fc.assert(
    fc.property(
      walks(100, 20, 0),
      fc.integer({ min: 1, max: 20 }),
      fc.constantFrom(null, 0.5),
      fc.constantFrom('STOP_LOSS' as const, 'TAKE_PROFIT' as const),
      (columns, tenths, volumeShare, type) => {
        const candles = rowsOf(columns);
        const paid = { ...costs, slippageBps: 4, volumeShare };
        const away = type === 'STOP_LOSS' ? { stop_loss_pct: tenths / 10 } : { take_profit_pct: tenths / 10 };
        const price = ((1_000 + (type === 'STOP_LOSS' ? -tenths : tenths)) / 10).toFixed(1);
        const { status, fills } = bracketOutcome(bracket(away, { quantity: '37.3' }), candles, paid);
        const levels = type === 'STOP_LOSS' ? { price: null, stopPrice: price } : { price };
        const order = paperOutcome({ ...resting, type, ...levels }, candles, paid);
        expect(fills.map(({ reason: _reason, ...fill }) => fill)).toEqual(order.fills);
        expect(status).toBe(order.status);
        seen.filled += fills.length;
      },
    ),
  );
  expect(seen.filled).toBeGreaterThan(50);
});
