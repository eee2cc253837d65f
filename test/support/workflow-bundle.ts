import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import type { TestProject } from 'vitest/node';
import './provided.ts';

const workflows = fileURLToPath(new URL('../../src/workflows/index.ts', import.meta.url));

/** Bundles the workflows once for the whole run, as the worker does, and hands the file on. */
export default async function bundleWorkflows(project: TestProject): Promise<() => Promise<void>> {
  const { code } = await bundleWorkflowCode({ workflowsPath: workflows, logger: new DefaultLogger('WARN') });
  const folder = await mkdtemp(join(tmpdir(), 'mastertrade-bundle-'));
  const file = join(folder, 'workflows.js');
  await writeFile(file, code);
  project.provide('workflowBundlePath', file);
  return () => rm(folder, { recursive: true, force: true });
}
