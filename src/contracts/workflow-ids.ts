import type { BreakerTrigger } from '../domain/breaker/policy.ts';
import type { Interval } from '../domain/market/interval.ts';
import type { Environment } from '../domain/orders/order.ts';

/** A workflow's id is derived from the thing that lives, so that starting it twice is one run. */
export const strategyWorkflowId = (strategyId: string): string => `strategy/${strategyId}`;
export const orderWorkflowId = (orderId: string): string => `order/${orderId}`;
/** One guard a position: a strategy holds a market once in an environment. */
export const guardWorkflowId = (position: { strategyId: string; symbol: string; environment: Environment }): string =>
  `guard/${position.strategyId}/${position.symbol}/${position.environment}`;
export const marketWorkflowId = (exchange: string, symbol: string, interval: Interval): string =>
  `market/${exchange}/${symbol}/${interval}`;
export const orderWatchWorkflowId = (venue: string): string => `order-watch/${venue}`;
export const backtestWorkflowId = (requestId: string): string => `backtest/${requestId}`;
export const backfillWorkflowId = (exchange: string, symbol: string, interval: Interval): string =>
  `backfill/${exchange}/${symbol}/${interval}`;
/** One run at a time that may change something, and one that only looks. A schedule's runs carry their time behind this. */
export const reconciliationWorkflowId = (environment: Environment, venue: string): string =>
  `reconciliation/${environment}/${venue}`;
export const reconciliationLookWorkflowId = (environment: Environment, venue: string): string =>
  `${reconciliationWorkflowId(environment, venue)}/look`;
export const circuitBreakerWorkflowId = (environment: Environment): string => `circuit-breaker/${environment}`;
/** One incident an event. */
export const incidentWorkflowId = (environment: Environment, trigger: BreakerTrigger, eventId: number): string =>
  `${circuitBreakerWorkflowId(environment)}/${trigger}/${eventId}`;
export const goalWorkflowId = (goalId: number): string => `goal/${goalId}`;
export const portfolioSnapshotWorkflowId = (environment: Environment): string => `portfolio-snapshot/${environment}`;
export const riskSnapshotWorkflowId = (environment: Environment): string => `risk-snapshot/${environment}`;
