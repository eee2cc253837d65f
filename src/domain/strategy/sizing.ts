import { DomainError } from '../errors.ts';
import type { MarketFilters } from '../market/market-filters.ts';
import type { RiskParams } from './definition.ts';
import { stakeOf } from './stake.ts';
import type { Stake } from './stake.ts';

/** What an entry's size follows from. Amounts in quote, `feeRate` as a fraction of the notional. */
export interface SizingInput {
  readonly risk: Pick<RiskParams, 'position_size' | 'stop_loss_pct'>;
  /** Cash plus what is held at its mark. */
  readonly equity: number;
  /** What can be spent at most, fees included. */
  readonly cash: number;
  readonly price: number;
  readonly feeRate: number;
  /** Share of equity to stake by Kelly, where that is the sizing. */
  readonly kellyFraction?: number | null;
}

/**
 * Quantity (base) of an entry before a market's filters; the fee is inside what is spent, so that
 * quantity · price · (1 + feeRate) never exceeds the cash.
 * @throws DomainError `BadStrategy` for sizing by `risk_fraction` without a stop, by `kelly` without a fraction.
 */
export const entryQuantity = ({ risk, equity, cash, price, feeRate, kellyFraction }: SizingInput): number => {
  const allIn = price * (1 + feeRate);
  return Math.min(Math.max(0, cash) / allIn, wanted(stakeOf(risk, kellyFraction ?? null), equity, price, allIn));
};

const wanted = (stake: Stake, equity: number, price: number, allIn: number): number => {
  if (stake.kind === 'amount') return stake.quote / allIn;
  const staked = Math.max(0, equity) * stake.share;
  return stake.kind === 'share' ? staked / allIn : staked / ((price * stake.stopPct) / 100);
};

/** The filters of a market as numbers; 0 where it sets none. */
export interface NumericFilters {
  readonly tickSize: number;
  readonly stepSize: number;
  readonly minQuantity: number;
  readonly maxQuantity: number;
  readonly minNotional: number;
}

export const noFilters: NumericFilters = { tickSize: 0, stepSize: 0, minQuantity: 0, maxQuantity: 0, minNotional: 0 };

/** @throws DomainError `BadInput` where a filter is not a number of 0 or more. */
export const numericFilters = (filters: MarketFilters): NumericFilters => {
  const read = (name: keyof MarketFilters): number => {
    const value = Number(filters[name]);
    if (value >= 0 && Number.isFinite(value)) return value;
    throw new DomainError('BadInput', `market filter ${name} is '${filters[name]}'`, {
      next: "give each filter as decimal text, '0' where there is none",
    });
  };
  return {
    tickSize: read('tickSize'),
    stepSize: read('stepSize'),
    minQuantity: read('minQuantity'),
    maxQuantity: read('maxQuantity'),
    minNotional: read('minNotional'),
  };
};

/** A quantity floored to the step and capped; 0 where it is under the minimum quantity or notional. */
export const fitQuantity = (quantity: number, price: number, filters: NumericFilters): number => {
  const capped = filters.maxQuantity > 0 ? Math.min(quantity, filters.maxQuantity) : quantity;
  const fitted = floorToStep(capped, filters.stepSize);
  return fitted < filters.minQuantity || fitted * price < filters.minNotional ? 0 : fitted;
};

/** Down to a multiple of the step, all of it where the step is 0. Half a part in 10^9 of a step is taken for the whole step: 0.3 / 0.1 is 3. */
export const floorToStep = (quantity: number, step: number): number => {
  if (!(step > 0) || quantity === Number.POSITIVE_INFINITY) return quantity;
  const steps = Math.floor(quantity / step + 5e-10);
  const perUnit = Math.round(1 / step);
  return Math.abs(perUnit * step - 1) < 1e-12 ? steps / perUnit : steps * step;
};
