import type { TradeLogEntry } from '../../domain/backtest/trade-log.ts';
import { buyAndHoldEquity } from './buy-and-hold.ts';
import { candleBuckets } from './candle-buckets.ts';
import { histogram } from './histogram.ts';
import type { Bin } from './histogram.ts';
import { drawnIndicators } from './indicator-panes.ts';
import type { DrawnIndicator } from './indicator-panes.ts';
import { drawdownPct } from './performance.ts';
import type { ReportSource } from './report-source.ts';
import { rounded, shortened, thinLine } from './thin-line.ts';
import type { ThinLine } from './thin-line.ts';

/** What the page's charts are drawn from. Times are seconds after `start`; prices and sums are rounded to what a screen can show. */
export interface ChartData {
  /** Open time of the first bar, epoch ms. */
  readonly start: number;
  readonly span: { readonly label: string; readonly seconds: number };
  readonly candles: Readonly<Record<'time' | 'open' | 'high' | 'low' | 'close' | 'volume', readonly number[]>>;
  readonly equity: ThinLine;
  readonly benchmark: ThinLine;
  readonly drawdown: ThinLine;
  readonly indicators: readonly DrawnIndicator[];
  /** The newest trades: entry and exit as `[time, price]`, return in per cent. */
  readonly trades: readonly {
    readonly long: boolean;
    readonly entry: readonly [number, number];
    readonly exit: readonly [number, number];
    readonly pct: number;
    readonly reason: string;
  }[];
  readonly returns: readonly Bin[];
}

/** How much of what was left out, for the page to say. */
export interface ChartBounds {
  /** What one drawn candle spans where it stands for several; null where every candle is drawn. */
  readonly aggregatedTo: string | null;
  readonly linesThinned: boolean;
  readonly tradesDrawn: number;
  readonly linesLeftOut: number;
}

const mostCandles = 4_000;
const mostPoints = 4_000;
const mostTrades = 2_000;
const mostIndicatorLines = 16;

/** Bounded data for the charts of a backtest of any length. */
export const chartDataOf = (source: ReportSource): { readonly data: ChartData; readonly bounds: ChartBounds } => {
  const { columns, definition, equity, result } = source;
  const capital = result.initial_capital;
  const start = columns.time[0]!;
  const seconds = (time: number): number => Math.round((time - start) / 1000);
  const thin = (values: Float64Array): ThinLine => shortened(thinLine(columns.time, values, mostPoints), seconds);
  const buckets = candleBuckets(columns, definition.interval, mostCandles);
  const { indicators, leftOut } = boundedIndicators(drawnIndicators(source, mostPoints));
  const trades = result.trade_log.slice(-mostTrades);
  return {
    data: {
      start,
      span: { label: buckets.label, seconds: buckets.spanMs / 1000 },
      candles: {
        time: buckets.time.map(seconds),
        open: buckets.open.map(rounded),
        high: buckets.high.map(rounded),
        low: buckets.low.map(rounded),
        close: buckets.close.map(rounded),
        volume: buckets.volume.map(rounded),
      },
      equity: thin(equity),
      benchmark: thin(buyAndHoldEquity(columns, { capital, ...source })),
      drawdown: thin(drawdownPct(capital, equity)),
      indicators: indicators.map((indicator) => ({
        ...indicator,
        lines: indicator.lines.map((line) => ({ ...line, ...shortened(line, seconds) })),
      })),
      trades: trades.map((trade) => markOf(trade, seconds)),
      returns: histogram(result.trade_log.map(({ return_pct: pct }) => pct)),
    },
    bounds: {
      aggregatedTo: buckets.aggregated ? buckets.label : null,
      linesThinned: columns.length > mostPoints,
      tradesDrawn: trades.length,
      linesLeftOut: leftOut,
    },
  };
};

const markOf = (trade: TradeLogEntry, seconds: (time: number) => number): ChartData['trades'][number] => ({
  long: trade.side === 'LONG',
  entry: [seconds(Date.parse(trade.entry_time)), rounded(trade.entry_price)],
  exit: [seconds(Date.parse(trade.exit_time)), rounded(trade.exit_price)],
  pct: rounded(trade.return_pct),
  reason: trade.exit_reason,
});

/** Whole indicators, in the strategy's order, until their lines would be too many. */
const boundedIndicators = (all: readonly DrawnIndicator[]) => {
  let lines = 0;
  const indicators = all.filter((each) => (lines += each.lines.length) <= mostIndicatorLines);
  return { indicators, leftOut: all.length - indicators.length };
};
