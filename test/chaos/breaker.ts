import { type DatabasePool, sql } from 'slonik';

/**
 * A breaker event and the trading state in one transaction, with the audit row by which `checkBooks` orders it among the
 * submissions: written under the lock of the state's row.
 */
export const tripBreaker = async (pool: DatabasePool): Promise<void> =>
  await pool.transaction(async (tx) => {
    await tx.query(sql.unsafe`SELECT 1 FROM trading_state WHERE environment = 'live' FOR UPDATE`);
    if (await tx.exists(sql.unsafe`SELECT 1 FROM circuit_breaker_events WHERE resolved_at IS NULL`)) return;
    await tx.query(sql.unsafe`
      WITH event AS (
        INSERT INTO circuit_breaker_events (trigger_type, threshold_value, actual_value, environment)
        VALUES ('drawdown', 10, 11, 'live') RETURNING id),
      state AS (
        UPDATE trading_state SET state = 'REDUCING', reason = 'test', event_id = event.id, updated_at = now()
        FROM event WHERE environment = 'live')
      INSERT INTO audit_logs (actor, action, entity_type, entity_id, new_value)
      SELECT 'test', 'trip_breaker', 'system', id::text, '{"state": "REDUCING"}' FROM event`);
  });

export const resolveBreaker = async (pool: DatabasePool): Promise<void> =>
  await pool.transaction(async (tx) => {
    await tx.query(sql.unsafe`SELECT 1 FROM trading_state WHERE environment = 'live' FOR UPDATE`);
    await tx.query(sql.unsafe`
      WITH event AS (
        UPDATE circuit_breaker_events SET resolved_at = now() WHERE resolved_at IS NULL RETURNING id),
      state AS (
        UPDATE trading_state SET state = 'ACTIVE', reason = NULL, event_id = NULL, updated_at = now()
        FROM event WHERE environment = 'live')
      INSERT INTO audit_logs (actor, action, entity_type, entity_id, new_value)
      SELECT 'test', 'resolve_breaker', 'system', id::text, '{"state": "ACTIVE"}' FROM event`);
  });
