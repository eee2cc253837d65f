import { join } from 'node:path';
import { loadConfig, type TemporalConnection } from '../config.ts';
import type { Environment } from './executables.ts';
import { stateFolder } from './folders.ts';

/** The parts of the operation that exist already: nothing embedded starts for one that is named here. */
export type ExternalParts = Readonly<{
  databaseUrl?: string;
  temporal?: Readonly<{ connection: TemporalConnection; namespace: string }>;
  /** Id of a real exchange, or the address of a simulator that runs elsewhere. */
  exchange?: string;
}>;

/**
 * What the environment names: `DATABASE_URL`, `TEMPORAL_*` or a Temporal profile, `MASTERTRADE_EXCHANGE` other than
 * `simulator`, `MASTERTRADE_SIMULATOR_URL`. Addresses that an embedded stack left in its state folder do not count.
 * @throws DomainError BadInput naming the variable that is not usable.
 */
export const externalParts = (env: Environment = process.env): ExternalParts => {
  const folderWithoutStack = join(stateFolder(env), 'environment-only');
  const { databaseUrl, temporal, marketData, live, simulator } = loadConfig(env, {
    MASTERTRADE_HOME: folderWithoutStack,
  });
  const exchanges = [marketData.exchange, live.venue];
  const exchange = exchanges.includes('simulator') ? simulator?.url : marketData.exchange;
  return {
    ...(databaseUrl !== null && { databaseUrl }),
    ...(temporal.connection && { temporal: { connection: temporal.connection, namespace: temporal.namespace } }),
    ...(exchange !== undefined && { exchange }),
  };
};
