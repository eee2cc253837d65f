import { type CommonQueryMethods, sql } from 'slonik';
import { z } from 'zod';
import { jsonb } from './rows.ts';

/** True the first time a key is seen; the claim commits or rolls back with the effect itself. */
export const claimEffect = async (tx: CommonQueryMethods, key: string, kind: string): Promise<boolean> => {
  const { rowCount } = await tx.query(sql.unsafe`
    INSERT INTO processed_effects (effect_key, kind) VALUES (${key}, ${kind}) ON CONFLICT DO NOTHING`);
  return rowCount > 0;
};

const storedResult = z.object({ result: z.unknown() });

/**
 * Does something once by a key, inside the transaction; asked again it answers with what the first one came to.
 * @param work answers with plain data, which is kept with the key and not parsed again
 */
export const once = async <T>(
  tx: CommonQueryMethods,
  { key, kind }: { readonly key: string; readonly kind: string },
  work: () => Promise<T>,
): Promise<T> => {
  if (!(await claimEffect(tx, key, kind))) {
    const { result } = await tx.one(
      sql.type(storedResult)`SELECT result FROM processed_effects WHERE effect_key = ${key}`,
    );
    return result as T;
  }
  const done = await work();
  await tx.query(sql.unsafe`UPDATE processed_effects SET result = ${jsonb(done)} WHERE effect_key = ${key}`);
  return done;
};
