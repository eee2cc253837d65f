/**
 * `node src/stack/register-search-attributes.ts`: registers the search attributes at the configured Temporal server,
 * waiting up to two minutes for it and its namespace; what docker-compose.yml runs before the worker.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { loadConfig } from '../config.ts';
import { searchAttributes } from '../contracts/search-attributes.ts';
import { DomainError } from '../domain/errors.ts';
import { prepareExternalTemporal } from './external-temporal.ts';

const patienceMs = 120_000;
const { connection, namespace } = loadConfig().temporal;
const deadline = Date.now() + patienceMs;

const register = async (): Promise<void> => {
  if (connection === null) {
    throw new DomainError('TemporalUnreachable', 'No Temporal server is configured.', {
      next: 'Set TEMPORAL_ADDRESS.',
    });
  }
  await prepareExternalTemporal({ connection, namespace }, searchAttributes);
};

for (;;) {
  try {
    await register();
    process.stdout.write(`The namespace ${namespace} knows ${Object.keys(searchAttributes).join(', ')}.\n`);
    break;
  } catch (error) {
    if (connection !== null && Date.now() < deadline) {
      await sleep(1_000);
      continue;
    }
    process.stderr.write(`${error instanceof DomainError ? `${error.message} ${error.next}` : String(error)}\n`);
    process.exitCode = 1;
    break;
  }
}
