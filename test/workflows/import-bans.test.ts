import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const config = fileURLToPath(new URL('../../.oxlintrc.json', import.meta.url));
const oxlint = join(dirname(createRequire(import.meta.url).resolve('oxlint/package.json')), 'bin/oxlint');

interface Diagnostic {
  readonly code: string;
  readonly filename: string;
}

/** One line a room must not have, by the file it stands in. */
const banned: Readonly<Record<string, string>> = {
  'src/domain/adapter.ts': "export { createStore } from '../adapters/postgres/store.ts';",
  'src/domain/contract.ts': "export type { Venue } from '../contracts/venue.ts';",
  'src/domain/node.ts': "export { readFileSync } from 'node:fs';",
  'src/domain/temporal.ts': "export { sleep } from '@temporalio/workflow';",
  'src/contracts/adapter.ts': "export { createStore } from '../adapters/postgres/store.ts';",
  'src/contracts/client.ts': "export { Client } from '@temporalio/client';",
  'src/workflows/activity.ts': "export { createDecision } from '../activities/decisions.ts';",
  'src/workflows/adapter.ts': "export { createStore } from '../adapters/postgres/store.ts';",
  'src/workflows/node.ts': "export { randomUUID } from 'node:crypto';",
  'src/workflows/zod.ts': "export { z } from 'zod';",
  'src/activities/adapter.ts': "export { createStore } from '../adapters/postgres/store.ts';",
  'src/activities/workflow.ts': "export { backtest } from '../workflows/backtest.ts';",
  'src/adapters/postgres/temporal.ts': "export { ApplicationFailure } from '@temporalio/common';",
  'src/adapters/postgres/activity.ts': "export { createDecision } from '../../activities/decisions.ts';",
  'src/compute/temporal.ts': "export { Context } from '@temporalio/activity';",
  'src/simulator/client.ts': "export { createTradingClient } from '../client/typed-client.ts';",
  'src/client/activity.ts': "export { createDecision } from '../activities/decisions.ts';",
  'src/client/workflow.ts': "export { backtest } from '../workflows/backtest.ts';",
};

/** What each room may have, some of it as types only. */
const allowed: Readonly<Record<string, string>> = {
  'src/domain/own.ts': "export { DomainError } from './errors.ts';",
  'src/contracts/message.ts': "export { defineSignal } from '@temporalio/workflow';",
  'src/workflows/own.ts':
    "import type { MarketDeps } from '../activities/market-activities.ts';\nexport type Own = MarketDeps;",
  'src/workflows/temporal.ts': "export { sleep } from '@temporalio/workflow';",
  'src/activities/own.ts': "import type { Store } from '../adapters/postgres/store.ts';\nexport type Own = Store;",
  'src/adapters/postgres/own.ts': "export { sql } from 'slonik';",
  'src/client/own.ts': "import type { backtest } from '../workflows/backtest.ts';\nexport type Own = typeof backtest;",
};

let folder: string;
let diagnostics: readonly Diagnostic[];

const lint = (cwd: string): Promise<string> =>
  new Promise((resolve) => {
    const args = [oxlint, '--config', '.oxlintrc.json', '--format', 'json', 'src'];
    execFile(process.execPath, args, { cwd }, (_error, stdout) => resolve(stdout));
  });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mastertrade-lint-'));
  await copyFile(config, join(folder, '.oxlintrc.json'));
  for (const [file, line] of Object.entries({ ...banned, ...allowed })) {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await writeFile(join(folder, file), `${line}\n`);
  }
  ({ diagnostics } = JSON.parse(await lint(folder)) as { diagnostics: readonly Diagnostic[] });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const complaintsOf = (file: string): readonly string[] =>
  diagnostics.filter(({ filename }) => filename.endsWith(file)).map(({ code }) => code);

describe('lint, with the rules of this checkout', () => {
  it.each(Object.entries(banned))('refuses in %s: %s', (file) => {
    expect(complaintsOf(file)).toContain('eslint(no-restricted-imports)');
  });

  it.each(Object.entries(allowed))('lets pass in %s: %s', (file) => {
    expect(complaintsOf(file)).toEqual([]);
  });
});
