import { exitSide, marketFillPrice, volumeCap } from '../fills/fill-model.ts';
import type { RiskParams } from '../strategy/definition.ts';
import { entryQuantity, fitQuantity, floorToStep, noFilters, numericFilters } from '../strategy/sizing.ts';
import type { NumericFilters } from '../strategy/sizing.ts';
import type { BacktestInput, ExitReason, OpenPosition, SkippedEntries } from './backtest-run.ts';
import { Journal } from './journal.ts';
import { KellyRecord } from './kelly.ts';
import { openLot } from './lot.ts';
import type { Lot } from './lot.ts';
import type { QuietBounds } from './quiet-bars.ts';

/**
 * What a backtest holds and has earned. Fills are at prices of the shared fill model; all amounts are in quote, quantities in base.
 * `balance` is the capital plus all that was realised, less the entry fees of what is open.
 */
export class PositionBook {
  readonly journal = new Journal();
  readonly skipped: { -readonly [Why in keyof SkippedEntries]: number } = {
    tooSmall: 0,
    cooldown: 0,
    limitExpired: 0,
    noVolume: 0,
    noEdge: 0,
  };
  balance: number;
  feesPaid = 0;
  /** The prices between which nothing happens to what is open, as `quietBounds` found them; null where they have to be found again. */
  bounds: QuietBounds | null = null;
  /** The first bar that may be entered on: a loss puts it off. */
  firstEntryBar = 0;
  readonly #input: BacktestInput;
  readonly #risk: RiskParams;
  readonly filters: NumericFilters;
  readonly #direction: 1 | -1;
  readonly #kelly = new KellyRecord();
  readonly #most: number;
  /** What is open, oldest first. */
  readonly lots: Lot[] = [];
  /** Of `lots`, those of which nothing is left. */
  #closed = 0;
  /** Whether the journal knows how equity follows the price by now. */
  #isMarked = true;

  constructor(input: BacktestInput) {
    this.#input = input;
    this.#risk = input.definition.risk_params;
    this.filters = input.filters ? numericFilters(input.filters) : noFilters;
    this.#direction = this.#risk.side === 'LONG' ? 1 : -1;
    this.#most = this.#risk.max_open_positions ?? 1;
    this.balance = input.capital;
  }

  get isFlat(): boolean {
    return this.lots.length === 0;
  }

  get isFull(): boolean {
    return this.lots.length >= this.#most;
  }

  get isLeaving(): boolean {
    for (const lot of this.lots) if (lot.leaving !== null) return true;
    return false;
  }

