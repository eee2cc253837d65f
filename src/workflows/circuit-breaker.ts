import {
  ParentClosePolicy,
  WorkflowIdReusePolicy,
  condition,
  continueAsNew,
  getExternalWorkflowHandle,
  setCurrentDetails,
  setHandler,
  startChild,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { type BreakerView, type OpenIncident, breakerLookSignal, breakerQuery } from '../contracts/breaker.ts';
import { environmentKey, statusKey } from '../contracts/search-attributes.ts';
import { incidentWorkflowId } from '../contracts/workflow-ids.ts';
import type { Environment } from '../domain/orders/order.ts';
import { breaker, database } from './activity-proxies.ts';
import type { circuitBreakerIncident } from './circuit-breaker-incident.ts';
import { activityFailure } from './failures.ts';
import { tell } from './tell.ts';

/** It is told of closes, of closed positions and of commands; unasked it looks this often. */
const quietCheck = '15 minutes';

export interface CircuitBreakerInput {
  readonly environment: Environment;
  /** What the last run saw. */
  readonly carried?: BreakerView;
}

/**
 * Watches the triggers of one environment. What has fired is an event's row, and an incident of its own carries it out; this one
 * sees to it that each open event has its incident, also those that were fired while no workflow could run.
 */
export async function circuitBreaker({ environment, carried }: CircuitBreakerInput): Promise<void> {
  const state: { news: boolean; view: BreakerView | null; shown: string | null } = {
    news: false,
    view: carried ?? null,
    shown: carried?.state ?? null,
  };
  setHandler(breakerLookSignal, () => {
    state.news = true;
  });
  setHandler(breakerQuery, () => state.view);
  if (!carried) upsertSearchAttributes([{ key: environmentKey, value: environment }]);

  for (;;) {
    if (state.view && workflowInfo().continueAsNewSuggested) {
      await continueAsNew<typeof circuitBreaker>({ environment, carried: state.view });
    }
    state.news = false;
    const before = state.view?.open ?? [];
    const view = await evaluate(environment);
    if (!view) {
      await condition(() => state.news, quietCheck);
      continue;
    }
    state.view = view;
    if (view.state !== state.shown) upsertSearchAttributes([{ key: statusKey, value: view.state }]);
    state.shown = view.state;
    setCurrentDetails(describe(view));
    for (const incident of view.open) await wake(environment, incident);
    // What was ended by a command still has strategies to tell.
    const open = new Set(view.open.map(({ eventId }) => eventId));
    for (const incident of before) if (!open.has(incident.eventId)) await look(environment, incident);
    await condition(() => state.news, quietCheck);
  }
}

/** Null where the facts could not be judged: a breaker does not end by that, it looks again. */
const evaluate = async (environment: Environment): Promise<BreakerView | null> => {
  try {
    return await breaker.evaluateBreaker(environment);
  } catch (error) {
    const failure = activityFailure(error);
    if (!failure) throw error;
    const { message } = failure;
    setCurrentDetails(`The triggers of ${environment} could not be judged: ${message}`);
    await database.raiseAlert({
      type: 'breaker_blind',
      severity: 'critical',
      title: `Circuit breaker (${environment}): its triggers could not be judged`,
      message,
      entityType: 'system',
      entityId: environment,
      dedupeKey: `breaker_blind/${environment}/${new Date().toISOString().slice(0, 10)}`,
    });
    return null;
  }
};

const look = async (environment: Environment, { trigger, eventId }: OpenIncident): Promise<void> =>
  await tell(() =>
    getExternalWorkflowHandle(incidentWorkflowId(environment, trigger, eventId)).signal(breakerLookSignal),
  );

/** Starts the incident of an event, or tells the one that runs. One that was stopped by force is started again. */
const wake = async (environment: Environment, incident: OpenIncident): Promise<void> => {
  const { eventId, trigger } = incident;
  try {
    await startChild<typeof circuitBreakerIncident>('circuitBreakerIncident', {
      workflowId: incidentWorkflowId(environment, trigger, eventId),
      workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY,
      parentClosePolicy: ParentClosePolicy.ABANDON,
      staticSummary: `${trigger} on ${environment}: event ${eventId}`,
      args: [{ eventId, environment, trigger }],
    });
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    await look(environment, incident);
  }
};

const describe = ({ environment, state, open }: BreakerView): string =>
  [
    `Trading on ${environment} is **${state}**`,
    open.length === 0
      ? 'No incident is open'
      : `Open: ${open.map(({ trigger, eventId }) => `\`${incidentWorkflowId(environment, trigger, eventId)}\``).join(', ')}`,
  ].join('\n\n');
