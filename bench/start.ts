import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { quickest, runJson } from './support/child.ts';
import type { ChildRun } from './support/child.ts';
import { compileNative } from './support/native.ts';
import { withTemporaryFolder } from './support/temporary-folder.ts';
import { vectorbtCsv, vectorbtPython } from './support/vectorbt.ts';
import { randomWalk, writeCandleCsv } from './support/walk.ts';

/** From a process's start to its answer: a year of minutes out of a CSV through a strategy file. See README.md. */
const bars = 525_600;
const rounds = 5;
const root = join(import.meta.dirname, '..');

interface Answer {
  readonly finalEquity: number;
  readonly peakMib: number;
}

const print = (text: string): void => void process.stdout.write(`${text}\n`);

const backtestCommand = async (candles: string, peakFile?: string): Promise<ChildRun<Answer>> => {
  const program = join(root, 'src', 'client', 'bin.js');
  const strategy = join(root, 'examples', 'sma-cross.json');
  const hook = peakFile === undefined ? [] : ['--import', join(import.meta.dirname, 'support', 'report-peak.js')];
  const { answer, seconds } = await runJson<{ final_capital: number }>(
    process.execPath,
    [...hook, program, 'backtest', '--strategy', strategy, '--candles', candles, '--json'],
    peakFile === undefined ? {} : { PEAK_FILE: peakFile },
  );
  const peakMib = peakFile === undefined ? 0 : Number(await readFile(peakFile, 'utf8'));
  return { answer: { finalEquity: answer.final_capital, peakMib }, seconds };
};

/** With its compiled code kept between runs, as mastertrade's is. */
const plainScript = (candles: string, compiled: string): Promise<ChildRun<Answer>> =>
  runJson(process.execPath, [join(import.meta.dirname, 'support', 'plain-start.ts'), candles], {
    NODE_COMPILE_CACHE: compiled,
  });

const show = (name: string, { seconds, answer }: ChildRun<Answer>): void =>
  print(`${name.padEnd(26)} ${seconds.toFixed(3)} s   peak ${answer.peakMib.toFixed(0).padStart(4)} MiB`);

const assertAgrees = (name: string, equity: number, reference: number): void => {
  if (Math.abs(equity / reference - 1) <= 1e-6) return;
  print(`${name} comes to ${equity}, mastertrade to ${reference}: they should agree`);
  process.exitCode = 1;
};

const compare = async (folder: string): Promise<void> => {
  const candles = join(folder, 'candles.csv');
  await writeCandleCsv(candles, randomWalk(bars));
  print(`${bars} candles, ${((await stat(candles)).size / 1e6).toFixed(1)} MB of CSV`);
  const native = await compileNative(folder);
  const python = vectorbtPython();
  const runs = { command: [] as ChildRun<Answer>[], plain: [] as ChildRun<Answer>[], native: [] as ChildRun<Answer>[] };
  for (let round = 0; round < rounds; round += 1) {
    runs.command.push(await backtestCommand(candles));
    runs.plain.push(await plainScript(candles, join(folder, 'compiled')));
    if (native === null) continue;
    const { wallSeconds, ...answer } = await native.csv(candles);
    runs.native.push({ answer, seconds: wallSeconds });
  }
  const best = quickest(runs.command);
  const { answer: measured } = await backtestCommand(candles, join(folder, 'peak'));
  const command = { seconds: best.seconds, answer: { ...best.answer, peakMib: measured.peakMib } };
  const plain = quickest(runs.plain);
  show('mastertrade backtest', command);
  show('plain JavaScript script', plain);
  assertAgrees('the plain script', plain.answer.finalEquity, command.answer.finalEquity);
  if (native === null) print('C left out: no compiler (cc, gcc or clang)');
  else {
    const reference = quickest(runs.native);
    show('C program', reference);
    assertAgrees('the C program', reference.answer.finalEquity, command.answer.finalEquity);
    print(`ratio mastertrade / C program ${(command.seconds / reference.seconds).toFixed(2)}`);
  }
  print(`ratio mastertrade / plain JavaScript script ${(command.seconds / plain.seconds).toFixed(3)}`);
  if (python === null) return print('vectorbt left out: MASTERTRADE_BENCH_PYTHON names no Python that has it');
  const vectorbt = quickest([await vectorbtCsv(python, candles), await vectorbtCsv(python, candles)]);
  show('vectorbt', vectorbt);
  print(`ratio mastertrade / vectorbt ${(command.seconds / vectorbt.seconds).toFixed(3)}`);
};

await withTemporaryFolder(compare);
