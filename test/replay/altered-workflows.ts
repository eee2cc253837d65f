import { sleep } from '@temporalio/workflow';

/** What no recorded run did first. */
const altered = (): Promise<void> => sleep('1 minute');

export {
  altered as backfill,
  altered as backtest,
  altered as circuitBreaker,
  altered as circuitBreakerIncident,
  altered as goalLoop,
  altered as marketClock,
  altered as orderExecution,
  altered as orderWatch,
  altered as portfolioSnapshot,
  altered as positionGuard,
  altered as reconciliation,
  altered as riskSnapshot,
  altered as strategyLifecycle,
};
