import { Client, Connection, WithStartWorkflowOperation, type WorkflowStartOptions } from '@temporalio/client';
import { TypedSearchAttributes } from '@temporalio/common';
import type { UpdateDefinition } from '@temporalio/common';
import type { Config } from '../config.ts';
import type { MarketRef } from '../contracts/activities.ts';
import * as messages from '../contracts/messages.ts';
import { intervalKey, strategyIdKey, strategyNameKey, symbolKey } from '../contracts/search-attributes.ts';
import type { ReconciliationRequest, ReconciliationResult } from '../contracts/reconciliation.ts';
import { taskQueues } from '../contracts/task-queues.ts';
import {
  backfillWorkflowId,
  marketWorkflowId,
  reconciliationLookWorkflowId,
  reconciliationWorkflowId,
  strategyWorkflowId,
} from '../contracts/workflow-ids.ts';
import type { Interval } from '../domain/market/interval.ts';
import { type BreakerRequests, createBreakerRequests } from './breaker-requests.ts';
import { type GoalRequests, createGoalRequests } from './goal-requests.ts';
import { type OrderRequests, createOrderRequests } from './order-requests.ts';
import { type SnapshotRequests, createSnapshotRequests } from './snapshot-requests.ts';
import { asDomainError, temporalUnreachable } from './temporal-failure.ts';
import { createWorkerPresence } from './worker-presence.ts';

/** A strategy as its workflow is started; all but the id is for the people who read the Web UI. */
export interface StrategyRef {
  readonly strategyId: string;
  readonly name?: string;
  readonly symbol?: string;
  readonly interval?: Interval;
}

export interface BackfillRequest extends MarketRef {
  /** Open times, epoch ms, both included. */
  readonly from: number;
  readonly to: number;
}

/**
 * Everything a trader can ask of the running workflows. A strategy's workflow is started by whatever is first asked of
 * it, so a `create` that was interrupted after its row needs no repair. Every refusal is a `DomainError` under the name
 * the workflow gave it.
 */
export interface TradingClient extends OrderRequests, BreakerRequests, GoalRequests, SnapshotRequests {
  readonly startStrategy: (strategy: StrategyRef) => Promise<void>;
  readonly backtest: (strategy: StrategyRef, request: messages.BacktestRequest) => Promise<messages.BacktestSummary>;
  readonly promote: (strategy: StrategyRef, request: messages.PromoteRequest) => Promise<messages.PromoteOutcome>;
  readonly approve: (strategy: StrategyRef, request: messages.Requested) => Promise<messages.StatusOutcome>;
  readonly pause: (
    strategy: StrategyRef,
    request: messages.Requested & { reason: string },
  ) => Promise<messages.StatusOutcome>;
  readonly resume: (strategy: StrategyRef, request: messages.Requested) => Promise<messages.StatusOutcome>;
  readonly revise: (strategy: StrategyRef, request: messages.ReviseRequest) => Promise<messages.StatusOutcome>;
  readonly archive: (strategy: StrategyRef, request: messages.Requested) => Promise<messages.StatusOutcome>;
  readonly strategy: (strategyId: string) => Promise<messages.StrategyView>;
  /** Handles every candle that has closed by now on this market, and answers when it is done. */
  readonly tick: (market: MarketRef) => Promise<messages.ClockTick>;
  /** Downloads a range; a run for the same market that is under way is joined. */
  readonly backfill: (request: BackfillRequest) => Promise<{ stored: number }>;
  /** Compares an account with its venue; a run for the same account that is under way is joined. */
  readonly reconcile: (request: ReconciliationRequest) => Promise<ReconciliationResult>;
  readonly close: () => Promise<void>;
}

export interface TradingClientOptions {
  readonly config: Pick<Config, 'temporal'>;
  /** How long the server may take to answer at all. */
  readonly connectTimeoutMs?: number;
  /** How long a worker is waited for before the request is given up as `WorkerMissing`. */
  readonly workerTimeoutMs?: number;
}

const strategyStart = (strategy: StrategyRef): WorkflowStartOptions & { args: [{ strategyId: string }] } => {
  const { strategyId, name, symbol, interval } = strategy;
  const market = [symbol, interval].filter((part) => part !== undefined).join(' ');
  return {
    workflowId: strategyWorkflowId(strategyId),
    taskQueue: taskQueues.orchestration,
    args: [{ strategyId }],
    workflowIdConflictPolicy: 'USE_EXISTING',
    staticSummary: name === undefined ? `Strategy ${strategyId}` : `Strategy ${name}${market && `, ${market}`}`,
    staticDetails:
      'From draft to live money and back: backtests, gates, approvals, decisions and orders of one strategy.',
    memo: { strategyId, ...(name !== undefined && { name }), ...(market !== '' && { market }) },
    typedSearchAttributes: new TypedSearchAttributes([
      { key: strategyIdKey, value: strategyId },
      ...(name === undefined ? [] : [{ key: strategyNameKey, value: name }]),
      ...(symbol === undefined ? [] : [{ key: symbolKey, value: symbol }]),
      ...(interval === undefined ? [] : [{ key: intervalKey, value: interval }]),
    ]),
  };
};

