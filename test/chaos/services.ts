import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DefaultLogger, bundleWorkflowCode } from '@temporalio/worker';
import { searchAttributes } from '../../src/contracts/search-attributes.ts';
import { startPostgres } from '../../src/stack/postgres.ts';
import { findTemporalBinary } from '../../src/stack/temporal-binary.ts';
import { startTemporalServer } from '../../src/stack/temporal-server.ts';

/** What stages share: a PostgreSQL, a Temporal server, the bundled workflows and a folder for files. */
export interface Services {
  readonly postgresUrl: string;
  readonly temporalAddress: string;
  readonly bundlePath: string;
  readonly folder: string;
}

const quiet = (): void => undefined;
const pathOf = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

/** Bundles the workflows into a file of the folder; `withPoints` makes the end of each workflow task a crash point. */
export const bundleWorkflows = async (folder: string, withPoints: boolean): Promise<string> => {
  const { code } = await bundleWorkflowCode({
    workflowsPath: pathOf('../../src/workflows/index.ts'),
    ...(withPoints && { workflowInterceptorModules: [pathOf('./workflow-points.ts')] }),
    logger: new DefaultLogger('WARN'),
  });
  const file = join(folder, 'workflows.js');
  await writeFile(file, code);
  return file;
};

/** Starts both servers, nothing durable. Ends them and removes the folder at `close`. */
export const startServices = async (): Promise<Services & { readonly close: () => Promise<void> }> => {
  const folder = await mkdtemp(join(tmpdir(), 'mastertrade-crash-'));
  const cleanUps = [(): Promise<void> => rm(folder, { recursive: true, force: true })];
  const close = async (): Promise<void> => {
    for (const cleanUp of cleanUps.toReversed()) await cleanUp();
  };
  try {
    const postgres = await startPostgres({ dataDir: join(folder, 'postgres'), durable: false, log: quiet });
    cleanUps.push(postgres.stop);
    const binary = await findTemporalBinary({ log: (line) => void process.stderr.write(`${line}\n`) });
    const temporal = await startTemporalServer({ binary, uiPort: null, searchAttributes, log: quiet });
    cleanUps.push(temporal.stop);
    const bundlePath = await bundleWorkflows(folder, true);
    return { postgresUrl: postgres.url, temporalAddress: temporal.address, bundlePath, folder, close };
  } catch (error) {
    await close();
    throw error;
  }
};
