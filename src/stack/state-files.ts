import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import type { Layout } from './layout.ts';
import { endProcesses } from './process-identity.ts';

const processSchema = z.object({
  name: z.string(),
  pid: z.number(),
  startedAt: z.string(),
});

const stackFileSchema = z.object({
  /** The supervisor's. */
  pid: z.number(),
  /** ISO time at which the stack was ready. */
  readyAt: z.string(),
  /** With the password: the file is its owner's only. */
  databaseUrl: z.string().nullable(),
  temporal: z.object({ address: z.string(), uiUrl: z.string().nullable() }).nullable(),
  simulator: z.object({ url: z.string(), apiKey: z.string(), apiSecret: z.string() }).nullable(),
  processes: z.array(processSchema),
});

/** What `stack.json` says; null parts are not embedded: the configuration names them. */
export type StackFile = Readonly<z.infer<typeof stackFileSchema>>;
export type StackProcess = Readonly<z.infer<typeof processSchema>>;

/** Writes the whole file or nothing, readable by its owner only. */
export const writeJson = async (file: string, value: unknown): Promise<void> => {
  const temporary = `${file}.${process.pid}.tmp`;
  await writeFile(temporary, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 });
  await rename(temporary, file);
};

/** Reads a file of ours; undefined where it is missing or is not what it should be. */
export const readJson = async <Value>(file: string, schema: z.ZodType<Value>): Promise<Value | undefined> => {
  try {
    return schema.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch {
    return undefined;
  }
};

/** The addresses and processes of the running stack; undefined where none is ready. */
export const readStackFile = (layout: Layout): Promise<StackFile | undefined> =>
  readJson(layout.stackFile, stackFileSchema);

const leftoverGraceMs = 10_000;

/**
 * Ends what a supervisor that was killed has left: its reaper is at it already, or was killed too.
 * Processes are told from others that got their number by their start time.
 */
export const endLeftovers = async (layout: Layout): Promise<void> => {
  const left = (await readJson(layout.processesFile, z.array(processSchema))) ?? [];
  await endProcesses(
    left.map((each) => ({ ...each, stopSignal: each.name === 'postgres' ? 'SIGINT' : 'SIGTERM' })),
    leftoverGraceMs,
  );
  await rm(layout.processesFile, { force: true });
  await rm(layout.stackFile, { force: true });
};
