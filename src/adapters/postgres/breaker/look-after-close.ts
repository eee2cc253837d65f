import { type DatabasePool, sql } from 'slonik';
import { z } from 'zod';
import { figureOf, reaches } from '../../../domain/breaker/judge.ts';
import { defaultPolicies } from '../../../domain/breaker/policy.ts';
import type { Environment } from '../../../domain/orders/order.ts';
import { timestamp } from '../pool.ts';
import { type EquityReading, carryEquity, readEquity } from '../portfolio/equity.ts';
import { judgeAndTrip } from './evaluate.ts';
import { type EventRecord, openEvents } from './events.ts';
import { policyOf } from './policies.ts';

const environmentRow = z.object({
  environment: z.enum(['paper', 'live']),
  has_open: z.boolean(),
  is_due: z.boolean(),
  policy: z.unknown(),
});

/**
 * The environments that trade or hold a symbol, and whether an open event of theirs has to be looked at: nobody has begun what it
 * has to do, it has cooled down, or it ends by its value. One that waits for an admin is looked at for a day: then reminders do.
 */
const concerned = async (pool: DatabasePool, symbol: string, at: number) =>
  await pool.any(sql.type(environmentRow)`
    SELECT t.environment, p.policy, EXISTS (SELECT FROM circuit_breaker_events e WHERE e.environment = t.environment AND e.resolved_at IS NULL) AS has_open,
      EXISTS (SELECT FROM circuit_breaker_events e WHERE e.environment = t.environment AND e.resolved_at IS NULL
        AND (e.trigger_type = 'volatility_spike' OR e.actions_taken @> '[{"status": "pending"}]' OR (e.cool_down_until <= ${timestamp(at)}
          AND (e.cool_down_until > ${timestamp(at)} - interval '1 day'
               OR e.metadata #> '{policy,requiresApproval}' IS DISTINCT FROM 'true')))) AS is_due
    FROM trading_state t LEFT JOIN breaker_policies p ON p.environment = t.environment
    WHERE EXISTS (SELECT FROM positions h WHERE h.environment = t.environment AND h.symbol = ${symbol})
       OR EXISTS (SELECT FROM strategies s WHERE s.symbol = ${symbol} AND s.status = ANY(
            CASE t.environment WHEN 'paper' THEN ARRAY['paper'] ELSE ARRAY['active', 'paused'] END))
    ORDER BY t.environment`);

const isNewPeak = ({ from, index, peakIndex }: EquityReading): boolean =>
  from === null || (index === peakIndex && index > from.peakIndex);

/** Whether a drawdown that has come to `value` may fire, or make its open event worse. */
const hasToBeJudged = (value: number, threshold: number, open: readonly EventRecord[]): boolean => {
  const event = open.find(({ trigger }) => trigger === 'drawdown');
  if (!event) return reaches(value, threshold);
  const escalation = event.policy?.escalation ?? null;
  return !event.isEscalated && escalation !== null && reaches(value, escalation.threshold);
};

const lookAt = async (
  pool: DatabasePool,
  { environment, has_open: hasOpen, policy: stored }: z.infer<typeof environmentRow>,
  at: number,
): Promise<boolean> => {
  const policy = stored === null ? defaultPolicies[environment] : policyOf(environment, stored).policy;
  const reading = await readEquity(pool, environment, at);
  if (!reading) return false;
  if (isNewPeak(reading)) await pool.transaction(async (tx) => await carryEquity(tx, reading));
  const threshold = policy.drawdown?.threshold ?? Number.POSITIVE_INFINITY;
  const value = figureOf(reading.drawdownPct ?? 0);
  const open = hasOpen ? await openEvents(pool, environment) : [];
  if (!hasToBeJudged(value, threshold, open)) return false;
  return await judgeAndTrip(pool, { environment, policy, triggers: ['drawdown'], now: Date.now() });
};

/**
 * After a close, once positions are marked and before anything is judged: raises the peak of the equity index of each environment that
 * trades or holds the symbol, and trips a drawdown at once.
 * @param close `at`: market time, epoch ms
 * @returns the environments whose breaker has to look
 */
export const lookAfterClose = async (
  pool: DatabasePool,
  { symbol, at }: { readonly symbol: string; readonly at: number },
): Promise<readonly Environment[]> => {
  const environments: Environment[] = [];
  for (const row of await concerned(pool, symbol, at)) {
    const hasTripped = await lookAt(pool, row, at);
    if (hasTripped || row.is_due) environments.push(row.environment);
  }
  return environments;
};
