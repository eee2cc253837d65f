import { randomUUID } from 'node:crypto';
import type { WorkflowHandle } from '@temporalio/client';
import { sql } from 'slonik';
import { z } from 'zod';
import { openBalances } from '../../src/adapters/postgres/balances.ts';
import { type OrderView, orderQuery } from '../../src/contracts/messages.ts';
import type { OrderIntent } from '../../src/contracts/order-intent.ts';
import { taskQueues } from '../../src/contracts/task-queues.ts';
import { orderWorkflowId } from '../../src/contracts/workflow-ids.ts';
import { dec, text } from '../../src/domain/decimal.ts';
import { trader } from './desk.ts';
import { candleMs, interval } from './dip-market.ts';
import { exchange, symbol, type TestMachine } from './workflow-environment.ts';

/** An entry of 29400 decided at `decidedAt`, for the live account. */
export const liveEntry = (strategyId: string, decidedAt: number): OrderIntent => ({
  orderId: randomUUID(),
  strategyId,
  strategyVersion: 1,
  environment: 'live',
  symbol,
  interval,
  side: 'BUY',
  kind: 'entry',
  referencePrice: '29400',
  candleTime: decidedAt - candleMs,
  decidedAt,
  reason: 'entry conditions met',
  requestedBy: trader,
});

/** Records what the account on the exchange holds, as its first use does. */
export const openLiveAccount = (
  { pool }: TestMachine,
  balances: Readonly<Record<string, string>>,
  at: number,
): Promise<void> => openBalances(pool, { environment: 'live', exchange }, balances, at);

export type OrderHandle = WorkflowHandle<(input: object) => Promise<OrderView>>;

export const startOrder = ({ client }: TestMachine, intent: OrderIntent): Promise<OrderHandle> =>
  client.workflow.start<(input: object) => Promise<OrderView>>('orderExecution', {
    workflowId: orderWorkflowId(intent.orderId),
    taskQueue: taskQueues.orchestration,
    workflowIdReusePolicy: 'REJECT_DUPLICATE',
    args: [{ intent, reportTo: null }],
  });

export const statusOf = async (handle: OrderHandle): Promise<string | undefined> =>
  (await handle.query(orderQuery))?.status;

const balanceRow = z.object({ free: z.string(), locked: z.string() });

/** Our books of an asset of an environment, as plain decimals. */
export const booksOf = async (
  { pool }: TestMachine,
  environment: 'paper' | 'live',
  asset: string,
): Promise<{ free: string; locked: string }> => {
  const { free, locked } = await pool.one(sql.type(balanceRow)`
    SELECT free_balance::text AS free, locked_balance::text AS locked FROM current_balances
    WHERE environment = ${environment} AND asset = ${asset}`);
  return { free: text(dec(free)), locked: text(dec(locked)) };
};

interface VenueLedger {
  readonly orders: readonly { clientOrderId: string; status: string; executedQty: string }[];
  readonly accepted: Readonly<Record<string, number>>;
}

/** The order as the exchange has it. */
export const atVenue = async ({ admin }: TestMachine, orderId: string) => {
  const clientOrderId = orderId.replaceAll('-', '');
  const { orders, accepted } = await admin<VenueLedger>('GET', 'ledger');
  const order = orders.find((each) => each.clientOrderId === clientOrderId);
  return { status: order?.status, accepted: accepted[clientOrderId] ?? 0 };
};

const auditRow = z.object({ actor: z.string(), status: z.string() });

/** The statuses that the audit has seen an order take, and who caused each. */
export const auditOf = ({ pool }: TestMachine, orderId: string) =>
  pool.any(sql.type(auditRow)`
    SELECT actor, new_value ->> 'status' AS status FROM audit_logs
    WHERE entity_type = 'order' AND entity_id = ${orderId} ORDER BY id`);
