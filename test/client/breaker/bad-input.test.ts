import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCli } from '../run-cli.ts';

let folder = '';
const brokenFile = (): string => join(folder, 'broken.json');
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mastertrade-breaker-'));
  await writeFile(brokenFile(), '{ "drawdown": ');
});
afterAll(() => rm(folder, { recursive: true }));

const policy = ['breaker', 'policy', '--set'];

describe('a command about stopping, given what it cannot use, reaches nothing and names it:', () => {
  it.each<[string, () => string[], number, string, string]>([
    [
      'an unknown environment',
      () => ['halt', '--environment', 'moon', '--reason', 'x'],
      2,
      'Usage',
      "'moon' is invalid",
    ],
    ['no reason', () => ['halt'], 2, 'Usage', '--reason'],
    ['an empty reason', () => ['flatten', '--reason', ' ', '--yes'], 2, 'BadInput', '--reason is empty'],
    ['an empty reason to resume', () => ['resume', '--reason', ''], 2, 'BadInput', '--reason is empty'],
    ['a wait that is none', () => ['halt', '--reason', 'x', '--wait', '-1'], 2, 'BadInput', '--wait'],
    ['nobody to ask', () => ['flatten', '--reason', 'x'], 2, 'BadInput', 'nobody can be asked in JSON'],
    ['an event that is no number', () => ['breaker', 'show', 'last'], 2, 'BadInput', "'last' is no event"],
    [
      'an event beyond all',
      () => ['breaker', 'resolve', '9999999999', '--by', 'a', '--reason', 'x'],
      2,
      'BadInput',
      'no event',
    ],
    ['a policy of nobody', () => [...policy, brokenFile()], 2, 'BadInput', '--set needs --environment'],
    ['a broken policy', () => [...policy, brokenFile(), '--environment', 'live'], 1, 'BadPolicy', 'is not JSON'],
    [
      'a policy that is missing',
      () => [...policy, '/no/such/file', '--environment', 'live'],
      2,
      'BadInput',
      '/no/such',
    ],
    ['no database', () => ['halt', '--reason', 'x'], 3, 'DatabaseUnreachable', 'no database is configured'],
  ])('%s', async (_title, args, code, error, text) => {
    const run = await runCli([...args(), '--json']);
    expect([run.code, run.stdout]).toEqual([code, '']);
    const refusal = JSON.parse(run.stderr) as { error: string; message: string };
    expect(refusal.error).toBe(error);
    expect(refusal.message).toContain(text);
  });
});
