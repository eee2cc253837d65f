import { type CommonQueryMethods, type DatabasePool, sql } from 'slonik';
import { z } from 'zod';
import type { IncidentView, ResolveRequest } from '../../../contracts/breaker.ts';
import { DomainError } from '../../../domain/errors.ts';
import { utcMinute } from '../../../domain/utc-minute.ts';
import { writeAudit } from '../audit.ts';
import { closedPositions } from '../closed-positions.ts';
import { timestamp } from '../pool.ts';
import { carryEquity, readEquity, rebasePeak } from '../portfolio/equity.ts';
import { marketTimeOf } from '../portfolio/market-time.ts';
import { writeTransition } from '../strategy-transition.ts';
import { authorise } from '../users.ts';
import { raiseIncidentAlert, resolveIncidentAlerts } from './alerts.ts';
import { type EventRecord, changeEvent, loadEvent, lockEvent } from './events.ts';
import { breakerHolder, dropHold, holdersOf } from './holds.ts';
import { inspectIncident, isAllDone, isOver } from './incident.ts';
import { lockTradingState, restate } from './trading-state.ts';

const actor = 'circuitBreaker';

const heldRow = z.object({ id: z.string(), status: z.string(), version: z.number() });

/** Lifts an event's holds; what nobody holds any more goes on. Returns those that do. */
const letStrategiesGo = async (tx: CommonQueryMethods, { eventId }: EventRecord): Promise<readonly string[]> => {
  const holder = breakerHolder(eventId);
  const held = await tx.any(sql.type(heldRow)`
    SELECT s.id, s.status, s.version FROM strategies s
    WHERE EXISTS (SELECT FROM strategy_holds h WHERE h.strategy_id = s.id AND h.holder = ${holder})
    ORDER BY s.id FOR NO KEY UPDATE OF s`);
  const resumed: string[] = [];
  for (const { id: strategyId, status, version } of held) {
    await dropHold(tx, strategyId, holder);
    if (status !== 'paused' || (await holdersOf(tx, strategyId)).length > 0) continue;
    const reason = `breaker event ${eventId} has ended`;
    await writeTransition(tx, {
      strategyId,
      from: 'paused',
      to: 'active',
      version,
      by: actor,
      reason,
      gate: null,
      dedupeKey: `transition/${holder}/resume/${strategyId}`,
    });
    resumed.push(strategyId);
  }
  return resumed;
};

/** Sets aside what an event fired from, so that it does not fire again from the same: the peak, the losses, the spike. */
const setAside = async (
  tx: CommonQueryMethods,
  { environment, trigger }: EventRecord,
  isEarly: boolean,
): Promise<Readonly<Record<string, unknown>>> => {
  if (trigger === 'drawdown') {
    const reading = await readEquity(tx, environment);
    return reading ? { peak: await rebasePeak(tx, environment, reading) } : {};
  }
  if (trigger === 'loss_streak') {
    const reading = await readEquity(tx, environment);
    if (reading) await carryEquity(tx, reading);
    const last = (await closedPositions(tx, { environment, since: null, newest: 1 })).at(-1);
    if (!last) return {};
    await tx.query(sql.unsafe`
      UPDATE equity_state SET streak_from = greatest(streak_from, ${timestamp(last.endedAt)}), updated_at = now()
      WHERE environment = ${environment}`);
    return { streakFrom: last.endedAt };
  }
  return trigger === 'volatility_spike' && isEarly ? { resolvedEarlyAt: await marketTimeOf(tx, environment) } : {};
};

const hasEnded = (
  left: string,
  next: string,
  name: 'CoolDownRunning' | 'ActionsRunning',
  event: EventRecord,
): DomainError =>
  new DomainError(name, `event ${event.eventId} has not come to its end: ${left}`, {
    next,
    details: { eventId: event.eventId },
  });

/**
 * Whether a request may end an event now. Returns whether it is early.
 * @throws DomainError `NotAuthorized`, `CoolDownRunning`, `ActionsRunning`
 */
