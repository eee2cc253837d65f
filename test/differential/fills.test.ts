import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import type { BacktestRun, TradeRecord } from '../../src/domain/backtest/backtest-run.ts';
import { runBacktest } from '../../src/domain/backtest/engine.ts';
import { backtestMetrics } from '../../src/domain/backtest/metrics.ts';
import { candlesPath, inputOf } from './cases.ts';
import type { Case, Convention } from './cases.ts';
import { differences } from './differences.ts';
import type { Way } from './differences.ts';
import { comparisons, libraries } from './libraries.ts';
import type { LibraryRun } from './libraries.ts';

/** Relative, of every price, quantity, P&L and equity. */
const tolerance = 1e-9;

const expectClose = (found: number, wanted: number, scale: number, what: string): void => {
  expect(Math.abs(found - wanted) / scale, `${what}: ${found}, not ${wanted}`).toBeLessThan(tolerance);
};

/** Runs a case over its candles, its trades in the order of their entries. */
const runOf = async (given: Case): Promise<{ run: BacktestRun; trades: readonly TradeRecord[] }> => {
  const run = runBacktest(await inputOf(given, candlesPath(given.candles)!));
  return { run, trades: run.trades.toSorted((a, b) => a.entryBar - b.entryBar) };
};

const expectTrade = (trade: TradeRecord, expected: LibraryRun['trades'], i: number): void => {
  const where = `trade ${i}, entered on bar ${trade.entryBar}`;
  expect([trade.entryBar, trade.exitBar], where).toEqual([expected.entryBar[i], expected.exitBar[i]]);
  for (const key of ['entryPrice', 'exitPrice', 'quantity'] as const)
    expectClose(trade[key], expected[key][i]!, expected[key][i]!, `${where}, ${key}`);
  expectClose(trade.pnl, expected.pnl[i]!, trade.quantity * trade.entryPrice, `${where}, P&L`);
};

const expectEquity = (run: BacktestRun, { bars, equity }: LibraryRun): void => {
  expect(run.equity.length).toBe(bars);
  equity.sampled.forEach((value, i) =>
    expectClose(run.equity[i * equity.step]!, value, value, `bar ${i * equity.step}`),
  );
  let [lowest, highest, sum] = [Number.POSITIVE_INFINITY, 0, 0];
  for (const value of run.equity) {
    lowest = Math.min(lowest, value);
    highest = Math.max(highest, value);
    sum += value;
  }
  const found = { lowest, highest, sum, final: run.finalEquity };
  for (const key of ['lowest', 'highest', 'sum', 'final'] as const)
    expectClose(found[key], equity[key], equity[key], key);
};

const needing = ({ candles }: Case) =>
  candlesPath(candles) === null ? ` (skipped: needs ${candles} beside the checkout)` : '';

describe('the same trades at the same prices, and the same equity on every bar', () => {
  for (const { given, expected } of comparisons.filter((each) => each.given.differs === undefined)) {
    test.skipIf(candlesPath(given.candles) === null)(given.name + needing(given), async () => {
      const { run, trades } = await runOf(given);
      expect(trades).toHaveLength(expected.trades.pnl.length);
      trades.forEach((trade, i) => expectTrade(trade, expected.trades, i));
      expectEquity(run, expected);
      const figures = backtestMetrics(run);
      for (const [name, value] of Object.entries(expected.figures ?? {})) {
        if (name in figures) expectClose(figures[name as 'win_rate'] ?? Number.NaN, value, Math.abs(value) || 1, name);
      }
    });
  }
});

describe('another convention makes the difference it should make, and no other', () => {
  for (const { given, expected } of comparisons) {
    for (const [convention, effect] of Object.entries(given.differs ?? {})) {
      test.skipIf(candlesPath(given.candles) === null)(`${given.name}: ${convention}${needing(given)}`, async () => {
        const { run, trades } = await runOf(given);
        const { columns } = run.input;
        const found = trades.map((trade) => differences[convention as Convention](trade, given, columns));
        expect(trades).toHaveLength(expected.trades.pnl.length);
        trades.forEach((trade, i) => expectWay(found[i] ?? trade, expected.trades, i));
        expect(found.filter((way, i) => way !== null && isOther(way, trades[i]!))).toHaveLength(effect.trades);
        expect(effect.trades).toBeGreaterThan(0);
        expect(Number(((expected.equity.final / run.finalEquity - 1) * 100).toFixed(1))).toBe(effect.equityPct);
      });
    }
  }
});

const isOther = (way: Way, trade: TradeRecord): boolean =>
  way.exitBar !== trade.exitBar || Math.abs(way.exitPrice / trade.exitPrice - 1) > tolerance;

const expectWay = (way: Way, { exitBar, entryPrice, exitPrice }: LibraryRun['trades'], i: number): void => {
  expect(way.exitBar, `trade ${i}`).toBe(exitBar[i]);
  expectClose(way.entryPrice, entryPrice[i]!, entryPrice[i]!, `trade ${i}, entry`);
  expectClose(way.exitPrice, exitPrice[i]!, exitPrice[i]!, `trade ${i}, exit`);
};

test('every kind of case runs without the files beside the checkout, over candles of the repository', () => {
  const kinds = (file: string): readonly string[] =>
    comparisons.filter(({ given }) => given.candles === file).map(({ given }) => given.name.replace(/, [^:]*:/, ':'));
  const here = new Set(kinds('coarse-walk-1h.csv'));
  expect(comparisons.map(({ given }) => given.name.replace(/, [^:]*:/, ':')).filter((kind) => !here.has(kind))).toEqual(
    [],
  );
});

test('docs/metrics.md has the effect of every other convention', async () => {
  const docs = await readFile(new URL('../../docs/metrics.md', import.meta.url), 'utf8');
  const section = docs.slice(docs.indexOf('## Where others differ'));
  for (const effect of comparisons.flatMap(({ given }) => Object.values(given.differs ?? {}))) {
    const { equityPct } = effect;
    expect(section).toContain(`${equityPct < 0 ? '−' : '+'}${Math.abs(equityPct).toFixed(1)} %`);
  }
});

test('every run of a library belongs to a case', () => {
  const runs = Object.values(libraries).flatMap((library) => library.cases.map(({ name }) => name));
  expect(runs.toSorted()).toEqual(comparisons.map(({ given }) => given.name).toSorted());
});
