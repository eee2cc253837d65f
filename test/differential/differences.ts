import type { TradeRecord } from '../../src/domain/backtest/backtest-run.ts';
import type { CandleColumns } from '../../src/domain/market/candle.ts';
import type { Case, Convention } from './cases.ts';

/** How a trade leaves, and what it pays on its entry. */
export interface Way {
  readonly entryPrice: number;
  readonly exitBar: number;
  readonly exitPrice: number;
}

/**
 * What a library's other convention makes of one of our trades: the way the trade takes there, null where it can make no difference. All
 * for LONG trades, which is what the cases are.
 */
export type Difference = (trade: TradeRecord, given: Case, columns: CandleColumns) => Way | null;

const wayOf = ({ entryPrice, exitBar, exitPrice }: TradeRecord): Way => ({ entryPrice, exitBar, exitPrice });

/** Stop and target in per cent of the entry; the price of a bar's exit by them, the stop first. Null where the bar meets neither. */
const protectedExit = ({ stop, target }: { stop: number; target: number }, columns: CandleColumns, bar: number) => {
  const [open, high, low] = [columns.open[bar]!, columns.high[bar]!, columns.low[bar]!];
  if (low <= stop) return Math.min(open, stop);
  return high >= target ? Math.max(open, target) : null;
};

const levelsOf = ({ entryPrice }: TradeRecord, { stopLossPct, takeProfitPct }: Case) => ({
  stop: stopLossPct === undefined ? Number.NEGATIVE_INFINITY : entryPrice * (1 - stopLossPct / 100),
  target: takeProfitPct === undefined ? Number.POSITIVE_INFINITY : entryPrice * (1 + takeProfitPct / 100),
});

/** The close on which the averages cross under, from `from` on; the length where they don't. */
const crossUnder = (columns: CandleColumns, { fast, slow }: Case, from: number): number => {
  const ticks = (bar: number): number => Math.round(columns.close[bar]! * 100);
  const difference = (bar: number): number => {
    let [quick, calm] = [0, 0];
    for (let back = 0; back < slow; back += 1) {
      if (back < fast) quick += ticks(bar - back);
      calm += ticks(bar - back);
    }
    return quick * slow - calm * fast;
  };
  for (let bar = from; bar < columns.length; bar += 1) if (difference(bar - 1) >= 0 && difference(bar) < 0) return bar;
  return columns.length;
};

/** From `from` on: the first bar that meets the levels, or the open after the averages cross under, whichever comes first. */
const laterExit = (
  trade: TradeRecord,
  given: Case,
  columns: CandleColumns,
  from: number,
  levelsAt: (bar: number) => { stop: number; target: number },
): Way => {
  const due = crossUnder(columns, given, trade.entryBar) + 1;
  for (let bar = from; bar < due; bar += 1) {
    const price = protectedExit(levelsAt(bar), columns, bar);
    if (price !== null) return { entryPrice: trade.entryPrice, exitBar: bar, exitPrice: price };
  }
  return { entryPrice: trade.entryPrice, exitBar: due, exitPrice: columns.open[due]! };
};

export const differences: Readonly<Record<Convention, Difference>> = {
  /** Protection is looked at from the bar after the entry on. */
  entry_bar: (trade, given, columns) => {
    if (trade.exitBar !== trade.entryBar) return null;
    const levels = levelsOf(trade, given);
    return laterExit(trade, given, columns, trade.entryBar + 1, () => levels);
  },
  /** Where an exit is due at an open, the same bar's touch of the stop or the target comes first. */
  exit_bar: (trade, given, columns) => {
    if (trade.reason !== 'exit_signal') return null;
    const price = protectedExit(levelsOf(trade, given), columns, trade.exitBar);
    return price === null || price === trade.exitPrice ? null : { ...wayOf(trade), exitPrice: price };
  },
  /** The best price that a trailing stop follows leaves the entry's bar out, and the bar of the entry is not looked at. */
  trailing: (trade, given, columns) => {
    const { entryBar, exitBar, entryPrice } = trade;
    const best = (bar: number): number => Math.max(entryPrice, ...columns.high.subarray(entryBar + 1, bar));
    const seen = exitBar > entryBar && best(exitBar) >= columns.high[entryBar]!;
    if (seen || trade.reason !== 'trailing_stop') return null;
    const factor = 1 - (given.trailingStopPct ?? 0) / 100;
    return laterExit(trade, given, columns, entryBar + 1, (bar) => ({
      stop: best(bar) * factor,
      target: Number.POSITIVE_INFINITY,
    }));
  },
  /** The trailing stop follows closes, from the entry bar's on, not highs; it is looked at from the bar after the entry on. */
  trailing_close: (trade, given, columns) => {
    const best = (bar: number): number => Math.max(...columns.close.subarray(trade.entryBar, bar));
    const factor = 1 - (given.trailingStopPct ?? 0) / 100;
    const target = Number.POSITIVE_INFINITY;
    return laterExit(trade, given, columns, trade.entryBar + 1, (bar) => ({ stop: best(bar) * factor, target }));
  },
  /** A target pays slippage, as a market order would. */
  target_slippage: (trade, { slippageBps }) =>
    trade.reason === 'take_profit'
      ? { ...wayOf(trade), exitPrice: trade.exitPrice * (1 - slippageBps / 10_000) }
      : null,
  /** The spread is paid on the entry alone. */
  spread: (trade, _given, columns) => ({ ...wayOf(trade), exitPrice: columns.open[trade.exitBar]! }),
};
