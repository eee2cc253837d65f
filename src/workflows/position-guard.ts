import {
  condition,
  continueAsNew,
  getExternalWorkflowHandle,
  setCurrentDetails,
  setHandler,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import {
  type GuardView,
  type GuardedPosition,
  guardQuery,
  orderNewsSignal,
  ordersRestingSignal,
} from '../contracts/messages.ts';
import { breakerLookSignal } from '../contracts/breaker.ts';
import { environmentKey, strategyIdKey, symbolKey } from '../contracts/search-attributes.ts';
import { orderWatchWorkflowId, strategyWorkflowId } from '../contracts/workflow-ids.ts';
import { venue } from './activity-proxies.ts';
import { quietPauseMs } from './quiet-pause.ts';
import { startOrderWorkflow, summaryOf } from './start-order.ts';
import { tell } from './tell.ts';

export interface PositionGuardInput {
  readonly position: GuardedPosition;
  /** Since when (epoch ms) the position could not be covered; null where it was covered last. */
  readonly unprotectedSince: number | null;
}

/** How soon a position that is not covered is tried again: after 15 s, then after twice as long each time, 10 minutes at most. */
const retryPauseMs = (looks: number): number => Math.min(15_000 * 2 ** looks, 10 * 60_000);

const describe = ({ symbol, environment }: GuardedPosition, view: GuardView): string =>
  [
    `**${view.held} ${symbol}** on ${environment}: **${view.state}**`,
    `Stop: ${view.stop ?? '-'}, target: ${view.target ?? '-'}`,
    `Last word: ${view.note}`,
  ].join('\n\n');

/**
 * Keeps a position's stop and target resting at the venue for as long as it is held, resized to what is held and moved with its
 * trailing stop. All it knows is read from the rows and the venue each time; it waits, and says what it found.
 */
export async function positionGuard({ position, unprotectedSince }: PositionGuardInput): Promise<GuardView> {
  const state: { news: boolean; view: GuardView | null; since: number | null } = {
    news: false,
    view: null,
    since: unprotectedSince,
  };
  setHandler(orderNewsSignal, () => {
    state.news = true;
  });
  setHandler(guardQuery, () => state.view);
  upsertSearchAttributes([
    { key: strategyIdKey, value: position.strategyId },
    { key: symbolKey, value: position.symbol },
    { key: environmentKey, value: position.environment },
  ]);
  for (let looks = 0; ; looks += 1) {
    state.news = false;
    const view = await venue.guardPosition({ ...position, unprotectedSince: state.since });
    const isNew = view.orders.some((orderId) => state.view?.orders.includes(orderId) !== true);
    state.view = view;
    if (isNew)
      await tell(() => getExternalWorkflowHandle(orderWatchWorkflowId(view.exchange)).signal(ordersRestingSignal));
    state.since = view.state === 'unprotected' ? (state.since ?? Date.now()) : null;
    setCurrentDetails(describe(position, view));
    const { exit, breaker } = view;
    if (breaker) await tell(() => getExternalWorkflowHandle(breaker).signal(breakerLookSignal));
    // An exit of this candle that has ended already is no way out: the next one is tried soon.
    const isSpent =
      exit !== null && !(await startOrderWorkflow(exit, strategyWorkflowId(position.strategyId), summaryOf(exit)));
    // News that came while it looked may be a new position.
    if (view.state === 'flat' && !state.news) return view;
    if (isNew) looks = 0;
    const pauseMs = isSpent || view.state === 'unprotected' ? retryPauseMs(looks) : quietPauseMs(looks);
    if (await condition(() => state.news, pauseMs)) looks = -1;
    if (workflowInfo().continueAsNewSuggested) {
      await continueAsNew<typeof positionGuard>({ position, unprotectedSince: state.since });
    }
  }
}
