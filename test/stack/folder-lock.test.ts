import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { lockHolder, releaseLock, takeLock, withFolderLock } from '../../src/stack/folder-lock.ts';
import { identify } from '../../src/stack/process-identity.ts';

let folder: string;
let file: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mastertrade-lock-'));
  file = join(folder, 'stack.lock');
});

afterEach(() => rm(folder, { recursive: true }));

test('a second taker learns who holds the lock; given back, it can be taken', async () => {
  expect(await takeLock(file)).toEqual({ taken: true });
  expect(await takeLock(file)).toEqual({ taken: false, holder: identify(process.pid) });
  await releaseLock(file);
  expect(await takeLock(file)).toEqual({ taken: true });
  expect(await readdir(folder)).toEqual(['stack.lock']);
});

test.for([
  ['a process that is gone', { pid: 2 ** 22 + 1, startedAt: '1' }],
  ['another process that got the same number', { pid: process.pid, startedAt: '1' }],
  ['a text that is no lock', 'garbage'],
])('a lock left by %s is taken over', async ([, left]) => {
  await writeFile(file, JSON.stringify(left));
  expect(await takeLock(file)).toEqual({ taken: true });
  expect(await lockHolder(file)).toEqual(identify(process.pid));
});

test('of many that find a stale lock, one gets it', async () => {
  await writeFile(file, JSON.stringify({ pid: 2 ** 22 + 1, startedAt: '1' }));
  const results = await Promise.all(Array.from({ length: 10 }, () => takeLock(file)));
  expect(results.filter(({ taken }) => taken)).toHaveLength(1);
});

test('work under the lock is never done twice at once', async () => {
  let inside = 0;
  let most = 0;
  const work = async (): Promise<void> => {
    inside += 1;
    most = Math.max(most, inside);
    await new Promise((resolve) => setImmediate(resolve));
    inside -= 1;
  };
  await Promise.all(Array.from({ length: 3 }, () => withFolderLock(file, () => undefined, work)));
  expect(most).toBe(1);
});
