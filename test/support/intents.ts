import { randomUUID } from 'node:crypto';
import type { Client, WorkflowHandle } from '@temporalio/client';
import type { OrderIntent } from '../../src/contracts/order-intent.ts';
import { taskQueues } from '../../src/contracts/task-queues.ts';
import { orderWorkflowId } from '../../src/contracts/workflow-ids.ts';
import type { orderExecution } from '../../src/workflows/order-execution.ts';

/** A live entry on BTCUSDT at 100, decided at `now` (epoch ms) on the minute that closed then. */
export const entryIntent = (strategyId: string, now: number, over: Partial<OrderIntent> = {}): OrderIntent => ({
  orderId: randomUUID(),
  strategyId,
  strategyVersion: 1,
  environment: 'live',
  symbol: 'BTCUSDT',
  interval: '1m',
  side: over.kind === 'exit' ? 'SELL' : 'BUY',
  kind: 'entry',
  referencePrice: '100',
  candleTime: now - 60_000,
  decidedAt: now,
  reason: 'test',
  requestedBy: 'test',
  ...over,
});

/** Starts an order that reports to nobody. @throws WorkflowExecutionAlreadyStartedError where it was started before */
export const startIntent = (client: Client, intent: OrderIntent): Promise<WorkflowHandle<typeof orderExecution>> =>
  client.workflow.start<typeof orderExecution>('orderExecution', {
    workflowId: orderWorkflowId(intent.orderId),
    taskQueue: taskQueues.orchestration,
    workflowIdReusePolicy: 'REJECT_DUPLICATE',
    args: [{ intent, reportTo: null }],
  });
