import { afterAll, expect, test, vi } from 'vitest';
import { backtestSteps, backtestTask } from '../../src/compute/backtest-task.ts';
import { createComputePool, shareInput } from '../../src/compute/pool.ts';
import { shareColumns } from '../../src/domain/market/columns.ts';
import { createProgress } from '../../src/compute/progress.ts';
import type { StrategyDefinition } from '../../src/domain/strategy/definition.ts';
import { flat, levels } from '../domain/backtest/markets.ts';

// Threads and processes start slowly where other tests keep the cores busy.
vi.setConfig({ testTimeout: 60_000 });

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

test('a run counts its steps where its caller can read them while it goes on', async () => {
  const progress = createProgress(backtestSteps);
  const seen = new Set<number>();
  const watch = setInterval(() => seen.add(progress.done), 1);
  await pool.backtest(input(300_000), { progress });
  clearInterval(watch);
  expect(progress).toMatchObject({ done: backtestSteps, total: backtestSteps });
  expect([...seen].some((done) => done > 0 && done < backtestSteps)).toBe(true);
});

test('a refusal arrives by its name, and the thread goes on', async () => {
  await expect(pool.backtest({ ...input(10), capital: -1 })).rejects.toMatchObject({
    name: 'BadInput',
    next: 'give a number above 0',
  });
  await expect(pool.backtest(input(10))).resolves.toMatchObject({ bars: 10 });
});

test('a thread that dies rejects its run by name, and another takes its place', async () => {
  const alone = createComputePool({ size: 1 });
  const broken = { ...input(10), definition: null as unknown as StrategyDefinition };
  const lost = alone.backtest(broken);
  const patient = alone.backtest(input(10));
  await expect(lost).rejects.toMatchObject({
    name: 'ComputeThreadLost',
    message: expect.stringContaining('the thread of a run was lost'),
    cause: expect.any(TypeError),
  });
  await expect(patient).resolves.toMatchObject({ bars: 10 });
  await alone.close();
});

test('a run that needs more memory than a thread may take is ended by name', async () => {
  const small = createComputePool({ size: 1, heapMb: 16 });
  const zigzag = flat(Array.from({ length: 300_000 }, (_, i) => (i % 2 === 0 ? 99.9 : 100.1)));
  await expect(small.backtest({ ...input(0), definition: levels(100, 100), columns: zigzag })).rejects.toMatchObject({
    name: 'ComputeThreadLost',
    message: 'a run needed more than 16 MB',
    next: 'give it a shorter period, or a strategy that trades less often',
  });
  await expect(small.backtest(input(10))).resolves.toMatchObject({ bars: 10 });
  await small.close();
});

test('no more runs wait than the pool is told', async () => {
  const narrow = createComputePool({ size: 1, mostWaiting: 1 });
  const [running, waiting] = [narrow.backtest(input(10)), narrow.backtest(input(20))];
  await expect(narrow.backtest(input(30))).rejects.toMatchObject({ name: 'ComputePoolFull' });
  await expect(running).resolves.toMatchObject({ bars: 10 });
  await expect(waiting).resolves.toMatchObject({ bars: 20 });
  await expect(narrow.backtest(input(30))).resolves.toMatchObject({ bars: 30 });
  await narrow.close();
});

test('candles of other markets are shared as well, not copied for every run', () => {
  const markets = { 'ETHUSDT:1m': wave(100) };
  const shared = shareInput({ ...input(100), markets });
  expect(shared.columns.close.buffer).toBeInstanceOf(SharedArrayBuffer);
  expect(shared.markets?.['ETHUSDT:1m']?.volume.buffer).toBeInstanceOf(SharedArrayBuffer);
  expect(shareInput(shared).columns).toBe(shared.columns);
});

test('threads that were started early take the first runs', async () => {
  const early = createComputePool({ size: 2 });
  early.warmUp();
  await expect(early.backtest(input(10))).resolves.toMatchObject({ bars: 10 });
  await early.close();
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
