import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { runBacktest } from '../../../src/domain/backtest/engine.ts';
import { backtestMetrics } from '../../../src/domain/backtest/metrics.ts';
import type { CandleColumns } from '../../../src/domain/market/candle.ts';
import { sliceColumns } from '../../../src/domain/market/columns.ts';
import type { StrategyDefinition } from '../../../src/domain/strategy/definition.ts';
import { crossStrategies, flat, levels, walks } from './markets.ts';

const input = (definition: StrategyDefinition, columns: CandleColumns, fee = 0.001) => ({
  definition,
  columns,
  capital: 10_000,
  feeRates: { maker: fee, taker: fee },
  slippageBps: 3,
});

test('cutting the data after bar i changes nothing before it', () => {
  fc.assert(
    fc.property(crossStrategies, walks(), fc.nat(), (definition, columns, cut) => {
      const length = 1 + (cut % columns.length);
      const whole = runBacktest(input(definition, columns));
      const part = runBacktest(input(definition, sliceColumns(columns, 0, length)));
      expect([...part.equity]).toEqual([...whole.equity.subarray(0, length)]);
      expect(part.trades).toEqual(whole.trades.filter(({ exitBar }) => exitBar < length));
    }),
  );
});

test('cutting rough data (no tick grid) changes nothing before either', () => {
  const rough = fc.array(fc.double({ min: 50, max: 150, noNaN: true }), { minLength: 20, maxLength: 60 }).map(flat);
  fc.assert(
    fc.property(crossStrategies, rough, fc.nat(), (definition, columns, cut) => {
      const length = 1 + (cut % columns.length);
      const whole = runBacktest(input(definition, columns));
      const part = runBacktest(input(definition, sliceColumns(columns, 0, length)));
      expect([...part.equity]).toEqual([...whole.equity.subarray(0, length)]);
    }),
  );
});

test('prices doubled leave equity and P&L as they were', () => {
  fc.assert(
    fc.property(crossStrategies, walks(), (definition, columns) => {
      const twice = (values: Float64Array): Float64Array => values.map((value) => value * 2);
      const { open, high, low, close } = columns;
      const doubled = { ...columns, open: twice(open), high: twice(high), low: twice(low), close: twice(close) };
      const before = runBacktest(input(definition, columns));
      const after = runBacktest(input(definition, doubled));
      expect([...after.equity]).toEqual([...before.equity]);
      expect(after.trades.map(({ pnl }) => pnl)).toEqual(before.trades.map(({ pnl }) => pnl));
    }),
  );
});

test('no fee, no slippage and no move make no profit and no loss', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 10_000_000 }), fc.integer({ min: 3, max: 40 }), (cents, bars) => {
      const run = runBacktest({
        ...input(
          levels(0, 0, { position_size: { type: 'equity_fraction', value: 0.7 } }),
          flat(Array(bars).fill(cents / 100)),
          0,
        ),
        slippageBps: 0,
      });
      expect(run.openPosition).not.toBeNull();
      expect(run.finalEquity).toBe(10_000);
    }),
  );
});

test('equity is the capital plus the P&L of all trades, and trades never overlap', () => {
  fc.assert(
    fc.property(crossStrategies, walks(), (definition, columns) => {
      const { trades, openPosition, finalEquity, feesPaid } = runBacktest(input(definition, columns));
      const pnl = trades.reduce((sum, trade) => sum + trade.pnl, openPosition?.unrealizedPnl ?? 0);
      expect(finalEquity).toBeCloseTo(10_000 + pnl, 6);
      const fees = trades.reduce((sum, { entryFee, exitFee }) => sum + entryFee + exitFee, openPosition?.entryFee ?? 0);
      expect(feesPaid).toBeCloseTo(fees, 6);
      trades.forEach((trade, i) => {
        expect(trade.exitBar).toBeGreaterThanOrEqual(trade.entryBar);
        if (i > 0) expect(trade.entryBar).toBeGreaterThanOrEqual(trades[i - 1]!.exitBar);
      });
    }),
  );
});

const shuffledKeys = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(shuffledKeys);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([key, inner]) => [key, shuffledKeys(inner)]),
  );
};

test('the same input gives the same bytes, whatever the order of the keys in the file', () => {
  fc.assert(
    fc.property(crossStrategies, walks(), (definition, columns) => {
      const bytes = (of: StrategyDefinition): string =>
        JSON.stringify(backtestMetrics(runBacktest(input(of, columns))));
      expect(bytes(definition)).toBe(bytes(definition));
      expect(bytes(shuffledKeys(definition) as StrategyDefinition)).toBe(bytes(definition));
    }),
  );
});
