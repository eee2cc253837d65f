import type { Store } from '../../src/adapters/postgres/store.ts';
import type { BacktestMetrics } from '../../src/domain/backtest/metrics.ts';

/** Stores the figures of a backtest of a strategy's first version. */
export const storeMetrics = async (
  { backtests }: Pick<Store, 'backtests'>,
  { strategyId, requestId }: { readonly strategyId: string; readonly requestId: string },
  metrics: BacktestMetrics,
  metadata: Readonly<Record<string, unknown>>,
): Promise<void> => {
  await backtests.insert({
    strategyId,
    strategyVersion: 1,
    requestId,
    by: 'test',
    startDate: Date.parse(metrics.start_date),
    endDate: Date.parse(metrics.end_date),
    columns: metrics,
    monthlyReturns: metrics.monthly_returns,
    tradeLog: metrics.trade_log,
    metadata,
  });
};
