import { afterAll, expect, test } from 'vitest';
import { backtestTask } from '../../src/compute/backtest-task.ts';
import { createComputePool } from '../../src/compute/pool.ts';
import { shareColumns } from '../../src/domain/market/columns.ts';
import { flat, levels } from '../domain/backtest/markets.ts';

const pool = createComputePool({ size: 2 });
afterAll(() => pool.close());

const wave = (bars: number) => flat(Array.from({ length: bars }, (_, i) => 100 + Math.round(10 * Math.sin(i / 7))));
const input = (bars: number) => ({
  definition: levels(105, 95),
  columns: wave(bars),
  capital: 1_000,
  feeRates: { maker: 0.001, taker: 0.001 },
  slippageBps: 0,
});

test('a thread gives what the calling thread would', async () => {
  const { metrics, bars } = await pool.backtest(input(2_000));
  expect(metrics).toEqual(backtestTask(input(2_000)).metrics);
  expect(metrics.total_trades).toBeGreaterThan(10);
  expect(bars).toBe(2_000);
});

test('many at once are all answered, over shared candles', async () => {
  const columns = shareColumns(wave(500));
  const outcomes = await Promise.all(
    Array.from({ length: 20 }, (_, i) => pool.backtest({ ...input(0), columns, capital: 1_000 + i })),
  );
  expect(outcomes.map(({ metrics }) => metrics.initial_capital)).toEqual(outcomes.map((_, i) => 1_000 + i));
});

test('a refusal arrives by its name, and the thread goes on', async () => {
  await expect(pool.backtest({ ...input(10), capital: -1 })).rejects.toMatchObject({
    name: 'BadInput',
    next: 'give a number above 0',
  });
  await expect(pool.backtest(input(10))).resolves.toMatchObject({ bars: 10 });
});

test('the event loop of the caller turns while a run is busy', async () => {
  let turns = 0;
  let done = false;
  const turn = (): void => {
    turns += 1;
    if (!done) setImmediate(turn);
  };
  setImmediate(turn);
  await pool.backtest(input(300_000));
  done = true;
  expect(turns).toBeGreaterThan(10);
});

test('an abort ends a run at once, whether running or waiting, and the pool goes on', async () => {
  const alone = createComputePool({ size: 1 });
  const running = new AbortController();
  const waiting = new AbortController();
  const reason = new Error('cancelled by the test');
  const started = Promise.withResolvers<void>();
  const busy = alone.backtest(input(2_000_000), { signal: running.signal, onStart: started.resolve });
  const queued = alone.backtest(input(10), { signal: waiting.signal });
  const patient = alone.backtest(input(20));
  await started.promise;
  waiting.abort(reason);
  await expect(queued).rejects.toBe(reason);
  running.abort(reason);
  await expect(busy).rejects.toBe(reason);
  await expect(patient).resolves.toMatchObject({ bars: 20 });
  await alone.close();
});

test('an abort before the start runs nothing', async () => {
  await expect(pool.backtest(input(10), { signal: AbortSignal.abort(new Error('early')) })).rejects.toThrow('early');
});

test('closing rejects what is left', async () => {
  const closing = createComputePool({ size: 1 });
  const left = closing.backtest(input(500_000));
  const settled = expect(left).rejects.toThrow('closed');
  await closing.close();
  await settled;
  await expect(closing.backtest(input(10))).rejects.toThrow('closed');
});
