import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import {
  type ScheduleChange,
  type ScheduleDeclaration,
  applySchedules,
  declaredSchedules,
} from '../../src/client/schedules.ts';
import { taskQueues } from '../../src/contracts/task-queues.ts';
import { spawnWorker } from '../../src/stack/worker-process.ts';
import { type TestNamespace, createNamespace } from '../support/namespace.ts';
import { until } from '../support/order-stage.ts';
import { type TradingDatabase, createTradingDatabase } from '../support/trading.ts';

const declared = (everyMs: number, live: boolean): readonly ScheduleDeclaration[] =>
  declaredSchedules({
    reconciliation: { everyMs },
    snapshots: { everyMs: null },
    live: { enabled: live, venue: 'simulator' },
  });
const minute = 60_000;

let namespace: TestNamespace;
beforeAll(async () => {
  namespace = await createNamespace();
});
afterAll(() => namespace.close());

const apply = async (schedules: readonly ScheduleDeclaration[]) => {
  const shown: ScheduleChange[] = [];
  const changes = await applySchedules(namespace.client.schedule, schedules, (found) => void shown.push(...found));
  expect(shown).toEqual(changes);
  return changes.map(({ kind, id }) => `${kind} ${id}`);
};
const listed = async (): Promise<string[]> => {
  const ids: string[] = [];
  for await (const { scheduleId } of namespace.client.schedule.list()) ids.push(scheduleId);
  return ids.sort();
};

const paper = 'reconciliation/paper/paper';
const live = 'reconciliation/live/simulator';

describe('the declared schedules', () => {
  const never = { reconciliation: { everyMs: null }, snapshots: { everyMs: null } };

  it('are none where nothing is to be reconciled or written down', () => {
    expect(declaredSchedules({ ...never, live: { enabled: true, venue: 'simulator' } })).toEqual([]);
  });

  it('write down balances and risk of paper always, of live where it is switched on', () => {
    const of = (enabled: boolean) =>
      declaredSchedules({ ...never, snapshots: { everyMs: minute }, live: { enabled, venue: 'simulator' } });
    expect(of(false).map(({ id }) => id)).toEqual(['portfolio-snapshot/paper', 'risk-snapshot/paper']);
    expect(of(true)).toHaveLength(4);
    expect(of(true).at(-1)).toMatchObject({
      id: 'risk-snapshot/live',
      workflow: 'riskSnapshot',
      args: [{ environment: 'live' }],
      everyMs: minute,
    });
  });

  it('are created, with their window and what happens to overlapping runs set', async () => {
    expect(await apply(declared(5 * minute, true))).toEqual([`create ${paper}`, `create ${live}`]);
    const { spec, policies, action } = await namespace.client.schedule.getHandle(live).describe();
    expect(spec.intervals).toMatchObject([{ every: 5 * minute }]);
    expect(policies).toMatchObject({ overlap: 'SKIP', catchupWindow: minute, pauseOnFailure: false });
    expect(action).toMatchObject({
      workflowType: 'reconciliation',
      args: [{ environment: 'live', venue: 'simulator', fix: true }],
    });
  });

  it('applied again change nothing', async () => {
    expect(await apply(declared(5 * minute, true))).toEqual([]);
  });

  it('are updated where they differ, and one that a person has paused stays paused', async () => {
    await namespace.client.schedule.getHandle(live).pause('looking at something');
    expect(await apply(declared(10 * minute, true))).toEqual([`update ${paper}`, `update ${live}`]);
    const { spec, state } = await namespace.client.schedule.getHandle(live).describe();
    expect(spec.intervals).toMatchObject([{ every: 10 * minute }]);
    expect(state).toMatchObject({ paused: true, note: 'looking at something' });
  });

  it('that are no longer declared are removed, and those of others are left alone', async () => {
    await namespace.client.schedule.create({
      scheduleId: 'somebody else',
      spec: { intervals: [{ every: '1 day' }] },
      action: { type: 'startWorkflow', workflowType: 'theirs', taskQueue: 'theirs' },
    });
    await until(async () => ((await listed()).length === 3 ? true : null));
    expect(await apply(declared(10 * minute, false))).toEqual([`remove ${live}`]);
    expect(await apply(declared(10 * minute, false))).toEqual([]);
    await until(async () => ((await listed()).length === 2 ? true : null));
    expect(await listed()).toEqual([paper, 'somebody else']);
  });

  it('are applied once by two workers that start at the same time', async () => {
    await Promise.all([apply(declared(10 * minute, true)), apply(declared(10 * minute, true))]);
    expect(await apply(declared(10 * minute, true))).toEqual([]);
  });
});

describe('a worker that starts', () => {
  let database: TradingDatabase;
  let own: TestNamespace;
  beforeAll(async () => {
    database = await createTradingDatabase();
    own = await createNamespace();
  });
  afterAll(async () => {
    await own.close();
    await database.drop();
  });

  it('compares at once what it trades on, and from then on by schedule', async () => {
    const worker = await spawnWorker(
      {
        ...own.env,
        DATABASE_URL: database.url,
        // Nothing answers there: the books on paper need no exchange.
        MASTERTRADE_SIMULATOR_URL: 'http://127.0.0.1:9',
        MASTERTRADE_SIMULATOR_API_KEY: 'key',
        MASTERTRADE_SIMULATOR_API_SECRET: 'secret',
        MASTERTRADE_LIVE: 'off',
        MASTERTRADE_WORKFLOW_BUNDLE: inject('workflowBundlePath'),
        MASTERTRADE_TASK_QUEUES: `${taskQueues.orchestration},${taskQueues.exchange}`,
        MASTERTRADE_RECONCILE_MS: '10000',
        MASTERTRADE_SNAPSHOT_MS: '10000',
        MASTERTRADE_LOG_LEVEL: 'error',
      },
      () => undefined,
    );
    try {
      const first = own.client.workflow.getHandle(paper);
      expect(await first.result()).toMatchObject({ environment: 'paper', found: 0, left: 0 });
      const scheduled = await until(async () => {
        const { info } = await own.client.schedule.getHandle(paper).describe();
        return info.recentActions[0]?.action.workflow.workflowId ?? null;
      });
      expect(scheduled.startsWith(`${paper}-`)).toBe(true);
      expect(await own.client.workflow.getHandle(scheduled).result()).toMatchObject({ left: 0 });
      const snapshot = await until(async () => {
        const { info } = await own.client.schedule.getHandle('risk-snapshot/paper').describe();
        return info.recentActions[0]?.action.workflow.workflowId ?? null;
      });
      expect(await own.client.workflow.getHandle(snapshot).result()).toEqual({
        skipped: 'no account of paper has been opened yet: there is nothing to value',
      });
    } finally {
      await worker.stop();
    }
  });
});
