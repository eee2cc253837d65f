import { dayMs, intervalMs } from '../market/interval.ts';
import type { BacktestRun, JournaledRun } from './backtest-run.ts';
import { dailyEquity, dayEnds, monthlyReturns } from './daily-equity.ts';
import type { MonthlyReturn } from './daily-equity.ts';
import { equityFigures } from './equity-figures.ts';
import type { EquityFigures } from './equity-figures.ts';
import { fitColumns } from './fit-columns.ts';
import { maxDrawdownPct, mean } from './statistics.ts';
import { tradeLog } from './trade-log.ts';
import type { TradeLogEntry } from './trade-log.ts';

/** The columns of `backtest_results` that are one number each, by name. docs/metrics.md defines each. */
export interface BacktestFigures extends EquityFigures {
  readonly initial_capital: number;
  readonly win_rate: number | null;
  readonly profit_factor: number | null;
  readonly total_trades: number;
  readonly winning_trades: number;
  readonly losing_trades: number;
  readonly avg_win: number | null;
  readonly avg_loss: number | null;
  readonly largest_win: number | null;
  readonly largest_loss: number | null;
}

/** The columns of `backtest_results` that a run decides. */
export interface BacktestMetrics extends BacktestFigures {
  /** Open time of the first bar traded on, ISO 8601. */
  readonly start_date: string;
  /** Close time of the last candle, ISO 8601. */
  readonly end_date: string;
  readonly monthly_returns: readonly MonthlyReturn[];
  readonly trade_log: readonly TradeLogEntry[];
  readonly metadata: Readonly<Record<string, unknown>>;
}

/**
 * Every metric of a finished run by METRICS.md's definitions: unrounded, clamped to what the columns hold, with the raw value of
 * anything clamped in `metadata.raw`.
 */
export const backtestMetrics = (run: BacktestRun): BacktestMetrics => {
  const { columns, capital, feeRates, slippageBps, firstBar = 0 } = run.input;
  const { first, end } = periodOf(run);
  const days = dailyEquity(columns.time, run.equity, firstBar);
  const sources = {
    daily: days.map(({ equity }) => equity),
    drawdownPct: maxDrawdownPct(capital, run.equity),
    pnl: run.trades.map(({ pnl }) => pnl),
  };
  const { columns: fitted, raw } = fitColumns(figuresOf(run, sources));
  return {
    start_date: new Date(first).toISOString(),
    end_date: new Date(end).toISOString(),
    ...fitted,
    monthly_returns: monthlyReturns(capital, days),
    trade_log: tradeLog(run.trades),
    metadata: {
      bars: columns.length - firstBar,
      feeRates,
      slippageBps,
      volumeShare: run.input.volumeShare ?? null,
      markets: Object.fromEntries(Object.entries(run.input.markets ?? {}).map(([key, { length }]) => [key, length])),
      feesPaid: run.feesPaid,
      skippedEntries: run.skippedEntries,
      openPosition: run.openPosition,
      raw,
    },
  };
};

/** The figures of `backtestMetrics` without its lists, nor any list on the way: what is kept of a run among many. */
export const backtestFigures = (run: JournaledRun): BacktestFigures => {
  const { input, journal } = run;
  const { columns, capital, firstBar } = input;
  return fitColumns(
    figuresOf(run, {
      daily: [...journal.equityOn(dayEnds(columns.time, firstBar).bars, columns, capital)],
      drawdownPct: journal.maxDrawdownPct(columns, capital),
      pnl: [...journal.pnl()],
    }),
  ).columns;
};

/** What the figures are worked out of: equity a day, the greatest drawdown, P&L a closed trade. */
interface FigureSources {
  readonly daily: readonly number[];
  readonly drawdownPct: number;
  readonly pnl: readonly number[];
}

const figuresOf = (run: BacktestRun, { daily, drawdownPct, pnl }: FigureSources) => {
  const { capital } = run.input;
  const { first, end } = periodOf(run);
  return {
    initial_capital: capital,
    ...equityFigures({ capital, finalEquity: run.finalEquity, daily, days: (end - first) / dayMs, drawdownPct }),
    ...tradeStatistics(pnl),
  };
};

/** From the open of the first bar traded on to the close of the last, epoch ms. */
const periodOf = ({ input: { columns, definition, firstBar = 0 } }: BacktestRun) => ({
  first: columns.time[firstBar]!,
  end: columns.time[columns.length - 1]! + intervalMs[definition.interval],
});

/** What the closed trades say, net of fees. A trade that breaks even is neither a winner nor a loser. */
const tradeStatistics = (trades: readonly number[]) => {
  const wins = trades.filter((pnl) => pnl > 0);
  const losses = trades.filter((pnl) => pnl < 0);
  const grossLoss = Math.abs(total(losses));
  return {
    win_rate: trades.length === 0 ? null : wins.length / trades.length,
    profit_factor: losses.length === 0 ? null : total(wins) / grossLoss,
    total_trades: trades.length,
    winning_trades: wins.length,
    losing_trades: losses.length,
    avg_win: wins.length === 0 ? null : mean(wins),
    avg_loss: losses.length === 0 ? null : mean(losses),
    largest_win: extreme(wins, Math.max),
    largest_loss: extreme(losses, Math.min),
  };
};

const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);

const extreme = (values: readonly number[], pick: (a: number, b: number) => number): number | null =>
  values.length === 0 ? null : values.reduce((a, b) => pick(a, b));