const judge = async (
  tx: CommonQueryMethods,
  event: EventRecord,
  request: ResolveRequest | null,
  now: number,
): Promise<boolean> => {
  const { trigger, response, taken, coolDownUntil } = event;
  const over = trigger === 'manual' ? request !== null : await isOver(tx, event, now);
  const done = isAllDone(event);
  const early = request?.early ?? false;
  if (!over && !early) {
    const until =
      coolDownUntil === null
        ? 'what made it fire is not over'
        : `it cools down until ${utcMinute(coolDownUntil)} of market time`;
    throw hasEnded(
      until,
      'wait, or let an admin end it early: `mastertrade breaker resolve --early`',
      'CoolDownRunning',
      event,
    );
  }
  if (!done && !early) {
    const left = taken
      .filter(({ status }) => status !== 'done')
      .map(({ action, outcome }) => `${action}${outcome === '' ? '' : ` (${outcome})`}`);
    throw hasEnded(
      left.join('; '),
      'let it finish, or let an admin end it early: `mastertrade breaker resolve --early`',
      'ActionsRunning',
      event,
    );
  }
  const takesAdmin = (response?.requiresApproval ?? false) || (early && !(over && done));
  if (!takesAdmin) return false;
  if (!request) {
    throw new DomainError('NotAuthorized', `event ${event.eventId} is ended by an admin only`, {
      next: 'approve it: `mastertrade breaker resolve`',
    });
  }
  await authorise(tx, { by: request.by, role: 'admin' });
  return !over;
};

/**
 * Ends an event whose row, as the trading state's, the transaction has locked: resolved, the state from what is still open, the facts set
 * aside, its holds lifted, audit and alerts.
 */
export const end = async (
  tx: CommonQueryMethods,
  event: EventRecord,
  { by, reason, isEarly }: { readonly by: string; readonly reason: string; readonly isEarly: boolean },
): Promise<void> => {
  const { eventId, environment, taken } = event;
  const aside = await setAside(tx, event, isEarly);
  const resumed = await letStrategiesGo(tx, event);
  const left = taken.filter(({ status }) => status !== 'done').map(({ action }) => action);
  const resolution = { by, reason, isEarly, left };
  const ended = await changeEvent(tx, event, {
    isResolved: true,
    metadata: { ...aside, resumed: [...resumed], resolution, endedAt: await marketTimeOf(tx, environment) },
  });
  const tradingState = await restate(tx, environment);
  await writeAudit(tx, {
    actor: by,
    action: 'resolve_breaker',
    entityType: 'system',
    entityId: String(eventId),
    old: { state: event.state },
    new: { tradingState, reason, isEarly, resumed, left, ...aside },
  });
  await resolveIncidentAlerts(tx, ended);
  await raiseIncidentAlert(tx, ended, {
    what: 'resolved',
    severity: 'info',
    says: `it has ended, trading is ${tradingState}`,
    message: `${reason} (by ${by}). ${resumed.length} strategies go on.${left.length === 0 ? '' : ` Not done: ${left.join(', ')}.`}`,
  });
};

/**
 * Ends an event where it is over and done, or a person says so. One that has ended stays as it is. Locks: trading_state, the event,
 * equity_state, strategies by id.
 * @param request `request` null: by itself; `early`: also before it is over or done, which takes an admin. `now`: wall time, epoch ms
 * @throws DomainError `NotFound`, `NotAuthorized`, `CoolDownRunning`, `ActionsRunning`
 */
export const resolveIncident = async (
  pool: DatabasePool,
  {
    eventId,
    request,
    now = Date.now(),
  }: { readonly eventId: number; readonly request: ResolveRequest | null; readonly now?: number },
): Promise<IncidentView> => {
  const { environment } = await loadEvent(pool, eventId);
  await pool.transaction(async (tx) => {
    await lockTradingState(tx, environment);
    const event = await lockEvent(tx, eventId);
    if (event.resolvedAt !== null) return;
    const isEarly = await judge(tx, event, request, now);
    await end(tx, event, { by: request?.by ?? actor, reason: request?.reason ?? 'what made it fire is over', isEarly });
  });
  return await inspectIncident(pool, eventId, now);
};
