import { DomainError } from '../errors.ts';
import { entrySide, exitSide, limitFill, marketFillPrice, stopFill } from '../fills/fill-model.ts';
import { onTick, protectionExit } from '../fills/protection.ts';
import { compileStrategy } from '../strategy/compile.ts';
import { entryQuantity, fitQuantity, noFilters, numericFilters } from '../strategy/sizing.ts';
import type { BacktestInput, BacktestRun, ExitReason, TradeRecord } from './backtest-run.ts';
import { closeHolding, equityAt, liquidationPrice, markHolding, openHolding, trail } from './position.ts';
import type { Holding } from './position.ts';

/** An entry decided on the close of a bar: a market order for the next open, or a limit order for the next bars. */
interface WorkingEntry {
  /** Null for a market order. */
  readonly limit: number | null;
  readonly lastBar: number;
}

/**
 * Runs a strategy over a series of candles.
 *
 * On each bar, in this order: an exit signalled on the close before fills at the open; an entry signalled on the close
 * before fills at the open (market) or where the bar reaches it (limit); protection closes the position inside the bar, the stop
 * first; equity is marked at the close; signals of the close are read. An entry and an exit on one close cancel out, and a
 * position has its own entry bar's range against it: its stop can be hit there, and its target unless a limit filled it inside
 * the bar. The engine is prefix-invariant: bars after i change nothing at or before i.
 * @throws DomainError `BadStrategy`, `UnknownIndicator`, `BadInput`, `NotEnoughCandles` for an empty series.
 */
export const runBacktest = (input: BacktestInput): BacktestRun => {
  checkInput(input);
  const { definition, columns, capital, feeRates, slippageBps } = input;
  const { open, high, low, close, length } = columns;
  const risk = definition.risk_params;
  const { entry, exit } = compileStrategy(definition).series(columns);
  const filters = input.filters ? numericFilters(input.filters) : noFilters;
  const buying = entrySide(risk.side);
  const selling = exitSide(risk.side);
  const cooldownBars = risk.cooldown_bars_after_loss ?? 0;
  const limitOrder = risk.order?.type === 'limit' ? risk.order : null;
  const limitFactor = 1 + ((buying === 'BUY' ? -1 : 1) * (limitOrder?.offset_bps ?? 0)) / 10_000;

  const equity = new Float64Array(length);
  const trades: TradeRecord[] = [];
  const skipped = { tooSmall: 0, cooldown: 0, limitExpired: 0 };
  let cash = capital;
  let feesPaid = 0;
  let holding: Holding | null = null;
  let working: WorkingEntry | null = null;
  let firstEntryBar = 0;

  const leave = (held: Holding, bar: number, price: number, feeRate: number, reason: ExitReason): void => {
    const trade = closeHolding(held, risk, columns, { bar, price, feeRate, reason });
    trades.push(trade);
    feesPaid += trade.exitFee;
    cash = held.cashBefore + trade.pnl;
    if (trade.pnl < 0) firstEntryBar = bar + 1 + cooldownBars;
    holding = null;
  };

  const enter = (bar: number, price: number, feeRate: number, enteredInside: boolean): Holding | null => {
    const wanted = entryQuantity({ risk, equity: cash, cash, price, feeRate });
    const quantity = fitQuantity(wanted, price, filters);
    if (!(quantity > 0)) {
      skipped.tooSmall += 1;
      return null;
    }
    const entryFee = quantity * price * feeRate;
    feesPaid += entryFee;
    return openHolding(risk, filters.tickSize, {
      entryBar: bar,
      entryPrice: price,
      quantity,
      entryFee,
      cashBefore: cash,
      enteredInside,
    });
  };

  for (let i = 0; i < length; i += 1) {
    if (holding !== null && exit[i - 1] === 1) {
      leave(holding, i, marketFillPrice(open[i]!, selling, slippageBps), feeRates.taker, 'exit_signal');
    }
    if (working !== null) {
      const candle = { open: open[i]!, high: high[i]!, low: low[i]! };
      if (working.limit === null) {
        holding = enter(i, marketFillPrice(candle.open, buying, slippageBps), feeRates.taker, false);
        working = null;
      } else {
        const price: number | null = limitFill({ side: buying, limit: working.limit }, candle);
        if (price !== null) {
          holding = enter(i, price, feeRates.maker, price !== candle.open);
          working = null;
        } else if (i >= working.lastBar) {
          skipped.limitExpired += 1;
          working = null;
        }
      }
    }
    if (holding !== null) {
      const held: Holding = holding;
      const inside = held.enteredInside && held.entryBar === i;
      const candle = { open: inside ? held.entryPrice : open[i]!, high: high[i]!, low: low[i]! };
      const levels = inside ? { ...held.levels, target: null } : held.levels;
      const closed = protectionExit(levels, risk.side, candle, slippageBps);
      const bankruptcy = closed === null ? liquidationPrice(risk, held) : null;
      const ruin = bankruptcy === null ? null : stopFill({ side: selling, stop: bankruptcy }, candle);
      if (closed !== null) {
        leave(held, i, closed.price, closed.reason === 'take_profit' ? feeRates.maker : feeRates.taker, closed.reason);
      } else if (ruin !== null) {
        leave(held, i, ruin, feeRates.taker, 'liquidation');
      } else if (!inside) {
        trail(held, risk, high[i]!, low[i]!, filters.tickSize);
      }
    }
    equity[i] = holding === null ? cash : equityAt(holding, risk, close[i]!);
    if (working !== null && exit[i] === 1) working = null;
    if (holding !== null || working !== null || entry[i] !== 1 || exit[i] === 1 || i + 1 === length) continue;
    if (i + 1 < firstEntryBar) {
      skipped.cooldown += 1;
      continue;
    }
    const limit = limitOrder === null ? null : onTick(close[i]! * limitFactor, filters.tickSize);
    working = { limit, lastBar: i + (limitOrder?.expire_bars ?? 1) };
  }
  return {
    input,
    trades,
    equity,
    finalEquity: equity[length - 1]!,
    openPosition: holding === null ? null : markHolding(holding, risk, columns),
    feesPaid,
    skippedEntries: skipped,
  };
};

const checkInput = ({ columns, capital, feeRates, slippageBps }: BacktestInput): void => {
  if (columns.length === 0) {
    throw new DomainError('NotEnoughCandles', 'there are no candles to run over', { next: 'import candles first' });
  }
  const numbers: readonly (readonly [string, number, number, number])[] = [
    ['capital', capital, Number.MIN_VALUE, Number.MAX_VALUE],
    ['maker fee (fraction)', feeRates.maker, 0, 1],
    ['taker fee (fraction)', feeRates.taker, 0, 1],
    ['slippage (basis points)', slippageBps, 0, 9_999],
  ];
  for (const [name, value, least, most] of numbers) {
    if (value >= least && value <= most) continue;
    const range = name === 'capital' ? 'above 0' : `from ${least} to ${most}`;
    throw new DomainError('BadInput', `${name} is ${value}`, { next: `give a number ${range}` });
  }
};
