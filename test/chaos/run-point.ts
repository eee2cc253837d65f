import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
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

/** Whether an order of the strategy is marked as sent and the venue has not taken it. */
const isUnsent = async (stage: Stage, strategyId: string): Promise<boolean> => {
  const submitting = (await stage.store.orders.unfinishedOf(strategyId)).filter(
    ({ status }) => status === 'submitting',
  );
  const { accepted } = await stage.ledger();
  return submitting.some(({ clientOrderId }) => accepted[clientOrderId] === undefined);
};

/** Waits for the death of the worker and starts the next. */
const watchWorker = (stage: Stage, strategyId: string) => {
  const state = { crashed: false, unsent: false, error: null as unknown };
  const recovered = (async () => {
    await stage.worker().exited;
    stage.arm(noPlan);
    state.crashed = true;
    await sleep(inFlightMs);
    state.unsent = await isUnsent(stage, strategyId);
    // Time has to pass at the venue before "not found" is an answer.
    if (state.unsent) await stage.step(beyondHorizonMs);
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

/** None at the venue, `unknown`, a critical alert, and no money moved: only locked, as when the order works. */
const unknownProblems = (
  { orders, trades, alerts, venueOrders, balances }: EndState,
  reference: EndState,
): readonly string[] => {
  const last = orders.at(-1);
  const others = Object.entries(balances).filter(([asset]) => asset !== last?.['reserved_asset']);
  const amount = String(last?.['reserved_amount']);
  const locked = balances[String(last?.['reserved_asset'])];
  return [
    ...(last?.['status'] === 'unknown' ? [] : [`the order is ${String(last?.['status'])}, expected unknown`]),
    ...(trades.length < reference.trades.length || reference.trades.length === 0
      ? []
      : ['trades of an order nobody took']),
    ...(venueOrders.length === 0 ? [] : [`the venue has ${JSON.stringify(venueOrders)}`]),
    ...(alerts.some((alert) => alert['type'] === 'order_unknown' && alert['severity'] === 'critical')
      ? []
      : ['no critical alert']),
    ...(locked === `free -${amount}, locked ${amount}` ? [] : [`moved: ${String(locked)} for ${amount} reserved`]),
    ...others.flatMap(([asset, moved]) => (moved === 'free 0, locked 0' ? [] : [`${asset} moved: ${moved}`])),
  ];
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
  if (!state.unsent) return result('different', [...differing, ...problems]);
  const unknown = [...unknownProblems(end, reference), ...problems];
  return unknown.length === 0 ? result('unknown, nothing sent') : result('different', [...differing, ...unknown]);
};
