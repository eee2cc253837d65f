import {
  allHandlersFinished,
  condition,
  continueAsNew,
  getExternalWorkflowHandle,
  setCurrentDetails,
  setHandler,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import {
  type IncidentStep,
  type IncidentView,
  type OpenIncident,
  type ResolveRequest,
  breakerLookSignal,
  incidentQuery,
  resolveUpdate,
} from '../contracts/breaker.ts';
import { orderFinishedSignal, orderNewsSignal, strategyChangedSignal } from '../contracts/messages.ts';
import { environmentKey, statusKey } from '../contracts/search-attributes.ts';
import { circuitBreakerWorkflowId, orderWorkflowId, strategyWorkflowId } from '../contracts/workflow-ids.ts';
import { type BreakerAction, breakerActions } from '../domain/breaker/policy.ts';
import { DomainError } from '../domain/errors.ts';
import type { Environment } from '../domain/orders/order.ts';
import { breaker, incidents } from './activity-proxies.ts';
import { activityFailure, named, refusal } from './failures.ts';
import { describeIncident } from './incident-details.ts';
import { type CarriedIncident, IncidentState } from './incident-state.ts';
import { startOrderWorkflow, summaryOf } from './start-order.ts';
import { tell } from './tell.ts';
import { together } from './together.ts';

export interface IncidentInput extends OpenIncident {
  readonly environment: Environment;
  readonly carried?: CarriedIncident;
}

/**
 * One event of a breaker, from its actions to its end. What was done stands in the event's row, so that whoever goes on after a crash
 * does the rest; an action that cannot be finished lets the next one go on, and is come back to.
 */
export async function circuitBreakerIncident({ carried, ...incident }: IncidentInput): Promise<IncidentView> {
  const { eventId, environment } = incident;
  const state = new IncidentState(carried);
  setHandler(breakerLookSignal, () => {
    state.news = true;
  });
  setHandler(orderFinishedSignal, (finished) => state.finished(finished, Date.now()));
  setHandler(incidentQuery, () => state.view);
  setHandler(
    resolveUpdate,
    async (request) =>
      await named(async () => {
        const view = await breaker.resolveIncident({ eventId, request });
        state.news = true;
        return view;
      }),
    { validator: checkRequest },
  );
  if (!carried) upsertSearchAttributes([{ key: environmentKey, value: environment }]);

  for (;;) {
    if (workflowInfo().continueAsNewSuggested) {
      await condition(allHandlersFinished);
      await continueAsNew<typeof circuitBreakerIncident>({ ...incident, carried: state.carry() });
    }
    state.news = false;
    const view = await round(state, eventId);
    if (view.resolvedAt !== null) break;
    if (state.isReminderDue(view, Date.now())) await breaker.remindIncident({ eventId, nth: state.reminders });
    await condition(() => state.news, state.pauseMs(view, Date.now()));
  }
  const view = state.view!;
  await together([...new Set([...state.told, ...view.strategies])], tellStrategy);
  await tell(() => getExternalWorkflowHandle(circuitBreakerWorkflowId(environment)).signal(breakerLookSignal));
  await condition(allHandlersFinished);
  return view;
}

const checkRequest = ({ by, reason }: ResolveRequest): void => {
  const missing = by.trim() === '' ? 'who asks' : reason.trim() === '' ? 'a reason' : null;
  if (missing === null) return;
  throw refusal(
    new DomainError('BadInput', `an incident is not ended without ${missing}`, {
      next: 'say who asks and why: both are kept with the event',
    }),
  );
};

/** Does what is left of the actions, and ends the incident where that is up to it. */
const round = async (state: IncidentState, eventId: number): Promise<IncidentView> => {
  let view = saw(state, await breaker.inspectIncident(eventId));
  for (const action of breakerActions) {
    if (view.resolvedAt !== null) break;
    const taken = view.actions.find((candidate) => candidate.action === action);
    if (!taken || taken.status === 'done') continue;
    if (action === 'notify' && !state.mayNotify(view, Date.now())) continue;
    view = saw(state, await attempt(state, eventId, action));
  }
  await tellAll(state, view);
  const isDone = view.actions.every(({ status }) => status === 'done');
  if (view.resolvedAt !== null || !view.isOver || !isDone || view.waitsForApproval) return view;
  try {
    return saw(state, await breaker.resolveIncident({ eventId, request: null }));
  } catch (error) {
    // It got worse in between, and is looked at again.
    if (!activityFailure(error)) throw error;
    return view;
  }
};

/** An action that fails as a whole is said so, and does not keep the next one from being tried. */
const attempt = async (state: IncidentState, eventId: number, action: BreakerAction): Promise<IncidentView> => {
  try {
    return await actions[action](state, eventId);
  } catch (error) {
    const failure = activityFailure(error);
    if (!failure) throw error;
    return await breaker.recordWaiting({ eventId, action, outcome: `could not be tried: ${failure.message}` });
  }
};

const actions: Readonly<Record<BreakerAction, (state: IncidentState, eventId: number) => Promise<IncidentView>>> = {
  pause_trading: (_, eventId) => breaker.pauseTrading(eventId),
  cancel_orders: async (state, eventId) => keep(state, await incidents.cancelOrders(eventId)),
  close_positions: (state, eventId) => closePositions(state, eventId),
  notify: (_, eventId) => breaker.notifyIncident(eventId),
};

const closePositions = async (state: IncidentState, eventId: number): Promise<IncidentView> => {
  if (Date.now() < state.closeFrom) return state.view!;
  const { exits, ...step } = await incidents.closePositions({ eventId, stranded: [...state.stranded] });
  const { workflowId } = workflowInfo();
  // What a person has ended meanwhile closes nothing more.
  if (step.incident.resolvedAt !== null) return keep(state, step);
  await together(exits, (exit) => startOrderWorkflow(exit, workflowId, summaryOf(exit)));
  return keep(state, step);
};

const keep = (state: IncidentState, { incident, ended }: IncidentStep): IncidentView => {
  for (const orderId of ended) state.ended.add(orderId);
  return incident;
};

/** Who has something to hear hears it once every action was tried: no cancel and no exit waits for that. */
const tellAll = async (state: IncidentState, view: IncidentView): Promise<void> => {
  const orders = [...state.ended];
  state.ended.clear();
  await together(orders, tellOrder);
  if (view.resolvedAt !== null) return;
  const held = view.strategies.filter((strategyId) => !state.told.has(strategyId));
  for (const strategyId of held) state.told.add(strategyId);
  await together(held, tellStrategy);
};

const tellOrder = async (orderId: string): Promise<void> =>
  await tell(() => getExternalWorkflowHandle(orderWorkflowId(orderId)).signal(orderNewsSignal));

const tellStrategy = async (strategyId: string): Promise<void> =>
  await tell(() => getExternalWorkflowHandle(strategyWorkflowId(strategyId)).signal(strategyChangedSignal));

/** Shows what is known now. */
const saw = (state: IncidentState, view: IncidentView): IncidentView => {
  state.view = view;
  setCurrentDetails(describeIncident(view));
  const status = view.resolvedAt !== null ? 'resolved' : view.waitsForApproval ? 'waits for approval' : view.state;
  if (status !== state.shown) upsertSearchAttributes([{ key: statusKey, value: status }]);
  state.shown = status;
  return view;
};
