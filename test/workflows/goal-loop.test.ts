import { readFile } from 'node:fs/promises';
import { WorkflowFailedError, type WorkflowHandle } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker } from '@temporalio/worker';
import { pino } from 'pino';
import { sql } from 'slonik';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { z } from 'zod';
import { createGoalActivities } from '../../src/activities/goal-activities.ts';
import type { GoalRequest } from '../../src/adapters/postgres/goals/set-goal.ts';
import { createGoalRequests } from '../../src/client/goal-requests.ts';
import { type GoalTickRequest, type GoalView, goalQuery } from '../../src/contracts/goals.ts';
import { taskQueues } from '../../src/contracts/task-queues.ts';
import { goalWorkflowId } from '../../src/contracts/workflow-ids.ts';
import type { Goal } from '../../src/domain/goals/goal.ts';
import type { Environment } from '../../src/domain/orders/order.ts';
import { watchGoals } from '../../src/goal-watch.ts';
import { createTimeSkippingEnvironment } from '../support/time-skipping.ts';
import { type TradingDatabase, createTradingDatabase } from '../support/trading.ts';
import { startWorkers } from '../support/workflow-environment.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const by = 'ada';
/** A run may have at most so many events: 500 ticks of seven, and some. */
const longest = 4_000;

type Loop = WorkflowHandle<(input: { goalId: number }) => Promise<GoalView>>;

let env: TestWorkflowEnvironment;
let database: TradingDatabase;
let code: string;
let stop: () => Promise<void>;
/** While it is, no look is answered. */
let isDown = false;

beforeAll(async () => {
  env = await createTimeSkippingEnvironment();
  database = await createTradingDatabase();
  code = await readFile(inject('workflowBundlePath'), 'utf8');
  const { store } = database;
  await store.balances.open({ environment: 'paper', exchange: 'paper' }, { USDT: '10000' }, 0);
  await store.balances.open({ environment: 'live', exchange: 'simulator' }, { USDT: '10000' }, 0);
  const goals = createGoalActivities({ store });
  const activities = {
    tickGoal: async (request: GoalTickRequest) => {
      if (isDown) throw ApplicationFailure.create({ message: 'no answer', nextRetryDelay: '5 milliseconds' });
      return await goals.tickGoal(request);
    },
  };
  stop = await startWorkers(env, { [taskQueues.orchestration]: { activities } }, inject('workflowBundlePath'));
});
afterAll(async () => {
  await stop?.();
  await database?.drop();
  await env?.teardown();
});

const tell = (goal: Goal): Promise<void> => createGoalRequests(env.client, (_what, work) => work()).goalChanged(goal);
const loopOf = ({ goalId }: Pick<Goal, 'goalId'>): Loop => env.client.workflow.getHandle(goalWorkflowId(goalId));
const set = async (request: Omit<GoalRequest, 'by'>): Promise<Goal> => {
  const { goal } = await database.store.goals.set({ ...request, by });
  await tell(goal);
  return goal;
};
const change = async (goal: Goal, to: 'active' | 'paused' | 'cancelled'): Promise<void> =>
  await tell(await database.store.goals.changeStatus({ goalId: goal.goalId, to, by }));
const earn = (environment: Environment, usd: number) =>
  database.pool.query(sql.unsafe`
    UPDATE current_balances SET free_balance = free_balance + ${usd}, total_balance = total_balance + ${usd}
    WHERE environment = ${environment}`);
/** Time only passes where nobody waits for it: the query waits for the look that a signal has asked for. */
const seen = async (goal: Goal, wanted: Partial<GoalView>): Promise<GoalView> => {
  let view: GoalView | null = null;
  await expect
    .poll(async () => (view = await loopOf(goal).query(goalQuery)), { timeout: 10_000, interval: 20 })
    .toMatchObject(wanted);
  if (view === null) throw new TypeError('the goal was not looked at');
  return view;
};
const now = async (): Promise<number> => await env.currentTimeMs();

const progressRow = z.object({ at: z.number(), status: z.string(), target: z.coerce.number() });
const progressOf = ({ goalId }: Goal) =>
  database.pool.any(sql.type(progressRow)`
    SELECT timestamp AS at, status, target_value AS target FROM goal_progress WHERE goal_id = ${goalId} ORDER BY timestamp, id`);
