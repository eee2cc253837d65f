export { backfill } from './backfill.ts';
export { backtest } from './backtest.ts';
export { marketClock } from './market-clock.ts';
export { orderExecution } from './order-execution.ts';
export { orderWatch } from './order-watch.ts';
export { positionGuard } from './position-guard.ts';
export { reconciliation } from './reconciliation.ts';
export { strategyLifecycle } from './strategy-lifecycle.ts';
