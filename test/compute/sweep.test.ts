import { monitorEventLoopDelay } from 'node:perf_hooks';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { backtestTask } from '../../src/compute/backtest-task.ts';
import { createComputePool } from '../../src/compute/pool.ts';
import type { ComputePool } from '../../src/compute/pool.ts';
import { sweep } from '../../src/compute/sweep.ts';
import type { SweepOptions, SweepRow } from '../../src/compute/sweep.ts';
import type { BacktestInput } from '../../src/domain/backtest/backtest-run.ts';
import { combinationAt, parameterSpace, sampledSpace, wholeSpace } from '../../src/domain/backtest/parameter-space.ts';
import type { StrategyDefinition } from '../../src/domain/strategy/definition.ts';
import { market } from '../domain/backtest/markets.ts';

// Threads and processes start slowly where other tests keep the cores busy.
vi.setConfig({ testTimeout: 60_000 });

const pool = createComputePool({ size: 2 });
afterAll(() => pool.close());

/** A wave on a slope, in cents, with bars that reach around it. */
const wave = (bars: number) =>
  market(
    Array.from({ length: bars }, (_, i) => {
      const at = (bar: number): number => Math.round(10_000 + 900 * Math.sin(bar / 9) + 400 * Math.sin(bar / 31)) / 100;
      const [open, close] = [at(i), at(i + 1)];
      return [open, Math.max(open, close) + 0.2, Math.min(open, close) - 0.3, close] as const;
    }),
  );

const cross: StrategyDefinition = {
  name: 'cross',
  strategy_type: 'momentum',
  symbol: 'BTCUSDT',
  interval: '1m',
  parameters: { fast: 3, slow: 12, level: 99 },
  entry_conditions: {
    all: [
      {
        left: { indicator: 'SMA', period: { param: 'fast' } },
        op: 'crosses_above',
        right: { indicator: 'EMA', period: { param: 'slow' } },
      },
      { left: { price: 'close' }, op: '<', right: { param: 'level' } },
    ],
  },
  exit_conditions: {
    left: { indicator: 'SMA', period: { param: 'fast' } },
    op: 'crosses_below',
    right: { indicator: 'EMA', period: { param: 'slow' } },
  },
  risk_params: { side: 'LONG', position_size: { type: 'equity_fraction', value: 1 }, stop_loss_pct: 3 },
};

const input = (bars: number, definition = cross): BacktestInput => ({
  definition,
  columns: wave(bars),
  capital: 1_000,
  feeRates: { maker: 0.0005, taker: 0.001 },
  slippageBps: 2,
});

const grid = { fast: [2, 3, 5], slow: { from: 8, to: 20, step: 4 }, level: [98, 101.5] };

const rowsOf = async (
  given: BacktestInput,
  {
    values = grid,
    draw,
    on = pool,
    ...options
  }: { values?: unknown; draw?: number; on?: ComputePool } & SweepOptions = {},
): Promise<SweepRow[]> => {
  const space = parameterSpace(values, given.definition.parameters);
  const places = draw === undefined ? wholeSpace(space) : sampledSpace(space, draw, 1);
  const rows: SweepRow[] = [];
  for await (const row of sweep(on, { input: given, space, places }, options)) rows.push(row);
  return rows;
};

/** What the single backtest of the same parameters says. */
const single = (given: BacktestInput, parameters: SweepRow['parameters']): SweepRow => {
  const { metrics } = backtestTask({ ...given, definition: { ...given.definition, parameters } }, { validates: false });
  const {
    start_date: _start,
    end_date: _end,
    monthly_returns: _months,
    trade_log: _log,
    metadata: _meta,
    ...figures
  } = metrics;
  return { parameters, ...figures };
};

describe('a sweep', () => {
  test('gives exactly what single backtests give, in the order of the space', async () => {
    const given = input(3_000);
    const space = parameterSpace(grid, cross.parameters);
    const expected = [...wholeSpace(space)].map((place) =>
      single(given, combinationAt(space, place, cross.parameters)),
    );
    const rows = await rowsOf(given);
    expect(rows).toEqual(expected);
    expect(rows).toHaveLength(24);
    expect(new Set(rows.map(({ final_capital }) => final_capital)).size).toBeGreaterThan(12);
    expect(rows.every(({ total_trades }) => total_trades > 5)).toBe(true);
  });

  test('gives the same on one thread as on several, and again', async () => {
    const alone = createComputePool({ size: 1 });
    const rows = await rowsOf(input(1_000), { on: alone });
    await alone.close();
    expect(await rowsOf(input(1_000))).toEqual(rows);
    expect(await rowsOf(input(1_000))).toEqual(rows);
  });

  test('draws some of the space', async () => {
    const all = await rowsOf(input(1_000));
    const some = await rowsOf(input(1_000), { draw: 5 });
    expect(some).toHaveLength(5);
    expect(all).toEqual(expect.arrayContaining(some));
  });

  test('looks at other markets', async () => {
    const spread: StrategyDefinition = {
      ...cross,
      parameters: { slow: 10 },
      entry_conditions: {
        left: { price: 'close', market: { symbol: 'ETHUSDT' } },
        op: '>',
        right: { indicator: 'SMA', period: { param: 'slow' }, market: { symbol: 'ETHUSDT' } },
      },
      exit_conditions: {
        left: { price: 'close', market: { symbol: 'ETHUSDT' } },
        op: '<',
        right: { indicator: 'SMA', period: { param: 'slow' }, market: { symbol: 'ETHUSDT' } },
      },
    };
    const given = { ...input(1_000, spread), markets: { 'ETHUSDT:1m': wave(1_000) } };
    const [row, ...others] = await rowsOf(given, { values: { slow: [10, 20, 30] } });
    expect(row).toEqual(single(given, { slow: 10 }));
    expect(row?.total_trades).toBeGreaterThan(5);
    expect(others).toHaveLength(2);
  });

  test('counts what is done, up to all of it', async () => {
    const seen: number[] = [];
    await rowsOf(input(1_000), { onProgress: ({ done, total }) => seen.push(done / total) });
    expect(seen.at(-1)).toBe(1);
    expect(seen).toEqual(seen.toSorted((a, b) => a - b));
  });

  test('says how far it is while it runs', async () => {
    const { promise: midway, resolve } = Promise.withResolvers<number>();
    const rows = rowsOf(input(100_000), {
      values: { fast: { from: 2, to: 41 }, slow: { from: 42, to: 61 } },
      onProgress: ({ done, total }) => {
        if (done > 0 && done < total) resolve(done);
      },
    });
    expect(await midway).toBeGreaterThan(0);
    expect(await rows).toHaveLength(800);
  });
});

