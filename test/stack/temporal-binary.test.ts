import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findTemporalBinary } from '../../src/stack/temporal-binary.ts';
import { findTestServer } from '../../src/stack/test-server.ts';

let folder: string;
const quiet = { log: (): void => undefined, fetch: false };

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mastertrade-binary-'));
});

afterEach(() => rm(folder, { recursive: true }));

const program = async (...path: string[]): Promise<string> => {
  const file = join(folder, ...path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, '#!/bin/sh\n');
  await chmod(file, 0o755);
  return file;
};

test('the environment comes before PATH, PATH before the cache', async () => {
  const cached = await program('cache', 'bin', 'temporal');
  const env = { MASTERTRADE_CACHE: join(folder, 'cache'), PATH: join(folder, 'path') };
  expect(await findTemporalBinary({ ...quiet, env })).toBe(cached);
  const installed = await program('path', 'temporal');
  expect(await findTemporalBinary({ ...quiet, env })).toBe(installed);
  const named = await program('elsewhere', 'my-temporal');
  expect(await findTemporalBinary({ ...quiet, env: { ...env, MASTERTRADE_TEMPORAL_BINARY: named } })).toBe(named);
});

test('a missing Temporal CLI is named, with what to do', async () => {
  await expect(
    findTemporalBinary({ ...quiet, env: { MASTERTRADE_CACHE: folder, PATH: folder } }),
  ).rejects.toMatchObject({
    name: 'BinaryMissing',
    message: `The Temporal CLI was not found: not on PATH, not at ${join(folder, 'bin', 'temporal')}.`,
    next: expect.stringContaining('MASTERTRADE_TEMPORAL_BINARY') as string,
  });
});

test('a binary named by the environment that is not there is an error, never replaced by another', async () => {
  await program('path', 'temporal');
  const named = join(folder, 'no-such-file');
  await expect(
    findTemporalBinary({ ...quiet, env: { MASTERTRADE_TEMPORAL_BINARY: named, PATH: join(folder, 'path') } }),
  ).rejects.toMatchObject({ name: 'BinaryMissing', message: expect.stringContaining(named) as string });
});

test('a missing time-skipping test server is named, with what to do', async () => {
  await expect(findTestServer({ ...quiet, env: { MASTERTRADE_CACHE: folder } })).rejects.toMatchObject({
    name: 'BinaryMissing',
    next: expect.stringContaining('MASTERTRADE_TEST_SERVER') as string,
  });
});
