import { type Decimal, dec, divide, floorToStep as floorDecimal, min, one, text } from '../decimal.ts';
import type { Candle } from '../market/candle.ts';
import type { Fill } from '../orders/order.ts';
import { floorToStep } from '../strategy/sizing.ts';
import { volumeCap } from './fill-model.ts';
import type { CandlePrices } from './fill-model.ts';
import type { PaperCosts } from './paper-order.ts';

/** Digits of a paper price and of a commission: the seed's NUMERIC(20,8). */
const priceScale = 8;

/** A price of the fill model as the decimal that a paper fill reports. */
export const paperPrice = (price: number): Decimal => divide(dec(price), one, priceScale);

export const pricesOf = (candle: Candle): CandlePrices => ({
  open: Number(candle.open),
  high: Number(candle.high),
  low: Number(candle.low),
});

/** What one order takes of a candle: up to `wanted`, within its share of the volume floored to the step. */
export const withinVolume = (
  wanted: Decimal,
  candle: Candle,
  volumeShare: number | null | undefined,
  stepSize: string,
): Decimal => {
  if (volumeShare === null || volumeShare === undefined) return wanted;
  const cap = volumeCap(Number(candle.volume), volumeShare);
  const step = Number(stepSize);
  if (step === 0) return min(wanted, dec(cap));
  return min(wanted, dec(Math.round(floorToStep(cap, step) / step)).times(stepSize));
};

/** A quantity floored to the step. */
export const onStep = (quantity: Decimal, stepSize: string): Decimal => floorDecimal(quantity, dec(stepSize));

export interface PaperTrade {
  readonly price: Decimal;
  readonly quantity: Decimal;
  /** Fee as a fraction of the notional, decimal text. */
  readonly rate: string;
  /** Open time of the candle, epoch ms. */
  readonly at: number;
}

/** The fee of a trade in quote, as it is charged. */
export const commissionOf = ({ price, quantity, rate }: Omit<PaperTrade, 'at'>): Decimal =>
  divide(price.times(quantity).times(rate), one, priceScale);

/** What a trade pays, and in what: its share of the quote, or of the base that it buys. */
const feeOf = (
  trade: PaperTrade,
  { quote, feeFrom }: Pick<PaperCosts, 'quote' | 'feeFrom'>,
): Pick<Fill, 'commission' | 'commissionAsset'> =>
  feeFrom === null || feeFrom === undefined
    ? { commission: text(commissionOf(trade)), commissionAsset: quote }
    : { commission: text(divide(trade.quantity.times(trade.rate), one, priceScale)), commissionAsset: feeFrom };

/** The fills of one order, numbered `clientOrderId-1`, `-2`…, each with its fee. */
export const paperFills = (
  clientOrderId: string,
  trades: readonly PaperTrade[],
  costs: Pick<PaperCosts, 'quote' | 'feeFrom'>,
): readonly Fill[] =>
  trades.map((trade, index) => ({
    tradeId: `${clientOrderId}-${index + 1}`,
    price: text(trade.price),
    quantity: text(trade.quantity),
    ...feeOf(trade, costs),
    executedAt: trade.at,
  }));
