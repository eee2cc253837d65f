import { setTimeout as sleep } from 'node:timers/promises';
import { type Client, WorkflowExecutionAlreadyStartedError, type WorkflowHandle } from '@temporalio/client';
import type { UpdateDefinition } from '@temporalio/common';
import {
  type AmendRequest,
  type OrderView,
  type Requested,
  amendUpdate,
  cancelUpdate,
  orderQuery,
} from '../contracts/messages.ts';
import type { OrderExecutionInput, OrderIntent } from '../contracts/order-intent.ts';
import { taskQueues } from '../contracts/task-queues.ts';
import { orderWorkflowId } from '../contracts/workflow-ids.ts';

type OrderExecution = (input: OrderExecutionInput) => Promise<OrderView>;

/** What can be asked of orders, whoever has decided them. */
export interface OrderRequests {
  /** Starts an order, or finds the one that has this intent's id already. The answer is what has become of it. */
  readonly placeOrder: (intent: OrderIntent) => Promise<OrderView>;
  readonly cancelOrder: (orderId: string, request: Requested) => Promise<OrderView>;
  /** @throws DomainError `NotAmendable`, or `BadInput` where the new terms break a rule */
  readonly amendOrder: (orderId: string, request: AmendRequest) => Promise<OrderView>;
}

type Asked = <T>(what: string, work: () => Promise<T>) => Promise<T>;

const lookEveryMs = 100;

/** Waits until the venue has taken the order, or it was refused; an order that could not be carried on throws why. */
const placed = async (handle: WorkflowHandle<OrderExecution>): Promise<OrderView> => {
  for (;;) {
    const view = await handle.query(orderQuery);
    if (view !== null) return view;
    if ((await handle.describe()).status.name !== 'RUNNING') return await handle.result();
    await sleep(lookEveryMs);
  }
};

const start = async (client: Client, intent: OrderIntent): Promise<WorkflowHandle<OrderExecution>> => {
  const workflowId = orderWorkflowId(intent.orderId);
  try {
    return await client.workflow.start<OrderExecution>('orderExecution', {
      workflowId,
      taskQueue: taskQueues.orchestration,
      workflowIdReusePolicy: 'REJECT_DUPLICATE',
      staticSummary: `${intent.side} ${intent.symbol} (${intent.environment} ${intent.kind}): ${intent.reason}`,
      args: [{ intent, reportTo: null }],
    });
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    return client.workflow.getHandle<OrderExecution>(workflowId);
  }
};

export const createOrderRequests = (client: Client, askedOfWorker: Asked): OrderRequests => {
  const update = <Request>(
    orderId: string,
    definition: UpdateDefinition<OrderView, [Request]>,
    request: Request,
  ): Promise<OrderView> =>
    askedOfWorker(`order ${orderId}`, () =>
      client.workflow.getHandle(orderWorkflowId(orderId)).executeUpdate(definition, { args: [request] }),
    );
  return {
    placeOrder: (intent) =>
      askedOfWorker(`order ${intent.orderId}`, async () => await placed(await start(client, intent))),
    cancelOrder: (orderId, request) => update(orderId, cancelUpdate, request),
    amendOrder: async (orderId, request) => {
      const amended = await update(orderId, amendUpdate, request);
      const { replacedBy } = amended;
      if (replacedBy) {
        const replacement = client.workflow.getHandle<OrderExecution>(orderWorkflowId(replacedBy));
        await askedOfWorker(`order ${replacedBy}`, () => placed(replacement));
      }
      return amended;
    },
  };
};
