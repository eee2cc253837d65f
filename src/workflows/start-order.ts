import { ParentClosePolicy, WorkflowIdReusePolicy, startChild } from '@temporalio/workflow';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import type { OrderIntent } from '../contracts/order-intent.ts';
import { orderWorkflowId } from '../contracts/workflow-ids.ts';
import type { orderExecution } from './order-execution.ts';

/**
 * Starts an order that outlives whoever starts it.
 * @param summary what it is for, for the Web UI
 * @returns False where it is there already: the same order.
 */
export const startOrderWorkflow = async (
  intent: OrderIntent,
  reportTo: string | null,
  summary: string,
): Promise<boolean> => {
  try {
    await startChild<typeof orderExecution>('orderExecution', {
      workflowId: orderWorkflowId(intent.orderId),
      workflowIdReusePolicy: WorkflowIdReusePolicy.REJECT_DUPLICATE,
      parentClosePolicy: ParentClosePolicy.ABANDON,
      staticSummary: summary,
      args: [{ intent, reportTo }],
    });
    return true;
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    return false;
  }
};

/** One line that says what an order is. */
export const summaryOf = ({ side, symbol, environment, kind, reason }: OrderIntent, name?: string): string =>
  `${side} ${symbol} (${environment} ${kind})${name === undefined ? '' : ` for ${name}`}: ${reason}`;
