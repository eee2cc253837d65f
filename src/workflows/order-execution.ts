import {
  CancellationScope,
  ParentClosePolicy,
  allHandlersFinished,
  condition,
  continueAsNew,
  currentUpdateInfo,
  getExternalWorkflowHandle,
  isCancellation,
  setCurrentDetails,
  setHandler,
  startChild,
  upsertSearchAttributes,
  uuid4,
  workflowInfo,
} from '@temporalio/workflow';
import { ActivityFailure, WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import {
  type AmendRequest,
  type OrderView,
  amendUpdate,
  cancelUpdate,
  orderFinishedSignal,
  orderNewsSignal,
  orderQuery,
  ordersRestingSignal,
} from '../contracts/messages.ts';
import { breakerLookSignal } from '../contracts/breaker.ts';
import type { OrderExecutionInput, OrderIntent } from '../contracts/order-intent.ts';
import { environmentKey, sideKey, statusKey, strategyIdKey, symbolKey } from '../contracts/search-attributes.ts';
import { orderWatchWorkflowId } from '../contracts/workflow-ids.ts';
import { type OrderStatus, isTerminal } from '../domain/orders/order.ts';
import { database, venue } from './activity-proxies.ts';
import { named } from './failures.ts';
import type { positionGuard } from './position-guard.ts';
import { quietPauseMs } from './quiet-pause.ts';
import { startOrderWorkflow, summaryOf } from './start-order.ts';
import { tell } from './tell.ts';

/** `unknown` waits for a person or the reconciliation: the workflow ends, the row stays open. */
const isOver = (order: OrderView): boolean => isTerminal(order.status) || order.status === 'unknown';

const describe = ({ intent }: OrderExecutionInput, order: OrderView | null): string =>
  [
    `**${intent.side} ${order?.quantity ?? '…'} ${intent.symbol}** on ${intent.environment} (${intent.kind})`,
    `Status: **${order?.status ?? 'pending'}**, filled ${order?.filledQuantity ?? '0'} of ${order?.quantity ?? '…'}` +
      (order?.averageFillPrice ? ` at ${order.averageFillPrice}` : ''),
    `Why: ${intent.reason}`,
    `Last word: ${order?.note || '-'}`,
  ].join('\n\n');

/**
 * Carries one order from its intent to a terminal status. Its id is the intent's, so starting it twice is one run, and
 * every step it takes is idempotent by the order's row.
 * @param carried What an earlier run of a long-resting order hands on.
 */
export async function orderExecution(input: OrderExecutionInput, carried?: OrderView): Promise<OrderView> {
  const { intent } = input;
  const state: { order: OrderView | null; news: boolean; guarded: string } = {
    order: carried ?? null,
    news: false,
    guarded: intent.kind === 'entry' ? (carried?.filledQuantity ?? '0') : '0',
  };

  /** Once a position is there, or an exit is over, whoever keeps it covered looks at it. */
  const tellGuard = async (order: OrderView): Promise<void> => {
    const { guard } = order;
    const reached = intent.kind === 'entry' ? order.filledQuantity : isOver(order) ? 'over' : '0';
    if (!guard || reached === state.guarded) return;
    state.guarded = reached;
    await wakeGuard(guard, intent);
  };
  const record = (next: OrderView): OrderView => {
    // An answer that was on its way while the order ended is older than what is known.
    if (state.order && isTerminal(state.order.status) && !isTerminal(next.status)) return state.order;
    if (next.status !== state.order?.status) upsertSearchAttributes([{ key: statusKey, value: next.status }]);
    state.order = next;
    setCurrentDetails(describe(input, next));
    return next;
  };
  const cancel = async (by: string): Promise<OrderView> =>
    record(await venue.cancelOrder({ orderId: intent.orderId, by, reason: `asked by ${by}` }));
  const amend = async (request: AmendRequest): Promise<OrderView> => {
    const requestId = currentUpdateInfo()?.id ?? uuid4();
    const { amended, replacement } = await venue.amendOrder({ ...request, orderId: intent.orderId, requestId });
    if (replacement) await startOrderWorkflow(replacement, input.reportTo, summaryOf(replacement));
    return { ...record(amended), replacedBy: replacement?.orderId ?? null };
  };

  setHandler(orderQuery, () => state.order);
  setHandler(orderNewsSignal, () => {
    state.news = true;
  });
  setHandler(
    cancelUpdate,
    async ({ by }) =>
      await named(async () => {
        await condition(() => state.order !== null);
        return state.order && isTerminal(state.order.status) ? state.order : await cancel(by);
      }),
  );

  setHandler(
    amendUpdate,
    async (request) =>
      await named(async () => {
        await condition(() => state.order !== null);
        return await amend(request);
      }),
  );

  try {
    let order = carried ?? (await place(input, record));
    await tellGuard(order);
    for (let quiet = 0; !isOver(order);) {
      const wait = Math.min(order.expiresInMs ?? Infinity, quietPauseMs(quiet));
      const isNews = await condition(
        () => state.news || (state.order !== null && isOver(state.order)),
        Math.max(wait, 1),
      );
      order = state.order ?? order;
      if (isOver(order)) break;
      quiet = isNews ? 0 : quiet + 1;
      state.news = false;
      order = record(await venue.syncOrder(intent.orderId));
      await tellGuard(order);
      if (workflowInfo().continueAsNewSuggested && !isOver(order)) {
        await condition(allHandlersFinished);
        await continueAsNew<typeof orderExecution>(input, order);
      }
    }
    await condition(allHandlersFinished);
    const final = state.order ?? order;
    await tellGuard(final);
    const { breaker } = final;
    if (breaker) await tell(() => getExternalWorkflowHandle(breaker).signal(breakerLookSignal));
    await report(input, final.status, final.filledQuantity);
    return final;
  } catch (error) {
    await CancellationScope.nonCancellable(async () => {
      // A cancelled workflow cancels its order: nothing is left resting with nobody watching it.
      if (isCancellation(error)) await cancel('workflow cancellation');
      else await alarm(input, error);
      await report(input, state.order?.status ?? 'pending', state.order?.filledQuantity ?? '0');
    });
    throw error;
  }
}

const report = async (
  { intent, reportTo }: OrderExecutionInput,
  status: OrderStatus,
  filledQuantity: string,
): Promise<void> => {
  if (reportTo === null) return;
  const finished = { orderId: intent.orderId, status, filledQuantity };
  await tell(() => getExternalWorkflowHandle(reportTo).signal(orderFinishedSignal, finished));
};

/** Starts the guard of a position, or tells the one that is there already. */
const wakeGuard = async (workflowId: string, { strategyId, symbol, environment }: OrderIntent): Promise<void> => {
  try {
    await startChild<typeof positionGuard>('positionGuard', {
      workflowId,
      parentClosePolicy: ParentClosePolicy.ABANDON,
      staticSummary: `What protects the ${symbol} of strategy ${strategyId} (${environment}) at the venue`,
      args: [{ position: { strategyId, symbol, environment }, unprotectedSince: null }],
    });
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    await tell(() => getExternalWorkflowHandle(workflowId).signal(orderNewsSignal));
  }
};

/** An order that could not be carried on is a person's business at once. */
const alarm = async ({ intent }: OrderExecutionInput, error: unknown): Promise<void> => {
  const cause = error instanceof ActivityFailure ? error.cause : error;
  await database.raiseAlert({
    type: 'order_failed',
    severity: 'critical',
    title: `${intent.side} ${intent.symbol} (${intent.environment} ${intent.kind}) could not be carried on`,
    message: cause instanceof Error ? cause.message : String(cause),
    entityType: 'order',
    entityId: intent.orderId,
    dedupeKey: `order_failed/${intent.orderId}`,
  });
};

const place = async (input: OrderExecutionInput, record: (order: OrderView) => OrderView): Promise<OrderView> => {
  const { intent } = input;
  upsertSearchAttributes([
    { key: strategyIdKey, value: intent.strategyId },
    { key: symbolKey, value: intent.symbol },
    { key: environmentKey, value: intent.environment },
    { key: sideKey, value: intent.side },
    { key: statusKey, value: 'pending' },
  ]);
  setCurrentDetails(describe(input, null));
  const order = record(await venue.placeOrder(intent));
  if (!isOver(order) && intent.environment === 'live') {
    await tell(() => getExternalWorkflowHandle(orderWatchWorkflowId(order.exchange)).signal(ordersRestingSignal));
  }
  return order;
};