const connect = async (config: Pick<Config, 'temporal'>, connectTimeoutMs: number): Promise<Connection> => {
  const { connection } = config.temporal;
  if (connection === null) throw temporalUnreachable(null);
  try {
    return await Connection.connect({ ...connection, connectTimeout: connectTimeoutMs });
  } catch (cause) {
    throw temporalUnreachable(connection.address, cause);
  }
};

/**
 * Connects to the Temporal server of the configuration.
 * @throws DomainError TemporalUnreachable where none is configured, or it does not answer within a few seconds.
 */
export const createTradingClient = async (options: TradingClientOptions): Promise<TradingClient> => {
  const { config, connectTimeoutMs = 5_000, workerTimeoutMs = 8_000 } = options;
  const connection = await connect(config, connectTimeoutMs);
  const { namespace } = config.temporal;
  const client = new Client({ connection, namespace });

  const asked = async <T>(what: string, work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw asDomainError(error, { what, address: config.temporal.address });
    }
  };

  const answeredByWorker = createWorkerPresence(connection, {
    namespace,
    taskQueue: taskQueues.orchestration,
    timeoutMs: workerTimeoutMs,
  });
  const askedOfWorker = <T>(what: string, work: () => Promise<T>): Promise<T> =>
    asked(what, () => answeredByWorker(work));

  const update = <Result, Request>(
    strategy: StrategyRef,
    definition: UpdateDefinition<Result, [Request]>,
    request: Request,
  ): Promise<Result> =>
    askedOfWorker(`strategy ${strategy.name ?? strategy.strategyId}`, () =>
      client.workflow.executeUpdateWithStart(definition, {
        args: [request],
        startWorkflowOperation: new WithStartWorkflowOperation('strategyLifecycle', {
          ...strategyStart(strategy),
          workflowIdConflictPolicy: 'USE_EXISTING',
        }),
      }),
    );

  return {
    startStrategy: (strategy) =>
      asked(`strategy ${strategy.name ?? strategy.strategyId}`, async () => {
        await client.workflow.start('strategyLifecycle', strategyStart(strategy));
      }),
    backtest: (strategy, request) => update(strategy, messages.backtestUpdate, request),
    promote: (strategy, request) => update(strategy, messages.promoteUpdate, request),
    approve: (strategy, request) => update(strategy, messages.approveUpdate, request),
    pause: (strategy, request) => update(strategy, messages.pauseUpdate, request),
    resume: (strategy, request) => update(strategy, messages.resumeUpdate, request),
    revise: (strategy, request) => update(strategy, messages.reviseUpdate, request),
    archive: (strategy, request) => update(strategy, messages.archiveUpdate, request),
    strategy: (strategyId) =>
      askedOfWorker(`strategy ${strategyId}`, () =>
        client.workflow.getHandle(strategyWorkflowId(strategyId)).query(messages.strategyQuery),
      ),
    ...createOrderRequests(client, askedOfWorker),
    ...createBreakerRequests({ client, connection }, { asked, askedOfWorker }),
    ...createGoalRequests(client, asked),
    ...createSnapshotRequests(client, askedOfWorker),
    tick: ({ exchange, symbol, interval }) =>
      askedOfWorker(`the clock of ${symbol} ${interval} on ${exchange}`, () =>
        client.workflow.getHandle(marketWorkflowId(exchange, symbol, interval)).executeUpdate(messages.tickUpdate),
      ),
    backfill: ({ exchange, symbol, interval, from, to }) =>
      askedOfWorker(`the download of ${symbol} ${interval} from ${exchange}`, async () => {
        const handle = await client.workflow.start<(request: BackfillRequest) => Promise<{ stored: number }>>(
          'backfill',
          {
            workflowId: backfillWorkflowId(exchange, symbol, interval),
            taskQueue: taskQueues.orchestration,
            args: [{ exchange, symbol, interval, from, to }],
            workflowIdConflictPolicy: 'USE_EXISTING',
            staticSummary: `Download ${symbol} ${interval} candles from ${exchange}`,
          },
        );
        return handle.result();
      }),
    reconcile: (request) =>
      askedOfWorker(`the reconciliation of ${request.environment} on ${request.venue}`, async () => {
        const { environment, venue, fix } = request;
        const handle = await client.workflow.start<(request: ReconciliationRequest) => Promise<ReconciliationResult>>(
          'reconciliation',
          {
            workflowId: (fix ? reconciliationWorkflowId : reconciliationLookWorkflowId)(environment, venue),
            taskQueue: taskQueues.orchestration,
            args: [request],
            workflowIdConflictPolicy: 'USE_EXISTING',
            staticSummary: `${fix ? 'Reconcile' : 'Compare'} ${environment} on ${venue}`,
          },
        );
        return handle.result();
      }),
    close: () => connection.close(),
  };
};
