import { entrySide, limitFill, marketFillPrice } from '../fills/fill-model.ts';
import { entryLimit } from '../fills/entry-limit.ts';
import type { OrderSide } from '../orders/order.ts';
import { signal } from '../strategy/conditions.ts';
import type { EntryOrder } from '../strategy/definition.ts';
import type { BacktestInput } from './backtest-run.ts';
import type { PositionBook } from './position-book.ts';

/** The one entry order of a backtest that may be working, from the close that signals it to its fill or its end. */
export class WorkingEntry {
  readonly #input: BacktestInput;
  readonly #book: PositionBook;
  readonly #side: OrderSide;
  readonly #limitOrder: EntryOrder | null;
  #isWorking = false;
  #limit = 0;
  #lastBar = 0;

  constructor(input: BacktestInput, book: PositionBook) {
    const { side, order } = input.definition.risk_params;
    this.#input = input;
    this.#book = book;
    this.#side = entrySide(side);
    this.#limitOrder = order?.type === 'limit' ? order : null;
  }

  get isWorking(): boolean {
    return this.#isWorking;
  }

  /** Fills a market order at the open of the bar, a limit order where the bar reaches it; its last bar ends it. */
  fill(bar: number): void {
    if (!this.#isWorking) return;
    const { columns, feeRates, slippageBps } = this.#input;
    const open = columns.open[bar]!;
    if (this.#limitOrder === null) {
      this.#isWorking = false;
      this.#book.enter(bar, marketFillPrice(open, this.#side, slippageBps), feeRates.taker, false);
      return;
    }
    const candle = { open, high: columns.high[bar]!, low: columns.low[bar]! };
    const price = limitFill({ side: this.#side, limit: this.#limit }, candle);
    if (price !== null) {
      this.#isWorking = false;
      this.#book.enter(bar, price, feeRates.maker, price !== open);
    } else if (bar >= this.#lastBar) {
      this.#isWorking = false;
      this.#book.skipped.limitExpired += 1;
    }
  }

  /** Reads the signals of a bar's close: an exit ends the order and all positions, an entry alone makes an order. */
  decide(bar: number, signals: number): void {
    if ((signals & signal.exit) !== 0) {
      this.#isWorking = false;
      this.#book.leaveAll('exit_signal');
      return;
    }
    const { length, close } = this.#input.columns;
    if (signals !== signal.entry || this.#isWorking || this.#book.isFull || bar + 1 === length) return;
    if (bar + 1 < this.#book.firstEntryBar) {
      this.#book.skipped.cooldown += 1;
      return;
    }
    this.#isWorking = true;
    if (this.#limitOrder === null) return;
    this.#lastBar = bar + (this.#limitOrder.expire_bars ?? 1);
    this.#limit = entryLimit(close[bar]!, this.#side, this.#limitOrder, this.#book.filters.tickSize);
  }
}
