import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseStrategy } from '../src/contracts/strategy-file.ts';
import { runBacktest } from '../src/domain/backtest/engine.ts';
import { backtestFigures, backtestMetrics } from '../src/domain/backtest/metrics.ts';
import { quickest, runJson } from './support/child.ts';
import { compileNative, writeNativeColumns } from './support/native.ts';
import { plainLoop } from './support/plain-loop.ts';
import { withTemporaryFolder } from './support/temporary-folder.ts';
import { vectorbtLoop, vectorbtPython } from './support/vectorbt.ts';
import { copyColumns, randomWalk } from './support/walk.ts';

/**
 * A year of minutes through a strategy file against hand-written loops of the same strategy, in JavaScript and in C. Each part runs
 * in processes of its own, in turns, and the best round of all counts. All must come to the same equity. See README.md.
 */
const bars = 525_600;
const turns = 2;
/** V8 gives a function that runs long its best code only after it was called some 15 times. */
const rounds = 40;
const strategyFile = join(import.meta.dirname, '..', 'examples', 'sma-cross.json');

interface PartRun {
  readonly seconds: number;
  readonly firstSeconds: number;
  readonly finalEquity: number;
  readonly columnsMib: number;
  readonly peakMib: number;
}

/** The fastest and the first of some rounds, each over columns that were never seen before. */
const measure = (work: (columns: ReturnType<typeof randomWalk>) => number, times: number): PartRun => {
  const columns = randomWalk(bars);
  const columnsMib = process.memoryUsage.rss() / 2 ** 20;
  let [seconds, firstSeconds, finalEquity] = [Infinity, 0, 0];
  for (let round = 0; round < times; round += 1) {
    const fresh = times === 1 ? columns : copyColumns(columns);
    const started = performance.now();
    finalEquity = work(fresh);
    const taken = (performance.now() - started) / 1000;
    if (round === 0) firstSeconds = taken;
    seconds = Math.min(seconds, taken);
  }
  return { seconds, firstSeconds, finalEquity, columnsMib, peakMib: process.resourceUsage().maxRSS / 2 ** 10 };
};

const engineInput = async () => ({
  definition: parseStrategy(JSON.parse(await readFile(strategyFile, 'utf8')), strategyFile),
  capital: 10_000,
  feeRates: { maker: 0.001, taker: 0.001 },
  slippageBps: 0,
});

const parts = {
  engine: async (times: number) => {
    const input = await engineInput();
    return measure((columns) => runBacktest({ ...input, columns }).finalEquity, times);
  },
  metrics: async (times: number) => {
    const input = await engineInput();
    return measure((columns) => backtestMetrics(runBacktest({ ...input, columns })).final_capital, times);
  },
  figures: async (times: number) => {
    const input = await engineInput();
    return measure((columns) => backtestFigures(runBacktest({ ...input, columns })).final_capital, times);
  },
  plain: async (times: number) => measure(plainLoop, times),
};
type Part = keyof typeof parts;

/** In a process of its own, with compiled code kept in `compiled` between runs, as the command line keeps it. */
const runPart = async (part: Part, compiled: string, times = rounds): Promise<PartRun> => {
  const args = [import.meta.filename, part, String(times)];
  return (await runJson<PartRun>(process.execPath, args, { NODE_COMPILE_CACHE: compiled })).answer;
};

const print = (text: string): void => void process.stdout.write(`${text}\n`);
const speed = (name: string, seconds: number, rest = ''): void =>
  print(`${name.padEnd(34)} ${(bars / seconds / 1e6).toFixed(2).padStart(7)} M bars/s${rest}`);

const assertAgrees = (name: string, equity: number, reference: number): void => {
  if (Math.abs(equity / reference - 1) <= 1e-6) return;
  print(`${name} comes to ${equity}, the engine to ${reference}: they should agree`);
  process.exitCode = 1;
};

const compare = async (folder: string): Promise<void> => {
  const columnsFile = join(folder, 'columns.f64');
  await writeNativeColumns(columnsFile, randomWalk(bars));
  const compiled = join(folder, 'compiled');
  const native = await compileNative(folder);
  const python = vectorbtPython();
  const runs = { engine: [] as PartRun[], metrics: [] as PartRun[], figures: [] as PartRun[], plain: [] as PartRun[] };
  const nativeRuns = [];
  const nativeCurves = [];
  for (let turn = 0; turn < turns; turn += 1) {
    for (const part of Object.keys(runs) as Part[]) runs[part].push(await runPart(part, compiled));
    if (native === null) continue;
    nativeRuns.push(await native.loop(columnsFile, rounds));
    nativeCurves.push(await native.curve(columnsFile, rounds));
  }
  const [engine, metrics, plain] = [quickest(runs.engine), quickest(runs.metrics), quickest(runs.plain)];
  const figures = quickest(runs.figures);
  const once = await runPart('engine', compiled, 1);

  speed('engine', engine.seconds, `   final equity ${engine.finalEquity}`);
  speed('engine, first run in its process', once.seconds);
  speed('engine and all figures', figures.seconds);
  speed('engine and all metrics', metrics.seconds);
  speed('plain JavaScript loop', plain.seconds, `   final equity ${plain.finalEquity}`);
  assertAgrees('the plain loop', plain.finalEquity, engine.finalEquity);
  if (python === null) print('vectorbt left out: MASTERTRADE_BENCH_PYTHON names no Python that has it');
  else {
    const { answer } = await vectorbtLoop(python, columnsFile, rounds);
    speed('vectorbt', answer.seconds, `   peak ${answer.peakMib.toFixed(0)} MiB`);
    print(`ratio engine / vectorbt ${(answer.seconds / engine.seconds).toFixed(1)}`);
    print(`ratio engine and all metrics / vectorbt ${(answer.seconds / metrics.seconds).toFixed(1)}`);
  }
  print(
    `memory of one run: ${once.columnsMib.toFixed(0)} MiB with the candles, ${once.peakMib.toFixed(0)} MiB at its peak`,
  );
  print(`ratio engine / plain JavaScript loop ${(plain.seconds / engine.seconds).toFixed(3)}`);
  if (nativeRuns.length === 0) return print('C left out: no compiler (cc, gcc or clang)');
  const reference = quickest(nativeRuns);
  assertAgrees('the C loop', reference.finalEquity, engine.finalEquity);
  speed(`C loop (${native?.compiler} -O3)`, reference.seconds, `   final equity ${reference.finalEquity}`);
  const curve = quickest(nativeCurves);
  assertAgrees('the C loop with a curve', curve.finalEquity, engine.finalEquity);
  speed('C loop with averages and a curve', curve.seconds);
  print(
    `ratio engine and all figures / C loop with averages and a curve ${(curve.seconds / figures.seconds).toFixed(3)}`,
  );
  print(`ratio engine / C loop ${(reference.seconds / engine.seconds).toFixed(3)}`);
};

const [part, times] = process.argv.slice(2);
if (part !== undefined && part in parts) print(JSON.stringify(await parts[part as Part](Number(times))));
else await withTemporaryFolder(compare);
