import {
  ParentClosePolicy,
  condition,
  executeChild,
  getExternalWorkflowHandle,
  startChild,
  workflowInfo,
} from '@temporalio/workflow';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import type { MarketFeed } from '../contracts/activities.ts';
import {
  type BacktestRequest,
  type BacktestSummary,
  type Decision,
  type PromoteOutcome,
  type PromoteRequest,
  type ReviseRequest,
  type StatusOutcome,
  orderNewsSignal,
  strategyAttachedSignal,
} from '../contracts/messages.ts';
import { intentOf } from '../contracts/order-intent.ts';
import { backtestWorkflowId, marketWorkflowId, orderWorkflowId } from '../contracts/workflow-ids.ts';
import { DomainError } from '../domain/errors.ts';
import type { GateReport } from '../domain/lifecycle/gates.ts';
import { type StrategyStatus, nextStatus } from '../domain/lifecycle/transitions.ts';
import { database, venue } from './activity-proxies.ts';
import type { backtest } from './backtest.ts';
import type { marketClock } from './market-clock.ts';
import { startOrderWorkflow, summaryOf } from './start-order.ts';
import { tell } from './tell.ts';
import { type StrategyState, breakersOf } from './strategy-state.ts';

/** How long archiving waits for positions to close before it says why not. */
const windDownLimit = '15 minutes';

interface Move {
  readonly to: StrategyStatus;
  readonly by: string;
  readonly reason: string;
  readonly gate?: GateReport;
  /** One effect a request, also when the step is tried again. */
  readonly requestId: string;
}

const move = async (state: StrategyState, { to, by, reason, gate, requestId }: Move): Promise<void> => {
  const { strategyId } = state.head;
  const moved = await database.transitionStrategy({
    strategyId,
    from: state.status,
    to,
    version: state.version,
    by,
    reason,
    gate: gate ?? null,
    effectKey: `transition/${strategyId}/${requestId}`,
  });
  // A history from before holds has no answer: what was asked for is what happened.
  const status = moved?.status ?? to;
  if (status !== state.status || !moved) state.moved(status, by, reason, Date.now());
  state.heldBy = breakersOf(moved?.heldBy);
};

/**
 * Starts an order that outlives this run and reports back. One that is there already is the same order: it is not
 * waited for, since it may have reported to an earlier run.
 */
export const startOrder = async (state: StrategyState, decision: Decision): Promise<void> => {
  const intent = intentOf(decision, state.head.interval);
  state.ordersInFlight.set(intent.orderId, intent.environment);
  try {
    const isNew = await startOrderWorkflow(intent, workflowInfo().workflowId, summaryOf(intent, state.head.name));
    if (!isNew) state.ordersInFlight.delete(intent.orderId);
  } catch (error) {
    state.ordersInFlight.delete(intent.orderId);
    throw error;
  }
};

const attachClock = async (state: StrategyState, feed: MarketFeed): Promise<void> => {
  const { strategyId, symbol, interval } = state.head;
  const workflowId = marketWorkflowId(feed.exchange, symbol, interval);
  try {
    await startChild<typeof marketClock>('marketClock', {
      workflowId,
      parentClosePolicy: ParentClosePolicy.ABANDON,
      staticSummary: `Candles of ${symbol} ${interval} on ${feed.exchange}, and every strategy that trades them`,
      args: [{ exchange: feed.exchange, symbol, interval, pace: feed.pace, lastHandled: null }],
    });
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    await getExternalWorkflowHandle(workflowId).signal(strategyAttachedSignal, strategyId);
  }
};

export const runBacktest = async (
  state: StrategyState,
  request: BacktestRequest,
  requestId: string,
): Promise<BacktestSummary> => {
  const to = nextStatus(state.status, 'backtest');
  const { strategyId, name } = state.head;
  const summary = await executeChild<typeof backtest>('backtest', {
    workflowId: backtestWorkflowId(`${strategyId}/${requestId}`),
    staticSummary: `Back-test of ${name} v${state.version}`,
    args: [{ ...request, strategyId, requestId }],
  });
  await move(state, {
    to,
    by: request.by,
    reason: `back-test ${summary.backtestId}: ${summary.trades} trades`,
    requestId,
  });
  return summary;
};

