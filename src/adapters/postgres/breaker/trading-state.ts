import { type CommonQueryMethods, sql } from 'slonik';
import { z } from 'zod';
import { strictness } from '../../../domain/breaker/check-policy.ts';
import { type TradingState, tradingStates } from '../../../domain/breaker/policy.ts';
import type { Environment } from '../../../domain/orders/order.ts';
import { epochMs } from '../rows.ts';
import { openEvents } from './events.ts';

const stateRow = z
  .object({
    state: z.enum(tradingStates),
    reason: z.string().nullable(),
    event_id: z.number().nullable(),
    updated_at: epochMs,
  })
  .transform(({ event_id: eventId, updated_at: since, ...row }) => ({ ...row, eventId, since }));

/** What may be done in an environment; `reason` and `eventId` are null where it is ACTIVE. `since`: epoch ms, wall time. */
export type StateRecord = z.infer<typeof stateRow>;

export const readTradingState = async (db: CommonQueryMethods, environment: Environment): Promise<StateRecord> =>
  await db.one(sql.type(stateRow)`
    SELECT state, reason, event_id, updated_at FROM trading_state WHERE environment = ${environment}`);

export const tradingStateOf = async (db: CommonQueryMethods, environment: Environment): Promise<TradingState> =>
  (await readTradingState(db, environment)).state;

/**
 * First of all locks: every submission share-locks this row, so what commits under it is seen by each that follows. The table is
 * locked, since a row's share locks let each other in ahead of one that waits for all of them to be gone: under a stream of
 * submissions it would wait for ever. A lock on the table is queued for in order.
 */
export const lockTradingState = async (tx: CommonQueryMethods, environment: Environment): Promise<TradingState> => {
  await tx.query(sql.unsafe`LOCK TABLE trading_state IN EXCLUSIVE MODE`);
  return await tradingStateOf(tx, environment);
};

/** Sets the state to the strictest of what is open, ACTIVE where nothing is. The transaction has it locked. */
export const restate = async (tx: CommonQueryMethods, environment: Environment): Promise<TradingState> => {
  const open = await openEvents(tx, environment);
  const [strictest] = open.toSorted((a, b) => strictness(b.state) - strictness(a.state) || a.eventId - b.eventId);
  await tx.query(sql.unsafe`
    UPDATE trading_state SET state = ${strictest?.state ?? 'ACTIVE'}, reason = ${strictest?.reason ?? null},
      event_id = ${strictest?.eventId ?? null}, updated_at = now()
    WHERE environment = ${environment}`);
  return strictest?.state ?? 'ACTIVE';
};
