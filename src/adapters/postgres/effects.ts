import { type CommonQueryMethods, sql } from 'slonik';

/** True the first time a key is seen; the claim commits or rolls back with the effect itself. */
export const claimEffect = async (tx: CommonQueryMethods, key: string, kind: string): Promise<boolean> => {
  const { rowCount } = await tx.query(sql.unsafe`
    INSERT INTO processed_effects (effect_key, kind) VALUES (${key}, ${kind}) ON CONFLICT DO NOTHING`);
  return rowCount > 0;
};
