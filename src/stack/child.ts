import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { guard, release } from './reaper.ts';

/** Receives what a child prints, one line at a time, without the line end. */
export type LineLog = (line: string) => void;

export type ChildExit = Readonly<{ code: number | null; signal: NodeJS.Signals | null }>;

export type Child = Readonly<{
  name: string;
  pid: number;
  /** Settles when the process has ended and its output has been read. */
  exited: Promise<ChildExit>;
  /** True until the process has ended. */
  running(): boolean;
  /** The last lines the child printed, oldest first. */
  lastLines(): readonly string[];
  kill(signal: NodeJS.Signals): void;
  /** Asks the child to end, waits `graceMs`, then kills it. Safe to call again. */
  stop(graceMs?: number): Promise<void>;
}>;

export type ChildOptions = Readonly<{
  name: string;
  command: string;
  args: readonly string[];
  env?: NodeJS.ProcessEnv;
  cwd?: string;
  user?: Readonly<{ uid: number; gid: number }>;
  /** The signal that asks for an orderly end. Default SIGTERM. */
  stopSignal?: NodeJS.Signals;
  log: LineLog;
  /** Receives stdout lines instead of `log`, where a child speaks a protocol on it. */
  onStdoutLine?: LineLog;
}>;

const rememberedLines = 20;
const defaultGraceMs = 10_000;

/**
 * Starts a long-lived child process in a process group of its own, so that a terminal's Ctrl-C reaches the supervisor
 * only, and under the reaper's care.
 * @throws what the system says when the program cannot be started (ENOENT, EACCES).
 */
export const startChild = async (options: ChildOptions): Promise<Child> => {
  const stopSignal = options.stopSignal ?? 'SIGTERM';
  const child = spawn(options.command, [...options.args], {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(options.env && { env: options.env }),
    ...(options.cwd !== undefined && { cwd: options.cwd }),
    ...options.user,
  });
  const remembered: string[] = [];
  const readLines = (stream: Readable, log: LineLog): void => {
    createInterface({ input: stream }).on('line', (line) => {
      remembered.push(line);
      if (remembered.length > rememberedLines) remembered.shift();
      log(line);
    });
  };
  readLines(child.stdout, options.onStdoutLine ?? options.log);
  readLines(child.stderr, options.log);

  let alive = true;
  const ended = Promise.withResolvers<ChildExit>();
  const exited = ended.promise;
  child.once('exit', () => {
    alive = false;
    if (child.pid !== undefined) release(child.pid);
  });
  child.once('close', (code, signal) => ended.resolve({ code, signal }));
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', reject);
  });
  const pid = child.pid as number;
  if (alive) guard(pid, stopSignal);

  return {
    name: options.name,
    pid,
    exited,
    running: () => alive,
    lastLines: () => [...remembered],
    kill: (signal) => void child.kill(signal),
    stop: async (graceMs = defaultGraceMs) => {
      if (alive) child.kill(stopSignal);
      const impatience = setTimeout(() => child.kill('SIGKILL'), graceMs);
      await exited;
      clearTimeout(impatience);
    },
  };
};

/** Runs a program to its end and returns its exit code and all it printed, both streams together. */
export const runToEnd = async (
  options: Omit<ChildOptions, 'onStdoutLine' | 'log'> & { log?: LineLog },
): Promise<ChildExit & { output: string }> => {
  const lines: string[] = [];
  const child = await startChild({
    ...options,
    log: (line) => {
      lines.push(line);
      options.log?.(line);
    },
  });
  return { ...(await child.exited), output: lines.join('\n') };
};
