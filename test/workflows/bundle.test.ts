import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, type BundleOptions, DefaultLogger } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

type Webpack = Parameters<NonNullable<BundleOptions['webpackConfigHook']>>[0];
type Plugin = Extract<NonNullable<Webpack['plugins']>[number], { apply: unknown }>;

const root = fileURLToPath(new URL('../../', import.meta.url));
const bannedRooms = ['adapters', 'activities', 'client', 'compute', 'stack', 'simulator'];
const bannedFiles = ['src/config.ts', 'src/worker.ts', 'src/venues.ts'];
const bannedPackages = ['pg', 'slonik', '@slonik/pg-driver', 'ccxt', 'zod', 'fastify', 'pino', 'commander'];

interface Bundled {
  /** Files of this checkout and of node_modules, relative to it. */
  readonly files: readonly string[];
  /** What our own files import, as they write it. */
  readonly imports: readonly string[];
}

const collecting = (files: Set<string>, imports: Set<string>): Plugin => ({
  apply: (compiler) =>
    compiler.hooks.compilation.tap('collect', (compilation) =>
      compilation.hooks.finishModules.tap('collect', (modules) => {
        for (const module of modules) {
          const file = module.nameForCondition()?.replace(root, '');
          if (file === undefined) continue;
          files.add(file);
          if (file.startsWith('node_modules/')) continue;
          for (const { request } of module.dependencies as readonly { request?: string }[]) {
            if (request !== undefined) imports.add(request);
          }
        }
      }),
    ),
});

/** Bundles as the worker does, and lists what went in. */
const bundle = async (workflows: string): Promise<Bundled> => {
  const files = new Set<string>();
  const imports = new Set<string>();
  try {
    await bundleWorkflowCode({
      workflowsPath: workflows,
      logger: new DefaultLogger('ERROR', () => undefined),
      webpackConfigHook: (config) => ({
        ...config,
        plugins: [...(config.plugins ?? []), collecting(files, imports)],
      }),
    });
  } catch {
    // What could not be bundled is judged by what it tried to take in.
  }
  return { files: [...files], imports: [...imports] };
};

const isBannedFile = (file: string): boolean =>
  bannedRooms.some((room) => file.startsWith(`src/${room}/`)) ||
  bannedFiles.includes(file) ||
  bannedPackages.some((name) => file.includes(`node_modules/${name}/`));

const isBannedImport = (request: string): boolean =>
  isBuiltin(request) || bannedPackages.some((name) => request === name || request.startsWith(`${name}/`));

const violations = ({ files, imports }: Bundled): string[] => [
  ...files.filter(isBannedFile),
  ...imports.filter(isBannedImport),
];

describe('the bundle of the workflows', () => {
  let bundled: Bundled;
  beforeAll(async () => {
    bundled = await bundle(join(root, 'src/workflows/index.ts'));
  });

  it('takes in every workflow and what it decides by', () => {
    expect(bundled.files).toEqual(
      expect.arrayContaining([
        'src/workflows/index.ts',
        'src/workflows/backfill.ts',
        'src/workflows/backtest.ts',
        'src/workflows/market-clock.ts',
        'src/workflows/order-execution.ts',
        'src/workflows/order-watch.ts',
        'src/workflows/strategy-lifecycle.ts',
        'src/domain/lifecycle/transitions.ts',
        'src/contracts/messages.ts',
      ]),
    );
    expect(bundled.imports).toContain('@temporalio/workflow');
  });

  it('has nothing of the rooms and packages that reach the world, and nothing of Node', () => {
    expect(violations(bundled)).toEqual([]);
  });

  it('has no file of ours outside domain, contracts and workflows', () => {
    const ours = bundled.files.filter((file) => !file.includes('node_modules/'));
    const elsewhere = ours.filter((file) => !/^src\/(domain|contracts|workflows)\//.test(file));
    expect(elsewhere).toEqual([]);
  });
});

describe('the check of the bundle', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(root, 'test/workflows/.bundled-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  /** What is found in the bundle of a workflow that takes in `module`. */
  const violationsOf = async (name: string, module: string): Promise<string[]> => {
    const file = join(folder, `${name}.ts`);
    await writeFile(file, `import * as taken from '${module}';\nexport const workflow = async () => taken;\n`);
    return violations(await bundle(file));
  };

  it('notices a workflow that imports an adapter', async () => {
    const found = await violationsOf('adapter', '../../../src/adapters/postgres/pool.ts');
    expect(found).toContain('src/adapters/postgres/pool.ts');
    expect(found).toContain('slonik');
    expect(found).toContain('@slonik/pg-driver');
  });

  it('notices a workflow that imports activities', async () => {
    const found = await violationsOf('activities', '../../../src/activities/market-activities.ts');
    expect(found).toContain('src/activities/market-activities.ts');
  });

  it('notices a workflow that imports from Node', async () => {
    expect(await violationsOf('node', 'node:fs')).toContain('node:fs');
  });
});
