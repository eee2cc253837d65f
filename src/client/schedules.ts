import type { ScheduleClient, ScheduleDescription, WorkflowClient } from '@temporalio/client';
import type { Config } from '../config.ts';
import type { ReconciliationRequest } from '../contracts/reconciliation.ts';
import { taskQueues } from '../contracts/task-queues.ts';
import {
  portfolioSnapshotWorkflowId,
  reconciliationWorkflowId,
  riskSnapshotWorkflowId,
} from '../contracts/workflow-ids.ts';
import type { Environment } from '../domain/orders/order.ts';

/** A workflow that is to run again and again. */
export interface ScheduleDeclaration {
  readonly id: string;
  readonly workflow: string;
  /** What its runs are called; the server adds the time of each. */
  readonly workflowId: string;
  readonly args: readonly unknown[];
  readonly everyMs: number;
  /** `SKIP`: a run that is due while the last one still runs is left out. */
  readonly overlap: 'SKIP';
  /** A run that was missed for longer than this is not made up for; the server's own default is a year. */
  readonly catchupWindowMs: number;
  readonly pauseOnFailure: boolean;
}

export interface ScheduleChange {
  readonly kind: 'create' | 'update' | 'remove';
  readonly id: string;
  /** What differs, for a person. */
  readonly what: string;
}

/** What a start-up makes up for need not be caught up with. */
const catchupWindowMs = 60_000;
/** Marks the schedules that are ours to remove. */
const memo = { managedBy: 'mastertrade' } as const;

type Accounts = Pick<Config, 'reconciliation' | 'snapshots'> & {
  readonly live: Pick<Config['live'], 'enabled' | 'venue'>;
};

const every = (
  everyMs: number,
  workflow: string,
  workflowId: string,
  args: readonly unknown[],
): ScheduleDeclaration => ({
  id: workflowId,
  workflow,
  workflowId,
  args,
  everyMs,
  overlap: 'SKIP',
  catchupWindowMs,
  pauseOnFailure: false,
});

/** What compares each account with its venue. */
export const reconciliationSchedules = ({ reconciliation, live }: Omit<Accounts, 'snapshots'>) => {
  const { everyMs } = reconciliation;
  if (everyMs === null) return [];
  const accounts: readonly Omit<ReconciliationRequest, 'fix'>[] = [
    { environment: 'paper', venue: 'paper' },
    ...(live.enabled ? [{ environment: 'live', venue: live.venue } as const] : []),
  ];
  return accounts.map(({ environment, venue }) =>
    every(everyMs, 'reconciliation', reconciliationWorkflowId(environment, venue), [
      { environment, venue, fix: true } satisfies ReconciliationRequest,
    ]),
  );
};

/** What writes down each environment's balances and risk figures. */
const snapshotSchedules = ({ snapshots, live }: Omit<Accounts, 'reconciliation'>) => {
  const { everyMs } = snapshots;
  if (everyMs === null) return [];
  const environments: readonly Environment[] = live.enabled ? ['paper', 'live'] : ['paper'];
  return environments.flatMap((environment) => [
    every(everyMs, 'portfolioSnapshot', portfolioSnapshotWorkflowId(environment), [{ environment }]),
    every(everyMs, 'riskSnapshot', riskSnapshotWorkflowId(environment), [{ environment }]),
  ]);
};

/** Every schedule that a configuration asks for. */
export const declaredSchedules = (config: Accounts): readonly ScheduleDeclaration[] => [
  ...reconciliationSchedules(config),
  ...snapshotSchedules(config),
];

const declarationOf = (found: ScheduleDescription): ScheduleDeclaration => ({
  id: found.scheduleId,
  workflow: found.action.workflowType,
  workflowId: found.action.workflowId ?? '',
  args: found.action.args ?? [],
  everyMs: found.spec.intervals?.[0]?.every ?? 0,
  overlap: found.policies.overlap as 'SKIP',
  catchupWindowMs: found.policies.catchupWindow,
  pauseOnFailure: found.policies.pauseOnFailure,
});