const adjustmentRow = z.object({ at: z.number(), to: z.coerce.number(), reason: z.string() });
const adjustmentsOf = ({ goalId }: Goal) =>
  database.pool.any(sql.type(adjustmentRow)`
    SELECT applied_at AS at, new_value AS to, reason FROM goal_adjustments WHERE goal_id = ${goalId} ORDER BY applied_at, id`);
/** Of every run of a loop, the first one first. */
const historiesOf = async ({ goalId }: Goal) => {
  const runOf = async (runId?: string) =>
    await env.client.workflow.getHandle(goalWorkflowId(goalId), runId).fetchHistory();
  const started = (await runOf()).events?.[0]?.workflowExecutionStartedEventAttributes;
  const found: Awaited<ReturnType<typeof runOf>>[] = [];
  for (let runId = started?.firstExecutionRunId; runId;) {
    const history = await runOf(runId);
    found.push(history);
    runId = history.events?.at(-1)?.workflowExecutionContinuedAsNewEventAttributes?.newExecutionRunId;
  }
  return found;
};
/** The values as they follow each other, those that stay the same once. */
const turns = <T>(values: readonly T[]): T[] => values.filter((value, i) => i === 0 || value !== values[i - 1]);

describe('a goal of this month', () => {
  let goal: Goal;

  it('is looked at when it is set, and again when it is changed within the same hour', async () => {
    goal = await set({ type: 'monthly_profit_usd', target: 5_000, environment: 'live' });
    await seen(goal, { current: 0, progress: 'on_track' });
    await set({ type: 'monthly_profit_usd', target: 7_000 });
    await seen(goal, { goal: expect.objectContaining({ target: 7_000 }) as Goal });
    expect((await progressOf(goal)).map(({ target }) => target)).toEqual([5_000, 7_000]);
  });

  it('is looked at on every full hour', async () => {
    const { length } = await progressOf(goal);
    await env.sleep(3 * hourMs);
    const rows = (await progressOf(goal)).slice(length);
    expect(rows).toHaveLength(3);
    for (const { at } of rows) expect(at % hourMs).toBeLessThan(60_000);
  });

  it('is left alone while it is paused, and goes on when it is resumed', async () => {
    await change(goal, 'paused');
    await seen(goal, { note: 'it is paused' });
    const { length } = await progressOf(goal);
    const { historyLength } = await loopOf(goal).describe();
    await env.sleep(2 * dayMs);
    expect(await progressOf(goal)).toHaveLength(length);
    expect(await loopOf(goal).describe()).toMatchObject({ historyLength });
    await change(goal, 'active');
    await seen(goal, { goal: expect.objectContaining({ status: 'active' }) as Goal });
    await env.sleep(hourMs);
    expect(await progressOf(goal)).toHaveLength(length + 2);
  });

  it('is looked at five minutes later where the database did not answer', async () => {
    const { length } = await progressOf(goal);
    isDown = true;
    await env.sleep(hourMs - ((await now()) % hourMs) + 4 * 60_000);
    isDown = false;
    expect(await progressOf(goal)).toHaveLength(length);
    await env.sleep(2 * 60_000);
    expect(await progressOf(goal)).toHaveLength(length + 1);
  });

  it('ends with its goal, and is started by setting it anew', async () => {
    await change(goal, 'cancelled');
    expect(await loopOf(goal).result()).toMatchObject({ goal: { status: 'cancelled' }, note: 'it is cancelled' });
    const again = await set({ type: 'monthly_profit_usd', target: 5_000 });
    await seen(again, { goal: expect.objectContaining({ goalId: goal.goalId, status: 'active' }) as Goal });
    await change(again, 'cancelled');
    await loopOf(goal).result();
  });
});

it('ends when a portfolio has reached its target', async () => {
  const goal = await set({ type: 'portfolio_target_usd', target: 11_000, environment: 'live' });
  await env.sleep(dayMs);
  await earn('live', 1_000);
  await env.sleep(hourMs);
  expect(await loopOf(goal).result()).toMatchObject({ goal: { status: 'achieved' }, current: 11_000 });
});