export const promote = async (
  state: StrategyState,
  request: PromoteRequest,
  requestId: string,
): Promise<PromoteOutcome> => {
  const to = nextStatus(state.status, 'promote', request.to);
  const { strategyId, symbol } = state.head;
  const { report, requiresApproval, approvalWindowMs } = await database.judgeGate({ strategyId, to: request.to });
  state.lastGate = report;
  if (!report.pass) {
    const failed = report.criteria.filter((criterion) => !criterion.pass);
    throw new DomainError(
      'GateNotMet',
      `the gate ${report.gate} of policy ${report.policy} is not met: ${failed.map((c) => `${c.name} is ${c.actual}, required ${c.required}`).join('; ')}`,
      { next: 'gather more evidence, or revise the strategy', details: { report } },
    );
  }
  const feed = await venue.openAccount({ environment: to === 'paper' ? 'paper' : 'live', symbol });
  if (to === 'active' && requiresApproval) {
    state.approval = { requestedBy: request.by, until: Date.now() + approvalWindowMs };
    return { status: state.status, gate: report, approvalUntil: state.approval.until };
  }
  await enter(state, { to, by: request.by, reason: 'gate met', gate: report, requestId });
  await attachClock(state, feed);
  return { status: state.status, gate: report, approvalUntil: null };
};

/** Leaving paper for live: what is held on paper is sold there, so that each environment ends with its own books flat. */
const enter = async (state: StrategyState, to: Move): Promise<void> => {
  await move(state, to);
  if (to.to === 'active') await closePositions(state);
};

const closePositions = async (state: StrategyState): Promise<number> => {
  const { exits } = await database.exposureOf(state.head.strategyId);
  for (const exit of exits) await startOrder(state, exit);
  return exits.length;
};

export const approve = async (state: StrategyState, by: string, requestId: string): Promise<StatusOutcome> => {
  const { approval, lastGate } = state;
  if (!approval || !lastGate) {
    throw new DomainError('IllegalTransition', `the strategy is ${state.status} and waits for no approval`, {
      next: 'ask for the promotion first: `mastertrade strategy promote ID --to active`',
      details: { status: state.status },
    });
  }
  await database.authorise({ by, role: 'admin' });
  const to = nextStatus(state.status, 'promote', 'active');
  const { report } = await database.judgeGate({ strategyId: state.head.strategyId, to: 'active' });
  state.lastGate = report;
  state.approval = null;
  if (!report.pass) {
    throw new DomainError('GateNotMet', `the gate ${report.gate} is not met any more`, {
      next: 'ask for the promotion again when it is',
      details: { report },
    });
  }
  await enter(state, {
    to,
    by,
    reason: `approved by ${by}, asked by ${approval.requestedBy}`,
    gate: report,
    requestId,
  });
  return state.outcome();
};

export const pause = async (
  state: StrategyState,
  request: { by: string; reason: string },
  requestId: string,
): Promise<StatusOutcome> => {
  // One that a breaker holds is held by a person, too, and stays paused when the breaker lets go.
  const to = state.status === 'paused' ? 'paused' : nextStatus(state.status, 'pause');
  await move(state, { to, ...request, requestId });
  return state.outcome();
};

export const resume = async (state: StrategyState, by: string, requestId: string): Promise<StatusOutcome> => {
  await move(state, { to: nextStatus(state.status, 'resume'), by, reason: 'resumed', requestId });
  return state.outcome();
};

export const revise = async (
  state: StrategyState,
  request: ReviseRequest,
  requestId: string,
): Promise<StatusOutcome> => {
  const to = nextStatus(state.status, 'revise');
  const { strategyId } = state.head;
  await closePositions(state);
  const { version } = await database.reviseStrategy({
    ...request,
    strategyId,
    from: state.status,
    version: state.version,
    effectKey: `revise/${strategyId}/${requestId}`,
  });
  state.moved(to, request.by, `version ${version}: ${request.description}`, Date.now());
  state.version = version;
  return state.outcome();
};

/** Cancels what works, closes what is held, and only then archives; or says why not. */
export const archive = async (state: StrategyState, by: string, requestId: string): Promise<StatusOutcome> => {
  const to = nextStatus(state.status, 'archive');
  state.windingDown = true;
  try {
    const { workingOrders } = await database.exposureOf(state.head.strategyId);
    for (const orderId of workingOrders) {
      await venue.cancelOrder({ orderId, by, reason: 'the strategy is archived' });
      await tell(() => getExternalWorkflowHandle(orderWorkflowId(orderId)).signal(orderNewsSignal));
    }
    await condition(() => state.ordersInFlight.size === 0, windDownLimit);
    await closePositions(state);
    await condition(() => state.ordersInFlight.size === 0, windDownLimit);
    const left = await database.exposureOf(state.head.strategyId);
    if (left.exits.length > 0 || left.workingOrders.length > 0) {
      const held = left.exits.map((exit) => `${exit.symbol} (${exit.environment})`).join(', ');
      throw new DomainError(
        'PositionStillOpen',
        `the strategy still holds ${held || 'working orders'}: it is not archived`,
        {
          next: 'wait for the market, look at `mastertrade orders`, and archive again',
          details: { orders: left.workingOrders },
        },
      );
    }
    await move(state, { to, by, reason: 'archived, flat', requestId });
    return state.outcome();
  } finally {
    state.windingDown = false;
  }
};
