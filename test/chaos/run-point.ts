import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'slonik';
import { checkBooks } from '../../src/adapters/postgres/books-check.ts';
import { dec } from '../../src/domain/decimal.ts';
import { type CrashPoint, recordedLabels } from './plan.ts';
import type { Scenario } from './scenarios.ts';
import { type EndState, differences, endState, moneyOf } from './snapshot.ts';
import { type Stage, account, beyondHorizonMs } from './stage.ts';

/** How a run with a crash may end. */
export type Outcome = 'as without a crash' | 'unknown, nothing sent' | 'not reached' | 'different' | 'stuck';

export const isGood = (outcome: Outcome): boolean =>
  outcome === 'as without a crash' || outcome === 'unknown, nothing sent';

export interface PointResult {
  readonly point: CrashPoint;
  readonly outcome: Outcome;
  readonly details: readonly string[];
  readonly ms: number;
}

const timeLimitMs = 90_000;
/** A request that had left when its sender died reaches the exchange within this. */
const inFlightMs = 200;

const noPlan = { run: 'none', crash: null, record: false } as const;

/** Orders of the strategy that are marked as sent and that the venue has not taken. */
const unsentOrders = async (stage: Stage, strategyId: string): Promise<readonly string[]> => {
  const { accepted } = await stage.ledger();
  return (await stage.store.orders.unfinishedOf(strategyId))
    .filter(({ status, clientOrderId }) => status === 'submitting' && accepted[clientOrderId] === undefined)
    .map(({ orderId }) => orderId);
};

/** Waits for the death of the worker and starts the next. */
const watchWorker = (stage: Stage, strategyId: string) => {
  const state = { isOver: false, crashed: false, unsent: [] as readonly string[] };
  const recovered = (async () => {
    await stage.worker().exited;
    if (state.isOver) return;
    stage.arm(noPlan);
    state.crashed = true;
    await sleep(inFlightMs);
    state.unsent = await unsentOrders(stage, strategyId);
    // Time has to pass at the venue before "not found" is an answer.
    if (state.unsent.length > 0) await stage.step(beyondHorizonMs);
    await stage.startWorker();
  })();
  return { state, recovered };
};

/** Runs `work` until its end or the time limit. */
const within = async (work: Promise<unknown>): Promise<'done' | 'stuck'> => {
  const timer = Promise.withResolvers<'stuck'>();
  const limit = setTimeout(() => timer.resolve('stuck'), timeLimitMs);
  try {
    return await Promise.race([work.then(() => 'done' as const), timer.promise]);
  } finally {
    clearTimeout(limit);
  }
};

/** What must hold after every run, whatever became of it. */
const bookProblems = async (stage: Stage): Promise<readonly string[]> => {
  const violations = await checkBooks(stage.pool);
  const ours = await stage.store.balances.read(account);
  const { balances, accepted } = await stage.ledger();
  return [
    ...violations.map(({ rule, entity, found, expected }) => `${rule} ${entity}: ${found}, expected ${expected}`),
    ...Object.entries(balances).flatMap(([asset, { free, locked }]) => {
      const balance = ours.get(asset);
      const total = dec(free).plus(locked);
      const held = balance ? balance.free.plus(balance.locked) : dec('0');
      return held.eq(total) ? [] : [`${asset}: the books hold ${held.toFixed()}, the venue ${total.toFixed()}`];
    }),
    ...Object.entries(accepted).flatMap(([id, count]) => (count === 1 ? [] : [`order ${id} was taken ${count} times`])),
  ];
};

/**
 * What must be said of orders that nobody took: `unknown`, a critical alert, none at the venue, and no money moved, which
 * the totals of `bookProblems` prove together with the absence of fills.
 */
const unknownProblems = async (stage: Stage, orderIds: readonly string[]): Promise<readonly string[]> => {
  const { accepted } = await stage.ledger();
  const problems: string[] = [];
  for (const orderId of orderIds) {
    const order = await stage.store.orders.load(orderId);
    const isTold = await stage.pool.exists(sql.unsafe`
      SELECT 1 FROM alerts WHERE entity_id = ${orderId} AND alert_type = 'order_unknown' AND severity = 'critical'`);
    if (order.status !== 'unknown') problems.push(`order ${orderId} is ${order.status}, expected unknown`);
    if (order.filledQuantity !== '0') problems.push(`order ${orderId} has ${order.filledQuantity} filled`);
    if (accepted[order.clientOrderId] !== undefined) problems.push(`the venue has order ${order.clientOrderId}`);
    if (!isTold) problems.push(`nobody is told of order ${orderId}`);
  }
  return problems;
};

/** A run that nothing kills: where it ends, and the steps it came by. */
export const recordRun = async (
  stage: Stage,
  scenario: Scenario,
): Promise<{ readonly end: EndState; readonly labels: readonly string[] }> => {
  const cycle = await stage.nextCycle();
  const strategyId = await scenario.prepare(stage);
  const before = await moneyOf(stage);
  stage.arm({ run: randomUUID(), crash: null, record: true });
  const finished = await within(scenario.run(stage, strategyId, cycle));
  stage.arm(noPlan);
  if (finished === 'stuck') throw new TypeError(`${scenario.name} does not end even without a crash`);
  await stage.clearFaults();
  const problems = await bookProblems(stage);
  if (problems.length > 0) throw new TypeError(`${scenario.name} without a crash: ${problems.join('; ')}`);
  return { end: await endState(stage, strategyId, before), labels: recordedLabels(stage.planFile) };
};

/** Kills the worker at a point of a scenario, starts another, and compares where it ends with `reference`. */
export const runPoint = async (
  stage: Stage,
  scenario: Scenario,
  point: CrashPoint,
  reference: EndState,
): Promise<PointResult> => {
  const startedAt = Date.now();
  const cycle = await stage.nextCycle();
  const strategyId = await scenario.prepare(stage);
  const before = await moneyOf(stage);
  const { state, recovered } = watchWorker(stage, strategyId);
  stage.arm({ run: randomUUID(), crash: point, record: false });
  const finished = await within(scenario.run(stage, strategyId, cycle));
  stage.arm(noPlan);
  state.isOver = true;
  if (state.crashed) await recovered;
  await stage.clearFaults();
  const result = (outcome: Outcome, details: readonly string[] = []): PointResult => ({
    point,
    outcome,
    details,
    ms: Date.now() - startedAt,
  });
  if (finished === 'stuck') return result('stuck', [JSON.stringify(await endState(stage, strategyId, before))]);
  const problems = await bookProblems(stage);
  const end = await endState(stage, strategyId, before);
  const differing = differences(reference, end);
  if (!state.crashed) return result(differing.length + problems.length > 0 ? 'different' : 'not reached', problems);
  if (differing.length === 0 && problems.length === 0) return result('as without a crash');
  if (state.unsent.length === 0) return result('different', [...differing, ...problems]);
  const unknown = [...(await unknownProblems(stage, state.unsent)), ...problems];
  return unknown.length === 0 ? result('unknown, nothing sent') : result('different', [...differing, ...unknown]);
};
