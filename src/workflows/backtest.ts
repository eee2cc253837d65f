import { setCurrentDetails, upsertSearchAttributes } from '@temporalio/workflow';
import type { BacktestRequest, BacktestSummary } from '../contracts/messages.ts';
import { strategyIdKey } from '../contracts/search-attributes.ts';
import { compute } from './activity-proxies.ts';

/** Runs one back-test on the compute queue. `requestId` makes it one result row however often it is tried. */
export async function backtest(
  input: BacktestRequest & { strategyId: string; requestId: string },
): Promise<BacktestSummary> {
  upsertSearchAttributes([{ key: strategyIdKey, value: input.strategyId }]);
  setCurrentDetails('Running on the stored candles');
  const summary = await compute.runBacktest(input);
  setCurrentDetails(
    `**${summary.trades}** closed trades over ${summary.bars} bars, return ${summary.totalReturnPct ?? 'none'} %`,
  );
  return summary;
}
