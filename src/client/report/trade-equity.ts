import type { OpenPosition } from '../../domain/backtest/backtest-run.ts';
import type { TradeLogEntry } from '../../domain/backtest/trade-log.ts';

/** The columns of a trade that its equity follows from. */
type TradeFills = Pick<TradeLogEntry, 'side' | 'entry_bar' | 'entry_price' | 'entry_fee' | 'quantity' | 'exits'>;

/**
 * The equity at each bar's close (in quote) that a trade log says: capital, what trades have realised net of fees, and what is held
 * at the close less the fee that its entry paid. What is still open at the end is one position there: several are taken as entered
 * together, and parts sold of them are counted on the last bar, so that from its entry up to that bar the curve is approximate.
 */
export const equityOfTrades = (
  close: Float64Array,
  capital: number,
  trades: readonly TradeFills[],
  open: OpenPosition | null,
): Float64Array => {
  const length = close.length;
  const [cash, held, cost] = [new Float64Array(length), new Float64Array(length), new Float64Array(length)];
  const take = (bar: number, side: TradeFills['side'], quantity: number, entryPrice: number): void => {
    const signed = side === 'LONG' ? quantity : -quantity;
    held[bar]! += signed;
    cost[bar]! += signed * entryPrice;
  };
  for (const { side, entry_bar: entry, entry_price: price, entry_fee: fee, quantity, exits } of trades) {
    take(entry, side, quantity, price);
    cash[entry]! -= fee;
    for (const exit of exits) {
      take(exit.bar, side, -exit.quantity, price);
      cash[exit.bar]! += (side === 'LONG' ? 1 : -1) * (exit.price - price) * exit.quantity - exit.fee;
    }
  }
  if (open !== null) {
    take(open.entryBar, open.side, open.quantity, open.entryPrice);
    cash[open.entryBar]! -= open.entryFee;
    cash[length - 1]! += open.realizedPnl;
  }
  const equity = new Float64Array(length);
  let [realised, quantity, paid] = [capital, 0, 0];
  for (let i = 0; i < length; i += 1) {
    realised += cash[i]!;
    quantity += held[i]!;
    paid += cost[i]!;
    equity[i] = realised + quantity * close[i]! - paid;
  }
  return equity;
};
