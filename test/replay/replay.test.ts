import { readdir, readFile } from 'node:fs/promises';
import { homedir, hostname } from 'node:os';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger, Worker } from '@temporalio/worker';
import { DeterminismViolationError } from '@temporalio/workflow';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import '../support/provided.ts';
import '../support/quiet-runtime.ts';
import { type RecordedHistory, startOf, textOf, toReplay } from '../support/histories.ts';

/** Recorded by test/workflows/histories.test.ts, which says how to record them again. */
const folder = new URL('./histories/', import.meta.url);
const files = (await readdir(folder)).filter((file) => file.endsWith('.json')).toSorted();
const histories = await Promise.all(
  files.map(async (file) => ({
    file,
    history: JSON.parse(await readFile(new URL(file, folder), 'utf8')) as RecordedHistory,
  })),
);

const replay = (code: string, history: RecordedHistory): Promise<void> =>
  Worker.runReplayHistory({ workflowBundle: { code } }, toReplay(history), startOf(history).workflowId);

describe('the recorded histories', () => {
  it('are of every workflow there is', async () => {
    const index = await readFile(new URL('../../src/workflows/index.ts', import.meta.url), 'utf8');
    const workflows = [...index.matchAll(/export \{ (\w+) \}/g)].map(([, name]) => name);
    expect(workflows.length).toBeGreaterThan(0);
    const recorded = new Set(histories.map(({ history }) => startOf(history).workflowType));
    expect([...recorded].toSorted()).toEqual(workflows.map(String).toSorted());
  });

  it.each(histories)('$file names no machine, no person and no secret', ({ history }) => {
    const text = textOf(history);
    expect(text).not.toMatch(/postgres(ql)?:\/\/|\d+@|file:\/\/|\/node_modules\/|secret/i);
    for (const own of [process.cwd(), homedir(), hostname()]) expect(text).not.toContain(own);
  });
});

describe('replayed against the workflows as they are', () => {
  let code: string;
  beforeAll(async () => {
    code = await readFile(inject('workflowBundlePath'), 'utf8');
  });

  it.each(histories)('$file takes the same way', async ({ history }) => {
    await replay(code, history);
  });
});

describe('replayed against workflows that were altered', () => {
  let code: string;
  beforeAll(async () => {
    const workflowsPath = fileURLToPath(new URL('./altered-workflows.ts', import.meta.url));
    ({ code } = await bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger('ERROR') }));
  });

  it.each(histories)('$file is refused as not deterministic', async ({ history }) => {
    await expect(replay(code, history)).rejects.toThrow(DeterminismViolationError);
  });
});