describe('a sweep that cannot run is refused before it starts', () => {
  test.each<[string, unknown, string, string]>([
    [
      'a period of 0',
      { fast: [5, 0] },
      'BadStrategy',
      "'cross' with fast=0, slow=12, level=99: parameters.fast: found 0, allowed: a whole number from 1 to 5000",
    ],
    ['a period that is no whole number', { slow: [12.5] }, 'BadStrategy', 'parameters.slow: found 12.5'],
    [
      'more bars to warm up than there are',
      { slow: [12, 400] },
      'NotEnoughCandles',
      "'cross' with fast=3, slow=400, level=99 needs more than 400 candles of BTCUSDT 1m",
    ],
  ])('%s', async (_what, values, name, message) => {
    const started: number[] = [];
    const onProgress = ({ done }: { done: number }): void => void started.push(done);
    await expect(rowsOf(input(300), { values, onProgress })).rejects.toMatchObject({
      name,
      message: expect.stringContaining(message),
    });
    expect(started).toEqual([]);
  });

  test('and what only the run finds ends it by its name, and the pool goes on', async () => {
    await expect(rowsOf({ ...input(300), capital: -1 })).rejects.toMatchObject({ name: 'BadInput' });
    expect(await rowsOf(input(300))).toHaveLength(24);
  });
});

describe('a sweep beside other work', () => {
  const large = { values: { fast: { from: 2, to: 41 }, slow: { from: 42, to: 61 } } };

  test('ends at once when it is cancelled, and the pool goes on', async () => {
    const cancelled = new AbortController();
    const reason = new Error('cancelled by the test');
    const rows = rowsOf(input(100_000), {
      ...large,
      signal: cancelled.signal,
      onProgress: ({ done }) => {
        if (done > 0) cancelled.abort(reason);
      },
    });
    await expect(rows).rejects.toBe(reason);
    expect(await rowsOf(input(300))).toHaveLength(24);
  });

  test('runs nothing when it was cancelled before', async () => {
    const signal = AbortSignal.abort(new Error('early'));
    await expect(rowsOf(input(300), { signal })).rejects.toThrow();
  });

  test('runs no further than its reader reads', async () => {
    const given = input(300);
    const space = parameterSpace(large.values, cross.parameters);
    let asked = 0;
    const counting: ComputePool = {
      ...pool,
      sweepTask: (task, options) => {
        asked += 1;
        return pool.sweepTask(task, options);
      },
    };
    const rows = sweep(counting, { input: given, space, places: wholeSpace(space) });
    await rows.next();
    expect(asked).toBe(2 * pool.size);
    const perTask = Math.ceil(space.size / (pool.size * 8));
    for (let row = 1; row <= perTask; row += 1) await rows.next();
    expect(asked).toBe(2 * pool.size + 1);
    await rows.return(undefined);
    expect(await rowsOf(given)).toHaveLength(24);
    expect(asked).toBe(2 * pool.size + 1);
  });

  test('keeps its indicators apart from those of another sweep at the same time', async () => {
    const waves = [input(1_000), input(1_400)];
    const together = await Promise.all(waves.map((given) => rowsOf(given)));
    expect(together).toEqual([await rowsOf(waves[0]!), await rowsOf(waves[1]!)]);
    expect(together[0]).not.toEqual(together[1]);
  });

  test('that fails leaves no thread behind that still ends', async () => {
    for (let round = 0; round < 10; round += 1) {
      await expect(rowsOf({ ...input(300), capital: -1 })).rejects.toMatchObject({ name: 'BadInput' });
      expect(await rowsOf(input(300))).toHaveLength(24);
    }
  });

  test('leaves the event loop of its caller free', async () => {
    const given = input(100_000);
    await pool.backtest(given);
    const delay = monitorEventLoopDelay({ resolution: 5 });
    delay.enable();
    const before = performance.eventLoopUtilization();
    const started = performance.now();
    const rows = await rowsOf(given, large);
    const elapsed = performance.now() - started;
    const { utilization } = performance.eventLoopUtilization(before);
    delay.disable();
    expect(rows).toHaveLength(800);
    // Run here, the sweep would use the loop all the time and hold it to the end; shares of its time hold on a busy machine as well.
    expect(utilization).toBeLessThan(0.5);
    expect(delay.max / 1e6 / elapsed).toBeLessThan(0.25);
  });
});