it('fails by name where there is no such goal', async () => {
  const goal = { goalId: 999 } as Goal;
  await tell(goal);
  const failed = await loopOf(goal)
    .result()
    .catch((error: unknown) => error);
  expect(failed).toBeInstanceOf(WorkflowFailedError);
  expect((failed as WorkflowFailedError).cause).toMatchObject({ type: 'NotFound' });
});

describe('forty days, across the end of a month', () => {
  let goal: Goal;

  it('leave one row of progress for each hour', async () => {
    const today = new Date(await now());
    const [year, month] = [today.getUTCFullYear(), today.getUTCMonth() + 1];
    // The twelfth leaves each month time enough to be behind, to raise, to be ahead and to lower again.
    const start = Date.UTC(year, month, 12, 12, 30);
    const end = start + 40 * dayMs;
    const sleepUntil = async (at: number): Promise<void> => await env.sleep(at - (await now()));
    await sleepUntil(start);
    goal = await set({ type: 'monthly_return_pct', target: 10, environment: 'paper' });
    await seen(goal, { progress: 'on_track' });
    await sleepUntil(start + 12 * dayMs);
    await earn('paper', 3_000);
    await sleepUntil(end);
    const rows = await progressOf(goal);
    const hourOf = (at: number): number => Math.floor(at / hourMs);
    const range = (from: number, to: number): number[] =>
      Array.from({ length: hourOf(to) - hourOf(from) + 1 }, (_, hour) => hourOf(from) + hour);
    expect(rows.map(({ at }) => hourOf(at))).toEqual(range(start, end));
    expect(turns(rows.map(({ status }) => status))).toEqual(['on_track', 'behind', 'ahead', 'on_track', 'behind']);
  });

  it('raise risk step by step while behind, lower it while ahead, once a day at most and within bounds', async () => {
    const adjustments = await adjustmentsOf(goal);
    const raised = [1.1, 1.2, 1.3, 1.4, 1.5];
    expect(adjustments.map(({ to }) => to)).toEqual([...raised, 1.4, 1.3, 1.2, 1.1, 1, ...raised]);
    for (const [i, { at }] of adjustments.entries()) {
      expect(at - (adjustments[i - 1]?.at ?? 0)).toBeGreaterThanOrEqual(dayMs);
    }
    expect(await database.store.riskSettings.read('paper')).toMatchObject({ riskScale: 1.5, goalId: goal.goalId });
    expect(await database.store.riskSettings.read('live')).toMatchObject({ riskScale: 1 });
  });

  it('begin a new period with the month', async () => {
    const { goal: stands, current } = await seen(goal, { progress: 'behind' });
    expect(stands.baseline).toMatchObject({ equity: 13_000, index: 1.3 });
    expect(new Date(stands.baseline?.at ?? 0).toISOString()).toMatch(/-01T00:00:/);
    expect(current).toBe(0);
  });

  it('are several runs of bounded length, each of which replays', async () => {
    const histories = await historiesOf(goal);
    const lengths = histories.map(({ events }) => events?.length ?? 0);
    expect(lengths.length).toBeGreaterThan(1);
    expect(Math.max(...lengths)).toBeLessThan(longest);
    const workflowId = goalWorkflowId(goal.goalId);
    const replays = Worker.runReplayHistories(
      { workflowBundle: { code } },
      histories.map((history) => ({ workflowId, history })),
    );
    let replayed = 0;
    for await (const { error } of replays) {
      expect(error).toBeUndefined();
      replayed += 1;
    }
    expect(replayed).toBe(histories.length);
    await change(goal, 'cancelled');
    await loopOf(goal).result();
  });
});

it('is started with a worker for each goal that is not over, and left alone where it runs', async () => {
  const { goal } = await database.store.goals.set({ type: 'monthly_profit_usd', target: 100, by });
  const logger = pino({ level: 'silent' });
  await watchGoals(env.client, database.store.goals.list, logger);
  const { runId, status } = await loopOf(goal).describe();
  expect(status.name).toBe('RUNNING');
  await watchGoals(env.client, database.store.goals.list, logger);
  expect((await loopOf(goal).describe()).runId).toBe(runId);
  for (const over of (await database.store.goals.list()).filter(({ goalId }) => goalId !== goal.goalId)) {
    expect((await loopOf(over).describe()).status.name).toBe('COMPLETED');
  }
  await loopOf(goal).terminate();
});
