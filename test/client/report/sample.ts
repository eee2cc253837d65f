import type { ReportSource } from '../../../src/client/report/report-source.ts';
import { runBacktest } from '../../../src/domain/backtest/engine.ts';
import { backtestMetrics } from '../../../src/domain/backtest/metrics.ts';
import { validateBacktest, withValidation } from '../../../src/domain/backtest/validation/validate-backtest.ts';
import { gatePolicies } from '../../../src/domain/lifecycle/gates.ts';
import type { CandleColumns } from '../../../src/domain/market/candle.ts';
import { emptyColumns } from '../../../src/domain/market/columns.ts';
import type { StrategyDefinition } from '../../../src/domain/strategy/definition.ts';

/** Averages, bands, an oscillator and a volume average: something for every kind of pane. The name is not to be trusted. */
export const everyPane: StrategyDefinition = {
  name: `</script><script>window.pwned = 1</script> & "dips"`,
  description: `Buys <img src=x onerror="window.pwned = 1"> weakness.`,
  strategy_type: 'momentum',
  symbol: 'BTCUSDT',
  interval: '1m',
  parameters: { fast: 10, slow: 50, weak: 55 },
  entry_conditions: {
    all: [
      {
        left: { indicator: 'SMA', period: { param: 'fast' } },
        op: '>',
        right: { indicator: 'SMA', period: { param: 'slow' } },
      },
      { left: { indicator: 'RSI', period: 14 }, op: '<', right: { param: 'weak' } },
      { left: { price: 'volume' }, op: '>', right: { indicator: 'VOLUME_SMA', period: 20 } },
    ],
  },
  exit_conditions: {
    any: [{ left: { price: 'close' }, op: '>', right: { indicator: 'BBANDS', period: 20, output: 'upper' } }],
  },
  risk_params: {
    side: 'LONG',
    position_size: { type: 'equity_fraction', value: 1 },
    stop_loss_pct: 2,
    take_profit_pct: 3,
  },
};

/** Minutes of a market that swings, with noise that is the same every time. */
export const swings = (length: number): CandleColumns => {
  const columns = emptyColumns(length);
  let [state, price] = [7, 20_000];
  const noise = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32 - 0.5;
  };
  for (let bar = 0; bar < length; bar += 1) {
    const open = price;
    price *= 1 + noise() / 200 + Math.sin(bar / 90) / 4_000;
    columns.time[bar] = Date.UTC(2024, 0, 1) + bar * 60_000;
    columns.open[bar] = open;
    columns.high[bar] = Math.max(open, price) * (1 + Math.abs(noise()) / 500);
    columns.low[bar] = Math.min(open, price) * (1 - Math.abs(noise()) / 500);
    columns.close[bar] = price;
    columns.volume[bar] = 10 + 8 * noise();
  }
  return columns;
};

export const sampleSource = (columns: CandleColumns, definition: StrategyDefinition = everyPane): ReportSource => {
  const costs = { capital: 10_000, feeRates: { maker: 0.001, taker: 0.001 }, slippageBps: 0 };
  const run = runBacktest({ definition, columns, ...costs });
  return {
    ...costs,
    origin: { kind: 'file', strategyPath: 'a<b>.json', candlesPath: 'candles.csv' },
    definition,
    columns,
    markets: {},
    result: withValidation(backtestMetrics(run), validateBacktest(run)),
    equity: run.equity,
    volumeShare: null,
    policy: gatePolicies.production,
    notes: [],
  };
};
