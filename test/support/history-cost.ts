import type { WorkflowClient, WorkflowHandle } from '@temporalio/client';

/** What one run of a workflow costs: events in its history, and actions as Temporal Cloud bills them, by their kind. */
export interface RunCost {
  readonly events: number;
  readonly actions: number;
  readonly actionsByKind: Readonly<Record<string, number>>;
}

type History = Awaited<ReturnType<WorkflowHandle['fetchHistory']>>;
type HistoryEvent = NonNullable<History['events']>[number];

const idOf = (id: { toString(): string } | null | undefined): string => id?.toString() ?? '';

/** Kind and number of the actions that an event stands for by itself; null where it stands for none. */
const actionsOfEvent = (event: HistoryEvent): readonly [kind: string, count: number] | null => {
  const started = event.workflowExecutionStartedEventAttributes;
  if (started) {
    const isChild = Boolean(started.parentWorkflowExecution) && !started.continuedExecutionRunId;
    return isChild ? ['child workflow started', 2] : ['workflow started', 1];
  }
  const activity = event.activityTaskStartedEventAttributes;
  if (activity) return ['activity started or retried', Math.max(activity.attempt ?? 1, 1)];
  if (event.timerStartedEventAttributes) return ['timer started', 1];
  if (event.upsertWorkflowSearchAttributesEventAttributes) return ['search attributes upserted', 1];
  if (event.workflowExecutionSignaledEventAttributes) return ['signal received', 1];
  if (event.signalExternalWorkflowExecutionInitiatedEventAttributes) return ['signal sent', 1];
  if (event.workflowExecutionUpdateAcceptedEventAttributes) return ['update received', 1];
  if (event.startChildWorkflowExecutionInitiatedEventAttributes) return ['child workflow started', 2];
  if (event.workflowExecutionOptionsUpdatedEventAttributes) return ['options updated', 1];
  return null;
};

/**
 * Counts the events of a run and the actions that Temporal Cloud would bill for it, by its published definition
 * (https://docs.temporal.io/cloud/actions): a start, continuing as new included; two where it is a child; each attempt of an
 * activity; each timer, `condition` with a time-out included; each upsert of search attributes, whatever it sets; each
 * signal, update and child; and one for all markers of one workflow task, which is what its local activities cost. A
 * signal from another workflow counts here though it is billed to its sender. What no history shows is left out:
 * queries, heartbeats that reach the server, rejected updates. An activity that has not ended counts its first attempt.
 */
export const costOfHistory = ({ events }: History): RunCost => {
  const all = events ?? [];
  const actionsByKind: Record<string, number> = {};
  const add = (kind: string, count: number): void => {
    actionsByKind[kind] = (actionsByKind[kind] ?? 0) + count;
  };
  for (const event of all) {
    const actions = actionsOfEvent(event);
    if (actions) add(...actions);
  }
  const begun = new Set(all.map((event) => idOf(event.activityTaskStartedEventAttributes?.scheduledEventId)));
  const waiting = all.filter((event) => event.activityTaskScheduledEventAttributes && !begun.has(idOf(event.eventId)));
  if (waiting.length > 0) add('activity under way', waiting.length);
  const tasksWithMarkers = new Set(
    all.flatMap(({ markerRecordedEventAttributes: marker }) =>
      marker ? [idOf(marker.workflowTaskCompletedEventId)] : [],
    ),
  );
  if (tasksWithMarkers.size > 0) add('local activities of a workflow task', tasksWithMarkers.size);
  const actions = Object.values(actionsByKind).reduce((total, count) => total + count, 0);
  return { events: all.length, actions, actionsByKind };
};

/** The cost of the run that `handle` names, or of the newest one. */
export const costOfRun = async (handle: WorkflowHandle): Promise<RunCost> => costOfHistory(await handle.fetchHistory());

/** `7 events, 3 actions (2 activity started or retried, 1 workflow started)`. */
export const costText = ({ events, actions, actionsByKind }: RunCost): string =>
  `${events} events, ${actions} actions (${Object.entries(actionsByKind)
    .sort(([, a], [, b]) => b - a)
    .map(([kind, count]) => `${count} ${kind}`)
    .join(', ')})`;

/** What a workflow has cost over all of its runs, from the newest back to the first: continuing as new costs too. */
export const costOfChain = async (client: WorkflowClient, workflowId: string): Promise<RunCost & { runs: number }> => {
  let total: RunCost & { runs: number } = { events: 0, actions: 0, actionsByKind: {}, runs: 0 };
  let runId: string | undefined;
  do {
    const history = await client.getHandle(workflowId, runId).fetchHistory();
    const { events, actions, actionsByKind } = costOfHistory(history);
    const kinds = { ...total.actionsByKind };
    for (const [kind, count] of Object.entries(actionsByKind)) kinds[kind] = (kinds[kind] ?? 0) + count;
    total = {
      events: total.events + events,
      actions: total.actions + actions,
      actionsByKind: kinds,
      runs: total.runs + 1,
    };
    runId = history.events?.[0]?.workflowExecutionStartedEventAttributes?.continuedExecutionRunId || undefined;
  } while (runId !== undefined);
  return total;
};
