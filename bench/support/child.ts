import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** What a program of the benches printed, and how long it took from its start to its end. */
export interface ChildRun<Answer> {
  readonly answer: Answer;
  readonly seconds: number;
}

/**
 * Runs a program that prints one JSON value as its last line.
 * @throws Error with its stderr where it fails.
 */
export const runJson = async <Answer>(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<ChildRun<Answer>> => {
  const started = performance.now();
  const { stdout } = await promisify(execFile)(program, args, {
    env: { ...process.env, ...env },
    maxBuffer: 2 ** 28,
  });
  const seconds = (performance.now() - started) / 1000;
  return { answer: JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Answer, seconds };
};

/** The run that took the shortest. */
export const quickest = <Run extends { readonly seconds: number }>(runs: readonly Run[]): Run =>
  runs.reduce((best, run) => (run.seconds < best.seconds ? run : best));
