import { type CommonQueryMethods, type DatabasePool, sql } from 'slonik';
import { z } from 'zod';
import type { GoalTickRequest, GoalView } from '../../../contracts/goals.ts';
import { tradingStates } from '../../../domain/breaker/policy.ts';
import { text } from '../../../domain/decimal.ts';
import { type AdjustmentInput, type Standing, adjusted, adjustmentOf } from '../../../domain/goals/adjust.ts';
import { goalAmount } from '../../../domain/goals/goal-text.ts';
import { type GoalLook, isCurrent, lookAtGoal } from '../../../domain/goals/look.ts';
import { hasPassed, hourOf } from '../../../domain/goals/period.ts';
import { describeProgress } from '../../../domain/goals/progress.ts';
import { hourMs } from '../../../domain/market/interval.ts';
import type { Environment } from '../../../domain/orders/order.ts';
import { once } from '../effects.ts';
import { type EquityReading, carryEquity, readEquity } from '../portfolio/equity.ts';
import { type GoalRecord, activeIn, loadRecord, lockRecord } from './goal-rows.ts';
import { monthTurn } from './month-turn.ts';
import { lockRiskSettings, readRiskSettings, settleRiskSettings, writeRiskSettings } from './risk-settings.ts';
import { keepLook, tellMissed, writeAdjustment, writeProgress } from './tick-rows.ts';

const actor = 'goalLoop';
/** What another goal was last heard to be counts so long. */
const hearsay = 3 * hourMs;

const silent = ({ goal }: GoalRecord, at: number, note: string): GoalView => ({
  goal,
  at,
  current: null,
  expected: null,
  progressPct: null,
  progress: null,
  note,
  adjusted: false,
});

const stateRow = z.object({ state: z.enum(tradingStates) });

const shareLockState = async (tx: CommonQueryMethods, environment: Environment) =>
  (
    await tx.maybeOne(sql.type(stateRow)`
      SELECT state FROM trading_state WHERE environment = ${environment} FOR SHARE`)
  )?.state ?? 'HALTED';

/** Why nothing can be said of an environment; null where something can. */
const nothingKnown = (reading: EquityReading | null, environment: Environment): string | null => {
  if (!reading) return `no account of ${environment} has been opened yet`;
  const isPriced = reading.valuation.assets.some(({ value }) => value !== null);
  return isPriced
    ? null
    : `nothing of ${environment} has a price yet (${reading.unpriced.join(', ') || 'it is empty'})`;
};

const tradingRow = z.object({ count: z.number() });

const countStrategies = async (tx: CommonQueryMethods, environment: Environment): Promise<number> =>
  await tx.oneFirst(sql.type(tradingRow)`
    SELECT count(*)::int AS count FROM strategies WHERE status = ${environment === 'paper' ? 'paper' : 'active'}`);

const standingsOf = (
  records: readonly GoalRecord[],
  self: GoalRecord,
  look: GoalLook,
  at: number,
): readonly Standing[] =>
  records.map(({ goal, bounds, progress }) => {
    if (goal.goalId === self.goal.goalId) return { goal, bounds, status: look.progress?.status ?? null };
    const isFresh = progress !== null && Math.abs(at - progress.at) <= hearsay;
    return { goal, bounds, status: isFresh ? progress.status : null };
  });

/** What a person should know beside how the goal stands. */
const remarksOn = (record: GoalRecord, look: GoalLook, turn: boolean, reading: EquityReading): readonly string[] => {
  const { goal, boundsProblem } = record;
  const begun = goalAmount('portfolio_target_usd', look.baseline.equity);
  const since = turn ? 'as of the first instant of the month' : 'as of now: nothing is stored of its first instant';
  return [
    ...(look.isNewPeriod && goal.type !== 'portfolio_target_usd' ? [`the month began with ${begun}, ${since}`] : []),
    ...(look.isAchieved ? ['it is reached'] : []),
    ...(reading.unpriced.length > 0 ? [`without a price, and so left out: ${reading.unpriced.join(', ')}`] : []),
    ...(boundsProblem === null ? [] : [boundsProblem]),
  ];
};

