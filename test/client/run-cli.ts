import { spawn } from 'node:child_process';
import { join } from 'node:path';

const program = join(import.meta.dirname, '..', '..', 'src', 'client', 'main.ts');

export interface CliRun {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Options for node itself. */
  readonly node?: readonly string[];
}

/** Variables of the machine that runs the tests must not reach the command. */
const cleanEnvironment = (): NodeJS.ProcessEnv =>
  Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !/^(MASTERTRADE_|TEMPORAL_|SIMULATOR_|DATABASE_URL$|NODE_OPTIONS$|VITEST)/.test(name),
    ),
  );

/** Runs the command line as a person would, with nothing configured but what is given. */
export const runCli = (args: readonly string[], { env = {}, node = [] }: CliOptions = {}): Promise<CliRun> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...node, program, ...args], {
      env: { ...cleanEnvironment(), MASTERTRADE_HOME: '/nonexistent/mastertrade-test', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const texts = { stdout: '', stderr: '' };
    child.stdout.on('data', (chunk: Buffer) => (texts.stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (texts.stderr += chunk.toString()));
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, ...texts }));
  });
