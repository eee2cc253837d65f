import { type CommonQueryMethods, sql } from 'slonik';
import { z } from 'zod';

/** The holder that stands for every person: one resumes what another paused. */
export const personHolder = 'person';
/** The holder that stands for a breaker's event. */
export const breakerHolder = (eventId: number): string => `breaker/${eventId}`;

/** Who holds a strategy, in the order in which they came: `person`, or `breaker/<event id>`. */
export const holdersOf = async (db: CommonQueryMethods, strategyId: string): Promise<readonly string[]> =>
  await db.anyFirst(sql.type(z.object({ holder: z.string() }))`
    SELECT holder FROM strategy_holds WHERE strategy_id = ${strategyId} ORDER BY held_at, holder`);

export interface Hold {
  readonly strategyId: string;
  readonly holder: string;
  readonly by: string;
  readonly reason: string;
}

/** Writes a hold inside the transaction that has locked the strategy; false where that holder has it already. */
export const addHold = async (tx: CommonQueryMethods, { strategyId, holder, by, reason }: Hold): Promise<boolean> => {
  const { rowCount } = await tx.query(sql.unsafe`
    INSERT INTO strategy_holds (strategy_id, holder, reason, held_by) VALUES (${strategyId}, ${holder}, ${reason}, ${by})
    ON CONFLICT DO NOTHING`);
  return rowCount > 0;
};

/** Lifts one holder's hold inside the transaction that has locked the strategy; false where there was none. */
export const dropHold = async (tx: CommonQueryMethods, strategyId: string, holder: string): Promise<boolean> => {
  const { rowCount } = await tx.query(sql.unsafe`
    DELETE FROM strategy_holds WHERE strategy_id = ${strategyId} AND holder = ${holder}`);
  return rowCount > 0;
};

/** An archived strategy is held by nobody. */
export const dropAllHolds = async (tx: CommonQueryMethods, strategyId: string): Promise<void> => {
  await tx.query(sql.unsafe`DELETE FROM strategy_holds WHERE strategy_id = ${strategyId}`);
};
