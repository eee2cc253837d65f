import { join } from 'node:path';
import { runJson } from './child.ts';
import type { ChildRun } from './child.ts';

const script = join(import.meta.dirname, 'sma_cross_vectorbt.py');
const sweepScript = join(import.meta.dirname, 'sweep_vectorbt.py');
/** The module that both share leaves no compiled copy in the checkout. */
const quietly = ['-B'];

/** `seconds` of the best round, `firstSeconds` of the first, in which vectorbt compiles. */
export interface VectorbtRun {
  readonly seconds: number;
  readonly firstSeconds: number;
  readonly finalEquity: number;
  readonly peakMib: number;
}

/** The Python that has vectorbt, from MASTERTRADE_BENCH_PYTHON; null where vectorbt is to be left out. */
export const vectorbtPython = (): string | null => process.env['MASTERTRADE_BENCH_PYTHON'] || null;

export const vectorbtLoop = (python: string, columnsFile: string, rounds: number): Promise<ChildRun<VectorbtRun>> =>
  runJson(python, [...quietly, script, 'loop', columnsFile, String(rounds)]);

/** A fresh process over a CSV of candles: `seconds` beside the answer is from its start to its end. */
export const vectorbtCsv = (python: string, candlesFile: string): Promise<ChildRun<VectorbtRun>> =>
  runJson(python, [...quietly, script, 'csv', candlesFile]);

/** As `VectorbtRun`, for all pairs at once: the slow periods fastest in the order of equities. */
export interface VectorbtSweep {
  readonly seconds: number;
  readonly firstSeconds: number;
  readonly finalEquities: readonly number[];
  readonly peakMib: number;
}

export const vectorbtSweep = (
  python: string,
  columnsFile: string,
  {
    fasts,
    slows,
    rounds,
  }: { readonly fasts: readonly number[]; readonly slows: readonly number[]; readonly rounds: number },
): Promise<ChildRun<VectorbtSweep>> =>
  runJson(python, [...quietly, sweepScript, columnsFile, fasts.join(','), slows.join(','), String(rounds)]);
