import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { searchAttributes } from '../../src/contracts/search-attributes.ts';
import { startPostgres } from '../../src/stack/postgres.ts';
import { findTemporalBinary } from '../../src/stack/temporal-binary.ts';
import { startTemporalServer } from '../../src/stack/temporal-server.ts';
import './provided.ts';

const quiet = (): void => undefined;
const say = (line: string): void => void process.stderr.write(`${line}\n`);

/** One PostgreSQL and one in-memory Temporal server for the whole run; both end with it, whatever ends it. */
export default async function startEmbeddedServices(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'mastertrade-test-'));
  const cleanUps = [(): Promise<void> => rm(folder, { recursive: true, force: true })];
  const stopAll = async (): Promise<void> => {
    for (const cleanUp of cleanUps.toReversed()) await cleanUp();
  };
  try {
    const postgres = await startPostgres({ dataDir: join(folder, 'postgres'), durable: false, log: quiet });
    cleanUps.push(postgres.stop);
    const binary = await findTemporalBinary({ log: say });
    const temporal = await startTemporalServer({ binary, uiPort: null, searchAttributes, log: quiet });
    cleanUps.push(temporal.stop);
    project.provide('postgresUrl', postgres.url);
    project.provide('temporalAddress', temporal.address);
    return stopAll;
  } catch (error) {
    await stopAll();
    throw error;
  }
}
