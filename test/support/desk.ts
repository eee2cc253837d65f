import type { WorkflowHandle } from '@temporalio/client';
import type { UpdateDefinition } from '@temporalio/common';
import { sql } from 'slonik';
import { z } from 'zod';
import { createStrategy } from '../../src/adapters/postgres/strategies.ts';
import { createUser, type Role } from '../../src/adapters/postgres/users.ts';
import { orderStatusesOf } from '../../src/client/demo/records.ts';
import { replay, type ReplayResult } from '../../src/client/demo/replay.ts';
import * as messages from '../../src/contracts/messages.ts';
import { taskQueues } from '../../src/contracts/task-queues.ts';
import { backfillWorkflowId, marketWorkflowId, strategyWorkflowId } from '../../src/contracts/workflow-ids.ts';
import type { Candle } from '../../src/domain/market/candle.ts';
import type { GatePolicyName } from '../../src/domain/lifecycle/gates.ts';
import type { StrategyDefinition } from '../../src/domain/strategy/definition.ts';
import { interval } from './dip-market.ts';
import { exchange, symbol, type TestMachine } from './workflow-environment.ts';

export const trader = 'trader';
export const market = { exchange, symbol, interval };
const backtestRequest = { by: trader, from: null, to: null, capital: '10000', feePct: 0.1, slippageBps: 0 };

/** One strategy as a person at a desk handles it. */
export interface TestStrategy {
  readonly strategyId: string;
  readonly handle: WorkflowHandle;
  readonly ask: <Answer, Request>(update: UpdateDefinition<Answer, [Request]>, request: Request) => Promise<Answer>;
  readonly backtest: () => Promise<messages.BacktestSummary>;
  readonly promote: (to: 'paper' | 'active') => Promise<messages.PromoteOutcome>;
  readonly view: () => Promise<messages.StrategyView>;
}

/** What a person at a desk does on a test machine. */
export const createDesk = ({ client, pool, moveClock }: TestMachine) => {
  const createUserNamed = (username: string, role: Role) =>
    createUser(pool, { username, email: `${username}@localhost`, role, passwordHash: '!' });

  /** A strategies row and its workflow, as a draft. */
  const createDraft = async (definition: StrategyDefinition, policy: GatePolicyName): Promise<TestStrategy> => {
    const { strategyId } = await createStrategy(pool, { definition, policy, by: trader });
    const handle = await client.workflow.start('strategyLifecycle', {
      workflowId: strategyWorkflowId(strategyId),
      taskQueue: taskQueues.orchestration,
      args: [{ strategyId }],
    });
    const ask: TestStrategy['ask'] = (update, request) => handle.executeUpdate(update, { args: [request] });
    return {
      strategyId,
      handle,
      ask,
      backtest: () => ask(messages.backtestUpdate, backtestRequest),
      promote: (to) => ask(messages.promoteUpdate, { by: trader, to }),
      view: () => handle.query(messages.strategyQuery),
    };
  };

  /** Downloads candles by the backfill workflow; open times, epoch ms, both included. */
  const backfill = async (from: number, to: number): Promise<{ stored: number }> => {
    const handle = await client.workflow.start<(range: object) => Promise<{ stored: number }>>('backfill', {
      workflowId: backfillWorkflowId(exchange, symbol, interval),
      taskQueue: taskQueues.orchestration,
      args: [{ ...market, from, to }],
    });
    return await handle.result();
  };

  const clock = () => client.workflow.getHandle(marketWorkflowId(exchange, symbol, interval));
  const tick = (): Promise<messages.ClockTick> => clock().executeUpdate(messages.tickUpdate);

  /** Closes the candles one after the other; the next one closes when all that followed from the last is done. */
  const play = (strategy: TestStrategy, candles: readonly Candle[]): Promise<ReplayResult> =>
    replay(
      {
        moveClock,
        tick,
        orderStatuses: (orderIds) => orderStatusesOf(pool, orderIds),
        ordersInFlight: async () => (await strategy.view()).ordersInFlight,
      },
      { candles, interval },
    );

  return { createUser: createUserNamed, createDraft, backfill, tick, play, clock };
};

export type Desk = ReturnType<typeof createDesk>;

const orderRow = z.object({
  id: z.string(),
  environment: z.string(),
  side: z.string(),
  intent: z.string().nullable(),
  status: z.string(),
  strategy_version: z.number().nullable(),
  filled_quantity: z.string(),
  note: z.string().nullable(),
});

/** A strategy's orders, oldest first. */
export const ordersOf = ({ pool }: TestMachine, { strategyId }: TestStrategy) =>
  pool.any(sql.type(orderRow)`
    SELECT id, environment, side, intent, status, strategy_version, filled_quantity::text, metadata ->> 'note' AS note
    FROM orders WHERE strategy_id = ${strategyId} ORDER BY (metadata ->> 'decidedAt')::bigint, created_at`);

const alertRow = z.object({ alert_type: z.string(), severity: z.string(), message: z.string() });

/** Alerts of one type about an entity. */
export const alertsOf = ({ pool }: TestMachine, entityId: string, type: string) =>
  pool.any(sql.type(alertRow)`
    SELECT alert_type, severity, message FROM alerts WHERE entity_id = ${entityId} AND alert_type = ${type}`);
