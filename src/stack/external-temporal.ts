import { Connection } from '@temporalio/client';
import { DomainError } from '../domain/errors.ts';
import type { ExternalParts } from './external-parts.ts';
import { ensureSearchAttributes, type SearchAttributes } from './search-attributes.ts';

const connectTimeoutMs = 5_000;

/**
 * Makes sure that a Temporal server of the user's own answers and knows the search attributes.
 * @throws DomainError TemporalUnreachable naming its address or the attributes that could not be registered.
 */
export const prepareExternalTemporal = async (
  { connection: options, namespace }: NonNullable<ExternalParts['temporal']>,
  attributes: SearchAttributes,
): Promise<void> => {
  const connection = await Connection.connect({ ...options, connectTimeout: connectTimeoutMs }).catch(
    (cause: unknown) => {
      throw new DomainError('TemporalUnreachable', `No Temporal server answers at ${options.address}.`, {
        next: 'Correct TEMPORAL_ADDRESS or the Temporal profile, or unset them to use the embedded server.',
        details: { address: options.address },
        cause,
      });
    },
  );
  try {
    await ensureSearchAttributes(connection, namespace, attributes);
  } finally {
    await connection.close();
  }
};
