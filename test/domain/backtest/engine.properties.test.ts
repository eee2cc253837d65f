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

const volumeShares = fc.constantFrom(null, 0.5, 2 / 3);

const thousandths = { tickSize: '0.01', stepSize: '0.001', minQuantity: '0.001', maxQuantity: '0', minNotional: '5' };

/** A length that leaves every strategy of `crossStrategies` bars after its warm-up. */
const longEnough = (cut: number, { length }: CandleColumns): number => 14 + (cut % (length - 13));

test('cutting the data after bar i changes nothing before it', () => {
  fc.assert(
    fc.property(crossStrategies, walks(), fc.nat(), (definition, columns, cut) => {
      const length = longEnough(cut, columns);
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
      const length = longEnough(cut, columns);
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

test('prices and capital doubled double the equity and the P&L', () => {
  fc.assert(
    fc.property(crossStrategies, walks(), (definition, columns) => {
      fc.pre(definition.risk_params.position_size.type !== 'fixed_quote');
      const twice = (values: Float64Array): Float64Array => values.map((value) => value * 2);
      const { open, high, low, close } = columns;
      const doubled = { ...columns, open: twice(open), high: twice(high), low: twice(low), close: twice(close) };
      const before = runBacktest(input(definition, columns));
      const after = runBacktest({ ...input(definition, doubled), capital: 20_000 });
      expect([...after.equity]).toEqual([...twice(before.equity)]);
      expect(after.trades.map(({ pnl }) => pnl)).toEqual(before.trades.map(({ pnl }) => pnl * 2));
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

test('equity is the capital plus the P&L of all trades, and no more positions are open than the strategy allows', () => {
  fc.assert(
    fc.property(crossStrategies, walks(200, 20, 0), volumeShares, (definition, columns, volumeShare) => {
      const run = runBacktest({ ...input(definition, columns), volumeShare });
      const { trades, openPosition, finalEquity, feesPaid } = run;
      const open = (openPosition?.unrealizedPnl ?? 0) + (openPosition?.realizedPnl ?? 0);
      const pnl = trades.reduce((sum, trade) => sum + trade.pnl, open);
      expect(finalEquity).toBeCloseTo(10_000 + pnl, 6);
      if (openPosition === null) {
        const fees = trades.reduce((sum, { entryFee, exitFee }) => sum + entryFee + exitFee, 0);
        expect(feesPaid).toBeCloseTo(fees, 6);
      }
      const most = definition.risk_params.max_open_positions ?? 1;
      for (const { entryBar, exitBar } of trades) {
        expect(exitBar).toBeGreaterThanOrEqual(entryBar);
        const open = trades.filter((other) => other.entryBar <= entryBar && other.exitBar > entryBar);
        expect(open.length).toBeLessThanOrEqual(most);
      }
    }),
  );
});

test('the equity of every bar follows from the fills up to it', () => {
  fc.assert(
    fc.property(crossStrategies, walks(200, 20, 0), volumeShares, (definition, columns, volumeShare) => {
      const run = runBacktest({ ...input(definition, columns), volumeShare });
      fc.pre(run.openPosition === null);
      const direction = definition.risk_params.side === 'LONG' ? 1 : -1;
      for (let bar = 0; bar < columns.length; bar += 1) {
        let expected = 10_000;
        for (const { entryBar, entryPrice, quantity, entryFee, exits } of run.trades) {
          if (entryBar > bar) continue;
          const gone = exits.filter((exit) => exit.bar <= bar);
          const held = gone.reduce((left, exit) => left - exit.quantity, quantity);
          expected += direction * held * (columns.close[bar]! - entryPrice) - entryFee;
          for (const exit of gone) expected += direction * exit.quantity * (exit.price - entryPrice) - exit.fee;
        }
        expect(run.equity[bar]).toBeCloseTo(expected, 6);
      }
    }),
  );
});

test('every fill lies in its bar before slippage, within its share of the volume, and parts add up', () => {
  fc.assert(
    fc.property(
      crossStrategies,
      walks(200, 20, 0),
      volumeShares,
      fc.boolean(),
      (definition, columns, volumeShare, fitted) => {
        const filters = fitted ? thousandths : null;
        const { trades } = runBacktest({ ...input(definition, columns), slippageBps: 0, volumeShare, filters });
        const { low, high, volume } = columns;
        const inside = (bar: number, price: number): void => {
          expect(price).toBeGreaterThanOrEqual(low[bar]!);
          expect(price).toBeLessThanOrEqual(high[bar]!);
        };
        for (const { entryBar, entryPrice, quantity, exits } of trades) {
          inside(entryBar, entryPrice);
          exits.forEach(({ bar, price }) => inside(bar, price));
          expect(exits.reduce((total, exit) => total + exit.quantity, 0)).toBeCloseTo(quantity, 9);
          if (fitted) {
            for (const traded of [quantity, ...exits.map((exit) => exit.quantity)]) {
              expect(Math.round(traded * 1_000) / 1_000).toBe(traded);
            }
          }
          if (volumeShare === null) continue;
          expect(quantity).toBeLessThanOrEqual(volume[entryBar]! * volumeShare);
          for (const exit of exits) expect(exit.quantity).toBeLessThanOrEqual(volume[exit.bar]! * volumeShare);
        }
      },
    ),
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
