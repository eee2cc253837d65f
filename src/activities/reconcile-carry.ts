import { Context } from '@temporalio/activity';
import type { Account } from '../adapters/postgres/balances.ts';
import type { OrderRecord } from '../adapters/postgres/orders.ts';
import type { ReconciliationStore } from '../adapters/postgres/reconciliation-store.ts';
import { orderNewsSignal } from '../contracts/messages.ts';
import type { OrderExecutionInput } from '../contracts/order-intent.ts';
import type { Difference } from '../contracts/reconciliation.ts';
import { taskQueues } from '../contracts/task-queues.ts';
import { guardWorkflowId, orderWorkflowId, strategyWorkflowId } from '../contracts/workflow-ids.ts';
import { isManualStrategy } from '../domain/orders/manual.ts';
import { recoveryOf } from '../domain/orders/reconcile-recovery.ts';

/** The workflows that carry orders, seen from an activity. */
export interface OrderWorkflows {
  readonly isRunning: (orderId: string) => Promise<boolean>;
  /** Tells whoever carries an order, or guards what it protects, that it has news; nobody does where neither runs. */
  readonly tell: (order: OrderRecord) => Promise<void>;
  /** Starts an order's workflow, again where an earlier one has ended; one that runs is left alone. */
  readonly start: (input: OrderExecutionInput) => Promise<void>;
}

const isNotFound = (error: unknown): boolean => error instanceof Error && error.name === 'WorkflowNotFoundError';

/** By the worker's own connection. */
export const orderWorkflows: OrderWorkflows = {
  isRunning: async (orderId) => {
    try {
      const { status } = await Context.current().client.workflow.getHandle(orderWorkflowId(orderId)).describe();
      return status.name === 'RUNNING';
    } catch (error) {
      if (isNotFound(error)) return false;
      throw error;
    }
  },
  tell: async (order) => {
    const workflowId = order.kind === 'protection' ? guardWorkflowId(order) : orderWorkflowId(order.orderId);
    try {
      await Context.current().client.workflow.getHandle(workflowId).signal(orderNewsSignal);
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  },
  start: async (input) => {
    await Context.current().client.workflow.start('orderExecution', {
      workflowId: orderWorkflowId(input.intent.orderId),
      taskQueue: taskQueues.orchestration,
      workflowIdReusePolicy: 'ALLOW_DUPLICATE',
      workflowIdConflictPolicy: 'USE_EXISTING',
      staticSummary: `${input.intent.side} ${input.intent.symbol}, carried on by the reconciliation`,
      args: [input],
    });
  },
};

/** What `orderExecution` needs of an order that has its row already. The row decides all but the reference for a reservation. */
const inputOf = async (
  order: OrderRecord,
  reconciliation: ReconciliationStore,
): Promise<OrderExecutionInput | null> => {
  const { orderId, strategyId, strategyVersion, environment, symbol, side, kind, metadata } = order;
  if (kind === null || kind === 'protection') return null;
  const { type, quantity, price, stopPrice, timeInForce, reduceOnly } = order;
  const reference =
    price ?? stopPrice ?? order.averageFillPrice ?? (await reconciliation.closeBefore(symbol, metadata.decidedAt));
  return {
    intent: {
      orderId,
      strategyId,
      strategyVersion,
      environment,
      symbol,
      interval: metadata.interval,
      side,
      kind,
      referencePrice: reference ?? '0',
      candleTime: metadata.candleTime,
      decidedAt: metadata.decidedAt,
      reason: metadata.reason,
      ...(kind === 'manual' ? { terms: { type, quantity, price, stopPrice, timeInForce, reduceOnly } } : {}),
      requestedBy: 'reconciliation',
    },
    reportTo: isManualStrategy(strategyId) ? null : strategyWorkflowId(strategyId),
  };
};

/**
 * Lets whoever carries an order hear of it. The workflow of one that became unknown has ended: it is started again, asks the
 * venue, and then tells the strategy and the position's guard as it would have done.
 */
export const wakeCarrier =
  (reconciliation: ReconciliationStore, workflows: OrderWorkflows) =>
  async (order: OrderRecord): Promise<void> => {
    const input = order.status === 'unknown' ? await inputOf(order, reconciliation) : null;
    if (input) await workflows.start(input);
    else await workflows.tell(order);
  };

/** Finds orders that no workflow carries and, where it may, carries them on or ends what was never sent. */
export const carryOrders = async (deps: {
  readonly reconciliation: ReconciliationStore;
  readonly workflows: OrderWorkflows;
  readonly account: Account;
  readonly staleAfterMs: number;
  readonly fix: boolean;
}): Promise<readonly Difference[]> => {
  const { reconciliation, workflows, account, staleAfterMs, fix } = deps;
  const found: Difference[] = [];
  for (const { order, ageMs } of await reconciliation.unfinished(account)) {
    const { orderId, side, quantity, symbol, status, kind, reduceOnly } = order;
    const recovery = recoveryOf({ status, kind, reduceOnly, ageMs }, staleAfterMs);
    if (recovery === 'leave' || (await workflows.isRunning(orderId))) continue;
    const input = recovery === 'carry_on' ? await inputOf(order, reconciliation) : null;
    if (fix && input) await workflows.start(input);
    if (fix && recovery === 'give_up') {
      const note = `no workflow carried it for ${Math.round(ageMs / 1000)} s, and its moment has passed: it was never sent`;
      await reconciliation.giveUp(orderId, { note, actor: 'reconciliation' });
    }
    found.push({
      subject: 'order',
      id: orderId,
      what: `${side} ${quantity} ${symbol}`,
      ours: `${status}, carried by no workflow`,
      venue: '-',
      action: recovery === 'give_up' ? 'cancelled: it was never sent' : 'its workflow is started again',
      settled: fix,
    });
  }
  return found;
};
