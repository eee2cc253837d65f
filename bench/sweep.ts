import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { createComputePool } from '../src/compute/pool.ts';
import { sweep } from '../src/compute/sweep.ts';
import { parseStrategy } from '../src/contracts/strategy-file.ts';
import { parameterSpace, wholeSpace } from '../src/domain/backtest/parameter-space.ts';
import { quickest, runJson } from './support/child.ts';
import { compileNative, writeNativeColumns } from './support/native.ts';
import { plainLoop } from './support/plain-loop.ts';
import { withTemporaryFolder } from './support/temporary-folder.ts';
import { vectorbtPython, vectorbtSweep } from './support/vectorbt.ts';
import { randomWalk } from './support/walk.ts';

/**
 * 100 combinations of a strategy file over 100,000 bars on all cores, with all of their figures, against hand-written loops over the
 * same combinations on one core, in JavaScript and in C. Each part runs in processes of its own, in turns, and the best round of all
 * counts. All must come to the same equities. See README.md.
 */
const bars = 100_000;
const fasts = [5, 10, 15, 20, 25, 30, 35, 40, 45, 50];
const slows = [60, 80, 100, 120, 140, 160, 180, 200, 220, 240];
const combinations = fasts.length * slows.length;
const turns = 3;
const rounds = 5;
const strategyFile = join(import.meta.dirname, '..', 'examples', 'sma-cross.json');

interface PartRun {
  /** Of the best round. */
  readonly seconds: number;
  /** Of the first, in which nothing is compiled yet; threads are started. */
  readonly firstSeconds: number;
  readonly finalEquities: readonly number[];
  /** Of the whole process, threads included, at the end of the first round and at its peak. */
  readonly firstPeakMib: number;
  readonly peakMib: number;
}

const peakMib = (): number => process.resourceUsage().maxRSS / 2 ** 10;

const measure = async (work: () => Promise<readonly number[]>, times: number): Promise<PartRun> => {
  let [seconds, firstSeconds, firstPeakMib] = [Infinity, 0, 0];
  let finalEquities: readonly number[] = [];
  for (let round = 0; round < times; round += 1) {
    const started = performance.now();
    finalEquities = await work();
    const taken = (performance.now() - started) / 1000;
    if (round === 0) [firstSeconds, firstPeakMib] = [taken, peakMib()];
    seconds = Math.min(seconds, taken);
  }
  return { seconds, firstSeconds, finalEquities, firstPeakMib, peakMib: peakMib() };
};

const poolOf = async (size: number, times: number): Promise<PartRun> => {
  const definition = parseStrategy(JSON.parse(await readFile(strategyFile, 'utf8')), strategyFile);
  const feeRates = { maker: 0.001, taker: 0.001 };
  const input = { definition, columns: randomWalk(bars), capital: 10_000, feeRates, slippageBps: 0 };
  const space = parameterSpace({ fast: fasts, slow: slows }, definition.parameters);
  const pool = createComputePool({ size });
  // As the command does: threads start while the candles are read.
  pool.warmUp();
  await Promise.all(Array.from({ length: size }, () => pool.backtest({ ...input, columns: randomWalk(300) })));
  const run = await measure(async () => {
    const equities: number[] = [];
    for await (const row of sweep(pool, { input, space, places: wholeSpace(space) })) equities.push(row.final_capital);
    return equities;
  }, times);
  await pool.close();
  return run;
};

const parts = {
  pool: (times: number) => poolOf(availableParallelism(), times),
  thread: (times: number) => poolOf(1, times),
  plain: (times: number) => {
    const columns = randomWalk(bars);
    const all = (): number[] => fasts.flatMap((fast) => slows.map((slow) => plainLoop(columns, fast, slow)));
    return measure(() => Promise.resolve(all()), times);
  },
};
type Part = keyof typeof parts;

const runPart = async (part: Part): Promise<PartRun> =>
  (await runJson<PartRun>(process.execPath, [import.meta.filename, part, String(rounds)])).answer;

const print = (text: string): void => void process.stdout.write(`${text}\n`);
const speed = (name: string, seconds: number, rest = ''): void => {
  const perSecond = (combinations * bars) / seconds / 1e6;
  print(`${name.padEnd(44)} ${perSecond.toFixed(2).padStart(7)} M combination·bars/s${rest}`);
};

const assertAgree = (name: string, equities: readonly number[], reference: readonly number[]): void => {
  const apart = equities.findIndex((equity, index) => !(Math.abs(equity / reference[index]! - 1) <= 1e-6));
  if (apart < 0 && equities.length === reference.length) return;
  print(`${name} comes to ${equities[apart]}, the pool to ${reference[apart]}: they should agree`);
  process.exitCode = 1;
};

const compare = async (folder: string): Promise<void> => {
  const columnsFile = join(folder, 'columns.f64');
  await writeNativeColumns(columnsFile, randomWalk(bars));
  const native = await compileNative(folder);
  const python = vectorbtPython();
  const runs = { pool: [] as PartRun[], thread: [] as PartRun[], plain: [] as PartRun[] };
  const nativeRuns = [];
  for (let turn = 0; turn < turns; turn += 1) {
    for (const part of Object.keys(runs) as Part[]) runs[part].push(await runPart(part));
    if (native !== null) nativeRuns.push(await native.sweep(columnsFile, fasts, slows));
  }
  const [pool, thread, plain] = [quickest(runs.pool), quickest(runs.thread), quickest(runs.plain)];
  const firstSeconds = Math.min(...runs.pool.map((run) => run.firstSeconds));
  const firstPeakMib = Math.max(...runs.pool.map((run) => run.firstPeakMib));

  speed(`pool, ${availableParallelism()} threads`, pool.seconds);
  speed('pool, the first sweep of its process', firstSeconds);
  speed('pool, one thread', thread.seconds);
  speed('plain JavaScript loop, one core', plain.seconds);
  assertAgree('the plain loop', plain.finalEquities, pool.finalEquities);
  assertAgree('one thread', thread.finalEquities, pool.finalEquities);
  if (nativeRuns.length === 0) print('C left out: no compiler (cc, gcc or clang)');
  else {
    const reference = quickest(nativeRuns);
    assertAgree('the C loop', reference.finalEquities, pool.finalEquities);
    speed(`C loop (${native?.compiler} -O3), one core`, reference.seconds);
    print(`ratio pool / C loop on one core ${(reference.seconds / pool.seconds).toFixed(3)}`);
  }
  print(
    `memory with all threads: ${firstPeakMib.toFixed(0)} MiB after one sweep, ${pool.peakMib.toFixed(0)} MiB after ${rounds}`,
  );
  if (python === null) print('vectorbt left out: MASTERTRADE_BENCH_PYTHON names no Python that has it');
  else {
    const { answer } = await vectorbtSweep(python, columnsFile, { fasts, slows, rounds: 3 });
    speed('vectorbt', answer.seconds, `   ${answer.peakMib.toFixed(0)} MiB`);
    print(`ratio memory of one sweep / vectorbt ${(firstPeakMib / answer.peakMib).toFixed(3)}`);
    print(`ratio first sweep / vectorbt ${(answer.seconds / firstSeconds).toFixed(1)}`);
    print(`ratio pool / vectorbt ${(answer.seconds / pool.seconds).toFixed(1)}`);
  }
  print(`ratio pool / plain JavaScript loop on one core ${(plain.seconds / pool.seconds).toFixed(3)}`);
};

const [part, times] = process.argv.slice(2);
if (part !== undefined && part in parts) print(JSON.stringify(await parts[part as Part](Number(times))));
else await withTemporaryFolder(compare);
