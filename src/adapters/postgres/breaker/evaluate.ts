import type { CommonQueryMethods, DatabasePool } from 'slonik';
import type { BreakerView } from '../../../contracts/breaker.ts';
import { type Verdict, judgeTriggers } from '../../../domain/breaker/judge.ts';
import {
  type AutomaticTrigger,
  type BreakerPolicy,
  type CoolingTrigger,
  type TriggerPolicy,
  automaticTriggers,
  triggerPolicy,
} from '../../../domain/breaker/policy.ts';
import { hourMs } from '../../../domain/market/interval.ts';
import type { Environment } from '../../../domain/orders/order.ts';
import { readEquity } from '../portfolio/equity.ts';
import { marketTimeOf } from '../portfolio/market-time.ts';
import { type EventRecord, lockEvent, openEvents } from './events.ts';
import { type Measuring, readFacts } from './facts.ts';
import { readPolicy } from './policies.ts';
import { lockTradingState, tradingStateOf } from './trading-state.ts';
import { fire, grow } from './trip.ts';

const actor = 'circuitBreaker';

/** What each trigger is measured by: an open event that may yet get worse by its own policy, what may fire by the one that holds. */
const measuredBy = (
  policy: BreakerPolicy,
  open: readonly EventRecord[],
  triggers: readonly AutomaticTrigger[],
): Measuring => {
  const of = (trigger: AutomaticTrigger): TriggerPolicy | null => {
    if (!triggers.includes(trigger)) return null;
    const event = open.find((candidate) => candidate.trigger === trigger);
    if (!event) return triggerPolicy(policy, trigger);
    return event.isEscalated || !event.policy?.escalation ? null : event.policy;
  };
  return {
    drawdown: of('drawdown') as Measuring['drawdown'],
    lossStreak: of('loss_streak') as Measuring['lossStreak'],
    volatilitySpike: of('volatility_spike') as Measuring['volatilitySpike'],
  };
};

const judge = async (
  db: CommonQueryMethods,
  environment: Environment,
  policy: BreakerPolicy,
  triggers: readonly AutomaticTrigger[],
): Promise<readonly Verdict[]> => {
  const open = await openEvents(db, environment);
  return judgeTriggers(policy, await readFacts(db, environment, measuredBy(policy, open, triggers)), open);
};

/** Market time until which it cools down, epoch ms; null where it ends by its value. */
const coolDownFrom = (marketTime: number, policy: TriggerPolicy | null): number | null =>
  policy && 'coolDownHours' in policy ? marketTime + (policy as CoolingTrigger).coolDownHours * hourMs : null;

const carryOut = async (
  tx: CommonQueryMethods,
  environment: Environment,
  policy: BreakerPolicy,
  verdict: Verdict,
  now: number,
): Promise<void> => {
  const marketTime = (await marketTimeOf(tx, environment)) ?? now;
  const { trigger, state, actions, reason, threshold, actual } = verdict;
  if (verdict.kind === 'escalate') {
    const event = await lockEvent(tx, verdict.eventId);
    const coolDownUntil = coolDownFrom(marketTime, event.policy);
    await grow(tx, event, { state, actions, again: [], actual, reason, marketTime, coolDownUntil, by: actor });
    return;
  }
  const by = triggerPolicy(policy, trigger);
  if (!by) return;
  const equity = trigger === 'drawdown' ? await readEquity(tx, environment) : null;
  await fire(tx, {
    environment,
    trigger,
    measured: { threshold, actual },
    state,
    actions,
    reason,
    marketTime,
    now,
    coolDownUntil: coolDownFrom(marketTime, by),
    policy: by,
    remindHours: policy.remindHours,
    by: actor,
    facts: equity ? { peakIndex: equity.peakIndex, index: equity.index, unpriced: equity.unpriced } : {},
  });
};

/** A trigger fires once, and what has fired escalates once: more rounds than these change nothing. */
const mostRounds = 2;

/**
 * Judges some triggers, and carries out what follows. Reads only, unless something fires: then that is judged again under the lock of
 * the trading state, so that of many at once one writes, and none from facts that an end in between has set aside.
 * @returns Whether anything was written.
 */
export const judgeAndTrip = async (
  pool: DatabasePool,
  request: {
    readonly environment: Environment;
    readonly policy: BreakerPolicy;
    readonly triggers: readonly AutomaticTrigger[];
    readonly now: number;
  },
): Promise<boolean> => {
  const { environment, policy, now } = request;
  const fired = (await judge(pool, environment, policy, request.triggers)).map(({ trigger }) => trigger);
  if (fired.length === 0) return false;
  return await pool.transaction(async (tx) => {
    await lockTradingState(tx, environment);
    let hasWritten = false;
    for (let round = 0; round < mostRounds; round += 1) {
      const verdicts = await judge(tx, environment, policy, fired);
      if (verdicts.length === 0) break;
      for (const verdict of verdicts) await carryOut(tx, environment, policy, verdict, now);
      hasWritten = true;
    }
    return hasWritten;
  });
};

/**
 * Looks at every trigger of an environment, fires and escalates what has to.
 * @param request `now`: wall time, epoch ms, by which an event is stamped
 * @returns the trading state and all that is open
 */
export const evaluateBreaker = async (
  pool: DatabasePool,
  { environment, now }: { readonly environment: Environment; readonly now: number },
): Promise<BreakerView> => {
  const policy = await readPolicy(pool, environment);
  await judgeAndTrip(pool, { environment, policy, triggers: automaticTriggers, now });
  const open = await openEvents(pool, environment);
  const state = await tradingStateOf(pool, environment);
  return { environment, state, open: open.map(({ eventId, trigger }) => ({ eventId, trigger })) };
};
