import { exitSide, limitFill, stopFill } from '../fills/fill-model.ts';
import type { CandlePrices } from '../fills/fill-model.ts';
import { protectionExit } from '../fills/protection.ts';
import { fitQuantity } from '../strategy/sizing.ts';
import type { BacktestInput } from './backtest-run.ts';
import { hasTrailingStop, trail } from './lot.ts';
import type { Lot } from './lot.ts';
import type { PositionBook } from './position-book.ts';
import type { QuietBounds } from './quiet-bars.ts';

/** A remainder under this share of what was bought is float noise. */
const noise = 1e-9;

/** Stops, targets and ruin of what is open inside a bar, the stop first; then trailing stops follow the bar. */
export const protect = (book: PositionBook, input: BacktestInput, bar: number): void => {
  if (book.isFlat) return;
  const { open, high, low } = input.columns;
  const { lower, upper } = quietBounds(book, input);
  if (low[bar]! > lower && high[bar]! < upper) return;
  const candle = { open: open[bar]!, high: high[bar]!, low: low[bar]! };
  for (const lot of book.lots) if (lot.leaving === null) protectLot(book, input, lot, bar, candle);
  book.forgetClosed();
  liquidate(book, input, bar, candle);
  book.bounds = null;
  const risk = input.definition.risk_params;
  if (!hasTrailingStop(risk)) return;
  for (const lot of book.lots) {
    if (!enteredInside(lot, bar)) trail(lot, risk, candle.high, candle.low, book.filters.tickSize);
  }
};

/** Whether what the bar did before the entry is unknown: its stop counts, its target does not. */
const enteredInside = (lot: Lot, bar: number): boolean => lot.inside && lot.bar === bar;

const protectLot = (
  book: PositionBook,
  { definition, slippageBps, feeRates }: BacktestInput,
  lot: Lot,
  bar: number,
  candle: CandlePrices,
): void => {
  const { side } = definition.risk_params;
  const inside = enteredInside(lot, bar);
  const exit = protectionExit(inside ? { ...lot.levels, target: null } : lot.levels, side, candle, slippageBps);
  if (exit !== null && exit.reason !== 'take_profit') {
    book.sell(lot, bar, exit.price, lot.held, feeRates.taker, exit.reason);
    if (lot.held > 0) lot.leaving = exit.reason;
    return;
  }
  if (!inside) sellParts(book, exitSide(side), lot, bar, candle, feeRates.maker);
  if (exit !== null && lot.held > 0) book.sell(lot, bar, exit.price, lot.held, feeRates.maker, exit.reason);
};

const sellParts = (
  book: PositionBook,
  side: 'BUY' | 'SELL',
  lot: Lot,
  bar: number,
  candle: CandlePrices,
  feeRate: number,
): void => {
  while (lot.held > 0) {
    const target = lot.targets[lot.targetsDone];
    if (target === undefined) return;
    const price = limitFill({ side, limit: target.price }, candle);
    if (price === null) return;
    const part = sellablePart(book, lot, target.quantity, price);
    const sold = part === 0 ? 0 : book.sell(lot, bar, price, part, feeRate, 'take_profit');
    if (sold < part) {
      target.quantity = part - sold;
      return;
    }
    lot.targetsDone += 1;
  }
};

/** What a partial target sells: fitted to the market's filters, all that is held where the rest could not be sold. */
const sellablePart = ({ filters }: PositionBook, lot: Lot, quantity: number, price: number): number => {
  const fitted = fitQuantity(Math.min(quantity, lot.held), price, filters);
  const rest = lot.held - fitted;
  const restIsUnsellable = rest <= lot.quantity * noise || fitQuantity(rest, price, filters) === 0;
  return fitted > 0 && restIsUnsellable ? lot.held : fitted;
};

const liquidate = (book: PositionBook, input: BacktestInput, bar: number, candle: CandlePrices): void => {
  const ruin = book.ruinPrice();
  if (ruin === null) return;
  const price = stopFill({ side: exitSide(input.definition.risk_params.side), stop: ruin }, candle);
  if (price === null) return;
  for (const lot of book.lots) {
    book.sell(lot, bar, price, lot.held, input.feeRates.taker, 'liquidation');
    if (lot.held > 0) lot.leaving = 'liquidation';
  }
  book.forgetClosed();
};

/**
 * The prices between which nothing happens to what is open. They move only where something happens, a new best price under a trailing
 * stop included.
 */
export const quietBounds = (book: PositionBook, input: BacktestInput): QuietBounds =>
  (book.bounds ??= findBounds(book, input));

const findBounds = (book: PositionBook, input: BacktestInput): QuietBounds => {
  const risk = input.definition.risk_params;
  const long = risk.side === 'LONG';
  const trailing = hasTrailingStop(risk);
  let adverse = book.ruinPrice() ?? (long ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY);
  let favourable = long ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
  const [nearerAdverse, nearerFavourable] = long ? [Math.max, Math.min] : [Math.min, Math.max];
  for (const { levels, targets, targetsDone, bestPrice } of book.lots) {
    if (levels.stop !== null) adverse = nearerAdverse(adverse, levels.stop);
    const part = targets[targetsDone];
    if (part !== undefined) favourable = nearerFavourable(favourable, part.price);
    if (levels.target !== null) favourable = nearerFavourable(favourable, levels.target);
    if (trailing) favourable = nearerFavourable(favourable, bestPrice);
  }
  return long ? { lower: adverse, upper: favourable } : { lower: favourable, upper: adverse };
};
