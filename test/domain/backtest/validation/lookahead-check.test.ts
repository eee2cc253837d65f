import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { BacktestInput } from '../../../../src/domain/backtest/backtest-run.ts';
import { cutPoints } from '../../../../src/domain/backtest/validation/cut-points.ts';
import { lookaheadCheck, observedRun } from '../../../../src/domain/backtest/validation/lookahead-check.ts';
import type { BacktestRunner } from '../../../../src/domain/backtest/validation/lookahead-check.ts';
import type { CandleColumns } from '../../../../src/domain/market/candle.ts';
import { crossStrategies, flat, levels, walks } from '../markets.ts';
import { inputOf, spreadInputs } from './inputs.ts';

test('the engine passes on random walks, whatever the strategy and the other markets it looks at', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        spreadInputs,
        fc.tuple(crossStrategies, walks(200, 40)).map(([d, c]) => inputOf(d, c)),
      ),
      (input) => {
        const check = lookaheadCheck(input);
        expect(check).toEqual({ checked: expect.any(Number), mismatches: [], pass: true });
        expect(check.checked).toBeGreaterThan(5);
        expect(check.checked).toBeLessThanOrEqual(20);
      },
    ),
  );
});

const wave = flat(Array.from({ length: 400 }, (_, bar) => 100 + Math.round(10 * Math.sin(bar / 7)) + (bar % 3)));
const onWave = inputOf(levels(104, 99), wave);

/** Each price stands where the next one's place is; the last is its own next one. */
const ahead = (values: Float64Array): Float64Array =>
  values.map((_, bar) => values[Math.min(bar + 1, values.length - 1)]!);

/** Runs the engine over candles that a cheat has changed. */
const over =
  (cheat: (columns: CandleColumns) => CandleColumns): BacktestRunner =>
  (input) =>
    observedRun({ ...input, columns: cheat(input.columns) });

describe('a run that looks ahead is caught', () => {
  test('where its signals know the next close', () => {
    const check = lookaheadCheck(onWave, { runner: over((columns) => ({ ...columns, close: ahead(columns.close) })) });
    expect(check.pass).toBe(false);
    const bySignals = check.mismatches.filter(({ what }) => what === 'signals');
    expect(bySignals.length).toBeGreaterThan(0);
    for (const { cut, bar } of bySignals) expect(bar).toBe(cut - 1);
  });

  test('where its fills know the next open', () => {
    const runner = over((columns) => ({
      ...columns,
      open: ahead(columns.open),
      high: ahead(columns.high),
      low: ahead(columns.low),
    }));
    const { mismatches, pass } = lookaheadCheck(onWave, { runner });
    expect(pass).toBe(false);
    expect(mismatches.map(({ what }) => what)).toEqual(expect.arrayContaining(['equity', 'trades']));
    expect(mismatches.every(({ cut, bar }) => bar < cut)).toBe(true);
  });

  test('where its prices are scaled by the highest of all candles', () => {
    const rising = flat(Array.from({ length: 300 }, (_, bar) => 50 + bar / 10 + 8 * Math.sin(bar / 5)));
    const runner = over((columns) => {
      const highest = Math.max(...columns.high);
      const scaled = (values: Float64Array): Float64Array => values.map((value) => value / highest);
      return {
        ...columns,
        open: scaled(columns.open),
        high: scaled(columns.high),
        low: scaled(columns.low),
        close: scaled(columns.close),
      };
    });
    expect(lookaheadCheck(inputOf(levels(0.6, 0.5), rising), { runner }).pass).toBe(false);
  });

  test('where its signals alone are other ones', () => {
    const runner: BacktestRunner = (input) => {
      const { trades, equity, signals } = observedRun(input);
      return {
        trades,
        equity,
        signals: signals.map((each, bar) => each ^ (bar === 20 ? input.columns.length % 2 : 0)),
      };
    };
    const { mismatches } = lookaheadCheck(onWave, { runner });
    expect(mismatches.length).toBeGreaterThan(0);
    for (const { what, bar } of mismatches) expect([what, bar]).toEqual(['signals', 20]);
  });

  test('where it looks at a candle of another market that has not closed yet', () => {
    const minutes = { 'ETHUSDT:1m': wave };
    const definition = {
      ...levels(0, 0),
      entry_conditions: { left: { price: 'close', market: { symbol: 'ETHUSDT' } }, op: '>', right: 104 } as const,
      exit_conditions: { left: { price: 'close', market: { symbol: 'ETHUSDT' } }, op: '<', right: 99 } as const,
    };
    const input: BacktestInput = { ...inputOf(definition, wave), markets: minutes };
    expect(lookaheadCheck(input).pass).toBe(true);
    const runner: BacktestRunner = (each) => {
      const other = each.markets!['ETHUSDT:1m']!;
      return observedRun({ ...each, markets: { 'ETHUSDT:1m': { ...other, close: ahead(other.close) } } });
    };
    expect(lookaheadCheck(input, { runner }).pass).toBe(false);
  });
});

describe('the cuts', () => {
  test('are in order, each once, within the range, and as many as asked at most', () => {
    fc.assert(
      fc.property(crossStrategies, walks(200, 40), fc.integer({ min: 1, max: 40 }), (definition, columns, count) => {
        const { trades } = observedRun(inputOf(definition, columns));
        const cuts = cutPoints({ from: 10, to: columns.length }, trades, count);
        expect(cuts.length).toBeGreaterThan(0);
        expect(cuts.length).toBeLessThanOrEqual(count);
        expect(cuts).toEqual([...new Set(cuts)].toSorted((a, b) => a - b));
        expect(cuts[0]).toBeGreaterThanOrEqual(10);
        expect(cuts.at(-1)).toBeLessThan(columns.length);
      }),
    );
  });

  test('lie at entries and exits, and together have little more than two and a half times the bars', () => {
    const { trades } = observedRun(onWave);
    const cuts = cutPoints({ from: 1, to: wave.length }, trades, 20);
    const nearTrades = new Set(trades.flatMap(({ entryBar, exitBar }) => [entryBar, entryBar + 1, exitBar + 1]));
    expect(cuts.filter((cut) => nearTrades.has(cut)).length).toBeGreaterThanOrEqual(8);
    const without = cutPoints({ from: 1, to: 100_000 }, [], 20);
    expect(without.length).toBeGreaterThanOrEqual(18);
    expect(without.reduce((left, right) => left + right, 0)).toBeLessThan(2.6 * 100_000);
  });

  test('are none where no bar is left to take away, and that does not pass', () => {
    expect(lookaheadCheck(inputOf(levels(10, 1), flat([9])))).toEqual({ checked: 0, mismatches: [], pass: false });
  });
});
