import { Context } from '@temporalio/activity';
import type { Store } from '../adapters/postgres/store.ts';
import { backtestSteps } from '../compute/backtest-task.ts';
import type { ComputePool } from '../compute/pool.ts';
import { createProgress } from '../compute/progress.ts';
import type { Progress } from '../compute/progress.ts';
import type { ComputeActivities } from '../contracts/activities.ts';
import type { BacktestSummary } from '../contracts/messages.ts';
import { DomainError } from '../domain/errors.ts';
import type { Market } from '../domain/market/market-filters.ts';
import { compileStrategy } from '../domain/strategy/compile.ts';
import { withMappedFailures } from './failures.ts';
import { heartbeating } from './heartbeat.ts';
import { storedMarkets } from './other-markets.ts';

export interface ComputeDeps {
  readonly store: Store;
  readonly pool: ComputePool;
  readonly marketOf: (symbol: string) => Promise<Market>;
}

type BacktestJob = Parameters<ComputeActivities['runBacktest']>[0];

export const createComputeActivities = ({ store, pool, marketOf }: ComputeDeps): ComputeActivities => {
  const run = async (request: BacktestJob, progress: Progress): Promise<BacktestSummary> => {
    const earlier = await store.backtests.find(request.requestId);
    if (earlier) return earlier;
    const { definition, version } = await store.strategies.load(request.strategyId);
    const { symbol, interval } = definition;
    const columns = await store.candles.columns({
      symbol,
      interval,
      ...(request.from === null ? {} : { from: request.from }),
      ...(request.to === null ? {} : { to: request.to }),
    });
    if (columns.length === 0) {
      throw new DomainError('NotEnoughCandles', `no candles of ${symbol} ${interval} are stored for that period`, {
        next: `import some: \`mastertrade import --symbol ${symbol} --candles FILE\``,
      });
    }
    const feeRate = request.feePct / 100;
    const { metrics, bars } = await pool.backtest(
      {
        definition,
        columns,
        capital: Number(request.capital),
        feeRates: { maker: feeRate, taker: feeRate },
        slippageBps: request.slippageBps,
        filters: (await marketOf(symbol)).filters,
        markets: await storedMarkets(store, compileStrategy(definition), columns),
      },
      { signal: Context.current().cancellationSignal, progress },
    );
    return await store.backtests.insert({
      strategyId: request.strategyId,
      strategyVersion: version,
      requestId: request.requestId,
      by: request.by,
      startDate: Date.parse(metrics.start_date),
      endDate: Date.parse(metrics.end_date),
      columns: metrics,
      monthlyReturns: metrics.monthly_returns,
      tradeLog: metrics.trade_log,
      metadata: { ...metrics.metadata, bars },
    });
  };

  return withMappedFailures<ComputeActivities>({
    runBacktest: async (request) => {
      const progress = createProgress(backtestSteps);
      const { total } = progress;
      return await heartbeating(
        () => run(request, progress),
        () => ({ done: progress.done, total }),
      );
    },
  });
};
