import { type CommonQueryMethods, type DatabasePool, sql } from 'slonik';
import { z } from 'zod';
import type { TransitionRequest } from '../../contracts/activities.ts';
import type { StatusOutcome } from '../../contracts/messages.ts';
import { DomainError } from '../../domain/errors.ts';
import { type StrategyStatus, strategyStatuses } from '../../domain/lifecycle/transitions.ts';
import { raiseAlert } from './alerts.ts';
import { writeAudit } from './audit.ts';
import { addHold, dropAllHolds, dropHold, holdersOf, personHolder } from './breaker/holds.ts';
import { claimEffect } from './effects.ts';

const metRow = z.object({ status: z.enum(strategyStatuses), version: z.number() });
type Met = z.infer<typeof metRow>;

/** `IllegalTransition` with the state it met; null: there is no such strategy. */
export const illegalTransition = (
  strategyId: string,
  met: { status: string; version: number } | null,
  wanted: { readonly from: StrategyStatus; readonly version: number },
): DomainError =>
  new DomainError(
    'IllegalTransition',
    met === null
      ? `there is no strategy ${strategyId}`
      : `the strategy is ${met.status} at version ${met.version}, not ${wanted.from} at version ${wanted.version}`,
    { next: 'look at it with `mastertrade strategy show` and ask again', details: { status: met?.status ?? null } },
  );

const lockStrategy = async (tx: CommonQueryMethods, strategyId: string): Promise<Met | null> =>
  await tx.maybeOne(sql.type(metRow)`
    SELECT status, version FROM strategies WHERE id = ${strategyId} FOR NO KEY UPDATE`);

/**
 * Moves a strategy whose row the transaction has locked, with its audit row and its alert.
 * @param dedupeKey Names the alert, so that one move is one alert.
 */
export const writeTransition = async (
  tx: CommonQueryMethods,
  { strategyId, from, to, version, by, reason, gate, dedupeKey }: TransitionRequest & { readonly dedupeKey: string },
): Promise<void> => {
  await tx.query(sql.unsafe`
    UPDATE strategies SET status = ${to}, updated_at = now(),
      activated_at = CASE WHEN ${to} = 'active' THEN coalesce(activated_at, now()) ELSE activated_at END,
      archived_at = CASE WHEN ${to} = 'archived' THEN now() ELSE archived_at END
    WHERE id = ${strategyId}`);
  await writeAudit(tx, {
    actor: by,
    action: 'transition_strategy',
    entityType: 'strategy',
    entityId: strategyId,
    old: { status: from, version },
    new: { status: to, version, reason, gate },
  });
  if (to === 'paper') {
    await tx.query(sql.unsafe`
      INSERT INTO audit_logs (actor, action, entity_type, entity_id, new_value)
      SELECT ${by}, 'start_paper', 'strategy', id::text, jsonb_build_object('version', version, 'marketTime',
        (SELECT (extract(epoch FROM max(m.timestamp)) * 1000)::bigint FROM market_data m WHERE m.symbol = s.symbol AND m.interval = s.interval))
      FROM strategies s WHERE id = ${strategyId}`);
  }
  await raiseAlert(tx, {
    type: 'strategy_transition',
    severity: 'info',
    title: `Strategy went from ${from} to ${to}`,
    message: `${reason} (by ${by})`,
    entityType: 'strategy',
    entityId: strategyId,
    dedupeKey,
  });
};

/** Live trading that is stopped takes no new strategy; the state's row stays share-locked until the promotion commits. */
const assertTradingIsOn = async (tx: CommonQueryMethods): Promise<void> => {
  const stateRow = z.object({ state: z.string(), reason: z.string().nullable() });
  const { state, reason } = await tx.one(sql.type(stateRow)`
    SELECT state, reason FROM trading_state WHERE environment = 'live' FOR SHARE`);
  if (state === 'ACTIVE') return;
  throw new DomainError('GateNotMet', `trading is ${state} for live${reason === null ? '' : ` (${reason})`}`, {
    next: 'promote it when the incident has ended: `mastertrade breaker show`',
  });
};

