import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection } from '@temporalio/client';
import { DomainError } from '../domain/errors.ts';

export type SearchAttributeType = 'Keyword' | 'Int' | 'Text' | 'Double' | 'Bool' | 'Datetime' | 'KeywordList';
export type SearchAttributes = Readonly<Record<string, SearchAttributeType>>;

/** Numbers of temporal.api.enums.v1.IndexedValueType. */
const indexedValueType: Record<SearchAttributeType, number> = {
  Text: 1,
  Keyword: 2,
  Int: 3,
  Double: 4,
  Bool: 5,
  Datetime: 6,
  KeywordList: 7,
};

const visibleWithinMs = 15_000;

const missingFrom = async (connection: Connection, namespace: string, wanted: SearchAttributes) => {
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
  return Object.entries(wanted).filter(([name]) => !Object.hasOwn(customAttributes ?? {}, name));
};

/**
 * Registers the search attributes that the namespace does not have yet and returns when it knows them. A dev server
 * registers those of its command line only in a new database, and an upsert of an unknown one hangs the workflow task.
 * @throws DomainError TemporalUnreachable naming those that could not be registered (Temporal Cloud wants its own tool).
 */
export const ensureSearchAttributes = async (
  connection: Connection,
  namespace: string,
  wanted: SearchAttributes,
): Promise<void> => {
  const missing = await missingFrom(connection, namespace, wanted);
  if (missing.length === 0) return;
  const names = missing.map(([name]) => name).join(', ');
  const refused = (cause?: unknown): DomainError =>
    new DomainError('TemporalUnreachable', `The namespace ${namespace} lacks the search attributes ${names}.`, {
      next: `Register them (temporal operator search-attribute create, or tcld for Temporal Cloud): docs/operations.md.`,
      details: { namespace, missing: Object.fromEntries(missing) },
      cause,
    });
  try {
    await connection.operatorService.addSearchAttributes({
      namespace,
      searchAttributes: Object.fromEntries(missing.map(([name, type]) => [name, indexedValueType[type]])),
    });
  } catch (cause) {
    throw refused(cause);
  }
  const deadline = Date.now() + visibleWithinMs;
  while ((await missingFrom(connection, namespace, wanted)).length > 0) {
    if (Date.now() > deadline) throw refused();
    await sleep(50);
  }
};