  /** Opens a position at `price`; false where nothing could be bought, which is counted. */
  enter(bar: number, price: number, feeRate: number, enteredInside: boolean): boolean {
    const equity = this.equityAt(price);
    const fraction = this.#kelly.fraction(this.#risk.position_size);
    if (fraction === 0) return this.#skip('noEdge');
    const wanted = entryQuantity({
      risk: this.#risk,
      equity,
      cash: this.balance - this.#committed(),
      price,
      feeRate,
      kellyFraction: fraction,
    });
    const cap = this.#volumeCap(bar);
    const quantity = fitQuantity(Math.min(wanted, cap), price, this.filters);
    if (!(quantity > 0)) return this.#skip(cap < wanted ? 'noVolume' : 'tooSmall');
    const entryFee = quantity * price * feeRate;
    this.feesPaid += entryFee;
    this.balance -= entryFee;
    this.#isMarked = false;
    this.bounds = null;
    const entry = this.journal.entered(bar, price, quantity, entryFee);
    this.lots.push(
      openLot(this.#risk, this.filters.tickSize, {
        entry,
        bar,
        price,
        quantity,
        fee: entryFee,
        inside: enteredInside,
      }),
    );
    return true;
  }

  #skip(why: keyof SkippedEntries): false {
    this.skipped[why] += 1;
    return false;
  }

  /** Everything open is to be sold from the next open on. */
  leaveAll(reason: ExitReason): void {
    for (const lot of this.lots) lot.leaving ??= reason;
  }

  /** Sells what is leaving at the open of a bar. */
  sellLeaving(bar: number): void {
    if (!this.isLeaving) return;
    const { columns, slippageBps, feeRates } = this.#input;
    const price = marketFillPrice(columns.open[bar]!, exitSide(this.#risk.side), slippageBps);
    for (const lot of this.lots) {
      if (lot.leaving !== null) this.sell(lot, bar, price, lot.held, feeRates.taker, lot.leaving);
    }
    this.forgetClosed();
  }

  /** Sells up to `quantity` of an open lot, what the bar's volume allows; gives what was sold. `forgetClosed` is to follow. */
  sell(lot: Lot, bar: number, price: number, quantity: number, feeRate: number, reason: ExitReason): number {
    const sold = Math.min(quantity, this.#volumeCap(bar));
    if (!(sold > 0)) return 0;
    const fee = sold * price * feeRate;
    const gain = this.#direction * sold * (price - lot.price) - fee;
    this.journal.left(lot.entry, bar, price, sold, fee, reason);
    this.#isMarked = false;
    this.bounds = null;
    lot.realized += gain;
    lot.held = sold === lot.held ? 0 : floorToStep(lot.held - sold, this.filters.stepSize);
    this.balance += gain;
    this.feesPaid += fee;
    if (lot.held === 0) this.#close(lot, bar);
    return sold;
  }

  #close(lot: Lot, bar: number): void {
    this.#closed += 1;
    const pnl = lot.realized - lot.fee;
    this.journal.closed(lot.entry, pnl);
    this.#kelly.add(pnl);
    if (pnl < 0) this.firstEntryBar = bar + 1 + (this.#risk.cooldown_bars_after_loss ?? 0);
  }

  /** Drops the lots of which nothing is left. */
  forgetClosed(): void {
    for (let i = this.lots.length - 1; this.#closed > 0 && i >= 0; i -= 1) {
      if (this.lots[i]!.held > 0) continue;
      if (i + 1 === this.lots.length) this.lots.pop();
      else this.lots.splice(i, 1);
      this.#closed -= 1;
    }
  }

  #volumeCap(bar: number): number {
    const { volumeShare, columns } = this.#input;
    if (volumeShare === null || volumeShare === undefined) return Number.POSITIVE_INFINITY;
    return floorToStep(volumeCap(columns.volume[bar]!, volumeShare), this.filters.stepSize);
  }

  #held(): number {
    let held = 0;
    for (const lot of this.lots) held += lot.held;
    return held;
  }

  /** Quote that open positions were bought for, or that a SHORT has as its margin. */
  #committed(): number {
    let committed = 0;
    for (const lot of this.lots) committed += lot.held * lot.price;
    return committed;
  }

  /** The price at which a SHORT has lost all equity; null without one. A LONG is paid for. */
  ruinPrice(): number | null {
    if (this.#direction === 1 || this.lots.length === 0) return null;
    return this.#averageEntry() + this.balance / this.#held();
  }

  /** By quantity, and exactly the entry's price where all entries had the same. */
  #averageEntry(): number {
    const first = this.lots[0]?.price ?? 0;
    if (this.lots.length < 2) return first;
    let apart = 0;
    for (const lot of this.lots) apart += lot.held * (lot.price - first);
    return first + apart / this.#held();
  }

  /** Equity with all positions marked at `price`, their entry fees paid. */
  equityAt(price: number): number {
    if (this.lots.length === 0) return this.balance;
    return this.balance + this.#direction * this.#held() * (price - this.#averageEntry());
  }

  /** Writes down how equity follows the price from a bar's close on, where that has changed. */
  mark(bar: number): void {
    if (this.#isMarked) return;
    this.journal.marked(bar, this.balance, this.#direction * this.#held(), this.#averageEntry());
    this.#isMarked = true;
  }

  /** What is still open, marked at the last close; null where nothing is. */
  openPosition(): OpenPosition | null {
    const [first] = this.lots;
    if (first === undefined) return null;
    const { columns } = this.#input;
    const markPrice = columns.close[columns.length - 1]!;
    const quantity = this.#held();
    const entryPrice = this.#averageEntry();
    const entryFee = this.lots.reduce((total, lot) => total + lot.fee, 0);
    return {
      side: this.#risk.side,
      entryBar: first.bar,
      entryTime: columns.time[first.bar]!,
      entryPrice,
      quantity,
      entryFee,
      markPrice,
      unrealizedPnl: this.#direction * quantity * (markPrice - entryPrice) - entryFee,
      realizedPnl: this.lots.reduce((total, { realized }) => total + realized, 0),
    };
  }
}