/** A person holds it, too: it stays paused when what holds it now lets go. */
const holdToo = async (tx: CommonQueryMethods, { strategyId, by, reason }: TransitionRequest): Promise<boolean> => {
  const before = await holdersOf(tx, strategyId);
  if (before.length === 0 || !(await addHold(tx, { strategyId, holder: personHolder, by, reason }))) return false;
  await writeAudit(tx, {
    actor: by,
    action: 'hold_strategy',
    entityType: 'strategy',
    entityId: strategyId,
    old: { heldBy: before },
    new: { heldBy: [...before, personHolder], reason },
  });
  return true;
};

/**
 * Lifts a person's hold. True where nobody else holds it, so that it goes on.
 * @throws DomainError `StillHeld` where there is nothing of a person's to lift
 */
const letGo = async (tx: CommonQueryMethods, { strategyId, by, reason }: TransitionRequest): Promise<boolean> => {
  const before = await holdersOf(tx, strategyId);
  const lifted = await dropHold(tx, strategyId, personHolder);
  const others = before.filter((holder) => holder !== personHolder);
  if (others.length === 0) return true;
  if (!lifted) {
    throw new DomainError('StillHeld', `the strategy is paused by ${others.join(', ')}, and by no person`, {
      next: 'it goes on when the incident ends: `mastertrade breaker show`',
      details: { heldBy: others },
    });
  }
  await writeAudit(tx, {
    actor: by,
    action: 'release_strategy',
    entityType: 'strategy',
    entityId: strategyId,
    old: { heldBy: before },
    new: { heldBy: others, reason },
  });
  return false;
};

const outcomeOf = async (tx: CommonQueryMethods, { strategyId, from, version }: TransitionRequest) => {
  const met = await tx.maybeOne(sql.type(metRow)`SELECT status, version FROM strategies WHERE id = ${strategyId}`);
  if (!met) throw illegalTransition(strategyId, null, { from, version });
  return { ...met, heldBy: met.status === 'paused' ? await holdersOf(tx, strategyId) : [] };
};

/**
 * Compare-and-set on (status, version), holds, audit and alert in one transaction. Where an earlier attempt of the same request
 * has already moved it, nothing happens. Locks: trading_state (into `active` from paper), the strategy.
 *
 * A pause is a person's hold: of a strategy that only a breaker holds, it is added and nothing moves, whether the request says
 * from `active` or from `paused`. A resume lifts it: the strategy goes on where nobody else holds it, else stays paused.
 * @returns The status it has now; `heldBy` says who holds it where it is paused.
 * @throws DomainError `IllegalTransition` with the state it met; `StillHeld` where a resume finds only breakers' holds;
 * `GateNotMet` into `active` from paper while live trading is stopped
 */
export const transitionStrategy = async (
  pool: DatabasePool,
  request: TransitionRequest & { effectKey: string },
): Promise<StatusOutcome> =>
  await pool.transaction(async (tx) => {
    const { strategyId, from, to, version, effectKey } = request;
    if (from === 'paper' && to === 'active') await assertTradingIsOn(tx);
    if (!(await claimEffect(tx, effectKey, 'transition'))) return await outcomeOf(tx, request);
    const met = await lockStrategy(tx, strategyId);
    const isThere = met?.status === from && met.version === version;
    if (to === 'paused' && met?.status === 'paused' && met.version === version) {
      if (!(await holdToo(tx, request))) throw illegalTransition(strategyId, met, { ...request, from: 'active' });
      return await outcomeOf(tx, request);
    }
    if (!isThere) throw illegalTransition(strategyId, met, request);
    if (from === 'paused' && to === 'active' && !(await letGo(tx, request))) return await outcomeOf(tx, request);
    if (to === 'paused') await addHold(tx, { ...request, holder: personHolder });
    if (to === 'archived') await dropAllHolds(tx, strategyId);
    await writeTransition(tx, { ...request, dedupeKey: `transition/${effectKey}` });
    return await outcomeOf(tx, request);
  });
