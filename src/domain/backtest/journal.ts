import type { CandleColumns } from '../market/candle.ts';
import type { PositionSide } from '../orders/order.ts';
import type { ExitReason, TradeExit, TradeRecord } from './backtest-run.ts';
import { NumberTable } from './number-table.ts';

const reasons: readonly ExitReason[] = ['exit_signal', 'stop_loss', 'trailing_stop', 'take_profit', 'liquidation'];

/**
 * What happened in a backtest, in numbers: written bar by bar without an object a trade, read into records when somebody asks.
 */
export class Journal {
  /** bar, price, quantity, fee */
  readonly #entries = new NumberTable(4);
  /** entry, bar, price, quantity, fee, reason */
  readonly #exits = new NumberTable(6);
  /** entry, P&L net of fees */
  readonly #closed = new NumberTable(2);
  /** bar, balance, quantity (signed), price: equity is balance + quantity · (close − price) from that bar on */
  readonly #marks = new NumberTable(4);

  get closedTrades(): number {
    return this.#closed.length;
  }

  /** Gives the number of the entry, by which its exits and its end refer to it. */
  entered(bar: number, price: number, quantity: number, fee: number): number {
    return this.#entries.append(bar, price, quantity, fee);
  }

  left(entry: number, bar: number, price: number, quantity: number, fee: number, reason: ExitReason): void {
    this.#exits.append(entry, bar, price, quantity, fee, reasons.indexOf(reason));
  }

  closed(entry: number, pnl: number): void {
    this.#closed.append(entry, pnl);
  }

  marked(bar: number, balance: number, quantity: number, price: number): void {
    this.#marks.append(bar, balance, quantity, price);
  }

  /** Equity in quote at the close of each bar; `capital` before the first mark. */
  equity({ close, length }: CandleColumns, capital: number): Float64Array {
    const equity = new Float64Array(length);
    this.#eachStretch(length, capital, (from, to, balance, quantity, price) => {
      if (quantity === 0) equity.fill(balance, from, to);
      else markToMarket(equity, close, from, to, balance, quantity, price);
    });
    return equity;
  }

  /** `equity` at some bars alone, in ascending order. */
  equityOn(bars: Int32Array, { close, length }: CandleColumns, capital: number): Float64Array {
    const equity = new Float64Array(bars.length);
    let next = 0;
    this.#eachStretch(length, capital, (_from, to, balance, quantity, price) => {
      for (; next < bars.length && bars[next]! < to; next += 1) {
        equity[next] = quantity === 0 ? balance : balance + quantity * (close[bars[next]!]! - price);
      }
    });
    return equity;
  }

  /** The greatest fall of `equity` from a peak in per cent, without the column in between: exactly `maxDrawdownPct` of it. */
  maxDrawdownPct({ close, length }: CandleColumns, capital: number): number {
    const fall: DeepestFall = { peak: capital, worst: 0 };
    this.#eachStretch(length, capital, (from, to, balance, quantity, price) =>
      // Equity stands still while nothing is held: one bar says it all.
      deepen(fall, close, from, quantity === 0 ? from + 1 : to, balance, quantity, price),
    );
    return fall.worst * 100;
  }

  /** P&L of the closed trades, net of fees, in the order of their last exits. */
  pnl(): Float64Array {
    const pnl = new Float64Array(this.#closed.length);
    for (let row = 0; row < pnl.length; row += 1) pnl[row] = this.#closed.at(row, 1);
    return pnl;
  }

  /** Bars `from` up to, not including, `to` on which equity is balance + quantity · (close − price). */
  #eachStretch(
    length: number,
    capital: number,
    visit: (from: number, to: number, balance: number, quantity: number, price: number) => void,
  ): void {
    const marks = this.#marks;
    const first = marks.length === 0 ? length : marks.at(0, 0);
    if (first > 0) visit(0, first, capital, 0, 0);
    for (let mark = 0; mark < marks.length; mark += 1) {
      const to = mark + 1 < marks.length ? marks.at(mark + 1, 0) : length;
      visit(marks.at(mark, 0), to, marks.at(mark, 1), marks.at(mark, 2), marks.at(mark, 3));
    }
  }

  /** Closed trades in the order of their last exits. */
  trades({ time }: CandleColumns, side: PositionSide): TradeRecord[] {
    const exitsOf = this.#exitsByEntry(time);
    return Array.from({ length: this.#closed.length }, (_, row): TradeRecord => {
      const entry = this.#closed.at(row, 0);
      const pnl = this.#closed.at(row, 1);
      const exits = exitsOf.get(entry) ?? [];
      const last = exits.at(-1);
      if (last === undefined) throw new TypeError('a closed trade has no exit');
      const entryBar = this.#entries.at(entry, 0);
      const entryPrice = this.#entries.at(entry, 1);
      const quantity = this.#entries.at(entry, 2);
      return {
        side,
        entryBar,
        exitBar: last.bar,
        entryTime: time[entryBar]!,
        exitTime: last.time,
        entryPrice,
        exitPrice: exits.length === 1 ? last.price : averagePrice(exits),
        quantity,
        entryFee: this.#entries.at(entry, 3),
        exitFee: exits.reduce((total, { fee }) => total + fee, 0),
        pnl,
        returnPct: (pnl / (quantity * entryPrice)) * 100,
        reason: last.reason,
        exits,
      };
    });
  }

  #exitsByEntry(time: Float64Array): Map<number, TradeExit[]> {
    const exitsOf = new Map<number, TradeExit[]>();
    for (let row = 0; row < this.#exits.length; row += 1) {
      const bar = this.#exits.at(row, 1);
      const exit: TradeExit = {
        bar,
        time: time[bar]!,
        price: this.#exits.at(row, 2),
        quantity: this.#exits.at(row, 3),
        fee: this.#exits.at(row, 4),
        reason: reasons[this.#exits.at(row, 5)]!,
      };
      const earlier = exitsOf.get(this.#exits.at(row, 0));
      if (earlier === undefined) exitsOf.set(this.#exits.at(row, 0), [exit]);
      else earlier.push(exit);
    }
    return exitsOf;
  }
}

const markToMarket = (
  equity: Float64Array,
  close: Float64Array,
  from: number,
  to: number,
  balance: number,
  quantity: number,
  price: number,
): void => {
  for (let bar = from; bar < to; bar += 1) equity[bar] = balance + quantity * (close[bar]! - price);
};

interface DeepestFall {
  peak: number;
  /** Fraction of the peak before it. */
  worst: number;
}

/** From here up to the peak no fall can be deeper, whatever rounding does; under it a value is looked at. */
const shallowest = (peak: number, worst: number): number => peak - worst * peak * (1 - 1e-9);

const deepen = (
  fall: DeepestFall,
  close: Float64Array,
  from: number,
  to: number,
  balance: number,
  quantity: number,
  price: number,
): void => {
  let { peak, worst } = fall;
  let shallow = shallowest(peak, worst);
  for (let bar = from; bar < to; bar += 1) {
    const value = balance + quantity * (close[bar]! - price);
    if (value >= shallow && value <= peak) continue;
    if (value > peak) peak = value;
    else if (peak - value > worst * peak) worst = (peak - value) / peak;
    shallow = shallowest(peak, worst);
  }
  fall.peak = peak;
  fall.worst = worst;
};

const averagePrice = (exits: readonly TradeExit[]): number => {
  let quantity = 0;
  let notional = 0;
  for (const exit of exits) {
    quantity += exit.quantity;
    notional += exit.quantity * exit.price;
  }
  return notional / quantity;
};