/** What has to be done so that there is what is declared, and nothing else. */
export const diffSchedules = (
  declared: readonly ScheduleDeclaration[],
  existing: readonly ScheduleDeclaration[],
): readonly ScheduleChange[] => {
  const byId = new Map(existing.map((schedule) => [schedule.id, schedule]));
  const wanted = declared.flatMap((schedule): ScheduleChange[] => {
    const found = byId.get(schedule.id);
    if (!found) return [{ kind: 'create', id: schedule.id, what: `every ${schedule.everyMs} ms` }];
    const differing = (Object.keys(schedule) as (keyof ScheduleDeclaration)[]).filter(
      (name) => JSON.stringify(schedule[name]) !== JSON.stringify(found[name]),
    );
    const what = differing.map((name) => `${name}: ${JSON.stringify(found[name])} → ${JSON.stringify(schedule[name])}`);
    return differing.length === 0 ? [] : [{ kind: 'update', id: schedule.id, what: what.join(', ') }];
  });
  const ids = new Set(declared.map(({ id }) => id));
  const superfluous = existing.filter(({ id }) => !ids.has(id));
  return [
    ...wanted,
    ...superfluous.map(({ id }): ScheduleChange => ({ kind: 'remove', id, what: 'no longer declared' })),
  ];
};

const isNamed = (error: unknown, name: string): boolean => error instanceof Error && error.name === name;

const describe = async (client: ScheduleClient, id: string): Promise<ScheduleDeclaration | null> => {
  try {
    return declarationOf(await client.getHandle(id).describe());
  } catch (error) {
    if (isNamed(error, 'ScheduleNotFoundError')) return null;
    throw error;
  }
};

/** The declared schedules that are there, and all others of ours. The server's listing may lag: what is declared is asked for by its id. */
const existingSchedules = async (
  client: ScheduleClient,
  declared: readonly ScheduleDeclaration[],
): Promise<readonly ScheduleDeclaration[]> => {
  const ids = new Set(declared.map(({ id }) => id));
  for await (const summary of client.list()) {
    if (summary.memo?.['managedBy'] === memo.managedBy) ids.add(summary.scheduleId);
  }
  const found: ScheduleDeclaration[] = [];
  for (const id of ids) {
    const schedule = await describe(client, id);
    if (schedule) found.push(schedule);
  }
  return found;
};

const optionsOf = (schedule: ScheduleDeclaration) => ({
  spec: { intervals: [{ every: schedule.everyMs }] },
  policies: {
    overlap: schedule.overlap,
    catchupWindow: schedule.catchupWindowMs,
    pauseOnFailure: schedule.pauseOnFailure,
  },
  action: {
    type: 'startWorkflow' as const,
    workflowType: schedule.workflow,
    workflowId: schedule.workflowId,
    taskQueue: taskQueues.orchestration,
    args: [...schedule.args],
  },
});

const carryOut = async (
  client: ScheduleClient,
  change: ScheduleChange,
  schedule: ScheduleDeclaration | undefined,
): Promise<void> => {
  try {
    if (change.kind === 'remove') await client.getHandle(change.id).delete();
    else if (!schedule) return;
    else if (change.kind === 'create') await client.create({ scheduleId: schedule.id, memo, ...optionsOf(schedule) });
    // A schedule that a person has paused stays paused.
    else await client.getHandle(change.id).update(({ state }) => ({ ...optionsOf(schedule), state }));
  } catch (error) {
    // Another worker that starts at the same time has done it.
    if (!isNamed(error, 'ScheduleAlreadyRunning') && !isNamed(error, 'ScheduleNotFoundError')) throw error;
  }
};

/**
 * Brings the server's schedules in line with what is declared: creates, updates, and removes those of ours that are no longer declared.
 * Applying the same again changes nothing.
 * @param show is told the difference before anything is changed
 */
export const applySchedules = async (
  client: ScheduleClient,
  declared: readonly ScheduleDeclaration[],
  show: (changes: readonly ScheduleChange[]) => void,
): Promise<readonly ScheduleChange[]> => {
  const changes = diffSchedules(declared, await existingSchedules(client, declared));
  show(changes);
  for (const change of changes) {
    await carryOut(
      client,
      change,
      declared.find(({ id }) => id === change.id),
    );
  }
  return changes;
};

/** Runs each once now; where one runs already, that is the run. */
export const runNow = async (client: WorkflowClient, declared: readonly ScheduleDeclaration[]): Promise<void> => {
  for (const { workflow, workflowId, args } of declared) {
    await client.start(workflow, {
      workflowId,
      taskQueue: taskQueues.orchestration,
      workflowIdConflictPolicy: 'USE_EXISTING',
      args: [...args],
    });
  }
};