/** Judges, adjusts and writes; everything it reads is locked. */
const judge = async (
  tx: CommonQueryMethods,
  record: GoalRecord,
  { at, state, reading }: { at: number; state: AdjustmentInput['tradingState']; reading: EquityReading },
): Promise<GoalView> => {
  const { goal } = record;
  const { environment, goalId } = goal;
  const isMonthly = goal.type !== 'portfolio_target_usd';
  const turn = isMonthly && !isCurrent(goal, goal.baseline, at) ? await monthTurn(tx, environment, at) : null;
  const facts = {
    equity: Number(text(reading.equity)),
    index: reading.index,
    netFlows: Number(text(reading.netFlows)),
  };
  const look = lookAtGoal({ goal, facts, previous: record.progress?.status ?? null, turn, at });
  const after = await keepLook(tx, record, look, at);
  const remarks = remarksOn(record, look, turn !== null, reading);
  if (!look.progress) {
    const note = ['the month began without any equity: it has no return', ...remarks].join('; ');
    return { ...silent({ ...record, goal: after }, at, note) };
  }
  await writeProgress(tx, goal, look.progress, at);
  const settings = await readRiskSettings(tx, environment);
  const input: AdjustmentInput = {
    at,
    goalId,
    detail: describeProgress(goal, look.progress),
    standings: standingsOf(await activeIn(tx, environment), record, look, at),
    settings,
    tradingState: state,
    drawdown: reading.drawdownPct === null ? null : reading.drawdownPct / 100,
    strategies: await countStrategies(tx, environment),
  };
  const isOver = after.status === 'achieved';
  if (!isOver && hasPassed(after, at)) await tellMissed(tx, record, look);
  const change = isOver ? null : adjustmentOf(input);
  if (change && change.kind !== 'none') {
    await writeAdjustment(tx, goalId, change, at);
    const next = adjusted(input, change);
    await writeRiskSettings(tx, { environment, before: settings, after: next, actor, goalId, reason: change.reason });
  }
  await settleRiskSettings(tx, { environment, at, actor, goalId });
  const { current, expected, progressPct, status } = look.progress;
  return {
    goal: after,
    at,
    current,
    expected,
    progressPct,
    progress: status,
    note: [change ? change.reason : input.detail, ...remarks].join('; '),
    adjusted: change !== null && change.kind !== 'none',
  };
};

/** Null where the goal was changed by somebody between reading and locking it. */
const tickOnce = async (tx: CommonQueryMethods, { goalId, at }: GoalTickRequest): Promise<GoalView | null> => {
  const seen = await loadRecord(tx, goalId);
  const { environment } = seen.goal;
  if (seen.goal.status !== 'active') return silent(seen, at, `it is ${seen.goal.status}`);
  const state = await shareLockState(tx, environment);
  await lockRiskSettings(tx, [environment]);
  const read = await readEquity(tx, environment);
  const unknown = nothingKnown(read, environment);
  if (!read || unknown !== null) return silent(seen, at, unknown ?? 'nothing is known');
  const reading = await carryEquity(tx, read);
  const record = await lockRecord(tx, goalId);
  if (record.revision !== seen.revision || record.goal.status !== 'active') return null;
  const key = `goal/${goalId}/${new Date(hourOf(at)).toISOString()}/${record.revision}`;
  return await once(tx, { key, kind: 'goal_tick' }, () => judge(tx, record, { at, state, reading }));
};

/**
 * One hour's look at a goal, in one transaction: its progress, what it adjusts, the turn of its month, and whether it is reached.
 * Asking for the same hour again gives the same view. Where nothing can be said of its environment nothing is written.
 * Locks: trading state (shared), risk settings, equity state, goal.
 * @throws DomainError `NotFound`
 */
export const tickGoal = async (pool: DatabasePool, request: GoalTickRequest): Promise<GoalView> => {
  for (;;) {
    const view = await pool.transaction(async (tx) => await tickOnce(tx, request));
    if (view) return view;
  }
};
