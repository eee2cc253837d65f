import { execFile } from 'node:child_process';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { CandleColumns } from '../../src/domain/market/candle.ts';
import { runJson } from './child.ts';

const run = promisify(execFile);
const source = join(import.meta.dirname, '..', 'native', 'sma-cross.c');

/** What `loop` and `csv` of the C program print. Seconds are of the best round (`loop`), or of reading, parsing and running (`csv`). */
export interface NativeRun {
  readonly bars: number;
  readonly seconds: number;
  readonly finalEquity: number;
  readonly peakMib: number;
}

/** What `sweep` prints: all pairs one after another on one core, the slow periods fastest in the order of equities. */
export interface NativeSweep {
  readonly bars: number;
  readonly combinations: number;
  readonly seconds: number;
  readonly finalEquities: readonly number[];
  readonly peakMib: number;
}

export interface NativeProgram {
  readonly compiler: string;
  /** SMA 10/50 over a file that `writeNativeColumns` wrote. */
  readonly loop: (columnsFile: string, rounds?: number) => Promise<NativeRun>;
  /** The same with the averages as values, the equity at each close and the greatest drawdown. */
  readonly curve: (columnsFile: string, rounds?: number) => Promise<NativeRun>;
  /** SMA 10/50 over a CSV of candles; `wallSeconds` is from the process's start to its end. */
  readonly csv: (candlesFile: string) => Promise<NativeRun & { readonly wallSeconds: number }>;
  readonly sweep: (columnsFile: string, fast: readonly number[], slow: readonly number[]) => Promise<NativeSweep>;
}

/** Compiles the C reference with -O3 into `folder`; null where no compiler is found. @throws Error where it does not compile. */
export const compileNative = async (folder: string): Promise<NativeProgram | null> => {
  const compiler = await findCompiler();
  if (compiler === null) return null;
  const program = join(folder, process.platform === 'win32' ? 'sma-cross.exe' : 'sma-cross');
  await run(compiler, ['-O3', '-o', program, source]);
  return {
    compiler,
    loop: async (file, rounds = 7) => (await runJson<NativeRun>(program, ['loop', file, String(rounds)])).answer,
    curve: async (file, rounds = 7) => (await runJson<NativeRun>(program, ['curve', file, String(rounds)])).answer,
    csv: async (file) => {
      const { answer, seconds } = await runJson<NativeRun>(program, ['csv', file]);
      return { ...answer, wallSeconds: seconds };
    },
    sweep: async (file, fast, slow) =>
      (await runJson<NativeSweep>(program, ['sweep', file, fast.join(','), slow.join(',')])).answer,
  };
};

const findCompiler = async (): Promise<string | null> => {
  for (const name of ['cc', 'gcc', 'clang']) {
    try {
      await run(name, ['--version']);
      return name;
    } catch {
      // The next one may be there.
    }
  }
  return null;
};

/** Writes opens, highs, lows and closes one after another, as this machine's float64: what the C program's `loop` and `sweep` read. */
export const writeNativeColumns = async (path: string, columns: CandleColumns): Promise<void> => {
  const file = await open(path, 'w');
  try {
    for (const { buffer, byteOffset, byteLength } of [columns.open, columns.high, columns.low, columns.close]) {
      await file.writeFile(new Uint8Array(buffer, byteOffset, byteLength));
    }
  } finally {
    await file.close();
  }
};
