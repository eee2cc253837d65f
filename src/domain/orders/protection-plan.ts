import { type Decimal, dec, floorToStep, min, text } from '../decimal.ts';
import { paperPrice } from '../fills/paper-bar.ts';
import type { ProtectionLevels } from '../fills/protection.ts';
import type { Market } from '../market/market-filters.ts';

/** What should rest at the venue for a position. Decimal text; at least one level is set. */
export interface ProtectionPlan {
  readonly quantity: string;
  /** Trigger of the stop; null where there is none. */
  readonly stop: string | null;
  readonly stopReason: ProtectionLevels['stopReason'];
  /** Limit of the target; null where there is none, or where it is managed here. */
  readonly target: string | null;
}

export type Planned =
  | { readonly kind: 'rest'; readonly plan: ProtectionPlan }
  /** Nothing to rest, and why: no level is set, or the market takes no order that small. */
  | { readonly kind: 'none'; readonly reason: string };

const priceText = (level: number | null): string | null => (level === null ? null : text(paperPrice(level)));

/**
 * What should rest for what is held: the whole of it that can be sold, floored to the step, at the levels in force.
 * @param sellable base that is held and not reserved by other orders
 * @param venue `pair` rests stop and target together; `stop` the stop alone, or a target where there is no stop
 */
export const planProtection = (
  sellable: Decimal,
  levels: ProtectionLevels,
  { symbol, base, quote, filters }: Market,
  venue: 'pair' | 'stop',
): Planned => {
  const stop = priceText(levels.stop);
  const target = venue === 'stop' && stop !== null ? null : priceText(levels.target);
  const lowest = stop ?? target;
  if (lowest === null) return { kind: 'none', reason: 'neither a stop nor a target is set' };
  const most = dec(filters.maxQuantity);
  const quantity = floorToStep(most.gt('0') ? min(sellable, most) : sellable, dec(filters.stepSize));
  if (quantity.lte('0') || quantity.lt(dec(filters.minQuantity)) || quantity.times(lowest).lt(dec(filters.minNotional)))
    return {
      kind: 'none',
      reason: `${text(sellable)} ${base} at ${lowest} ${quote} is less than ${symbol} takes in one order`,
    };
  return { kind: 'rest', plan: { quantity: text(quantity), stop, stopReason: levels.stopReason, target } };
};

/** A protective order that rests, or is about to. */
export interface RestingLeg {
  readonly type: string;
  readonly quantity: string;
  readonly filledQuantity: string;
  readonly price: string | null;
  readonly stopPrice: string | null;
}

const isAt = (
  wanted: string | null,
  legs: readonly RestingLeg[],
  level: 'price' | 'stopPrice',
  left: Decimal,
): boolean => {
  const [leg, second] = legs;
  if (wanted === null || leg === undefined) return wanted === null && leg === undefined;
  return (
    second === undefined &&
    dec(leg[level] ?? '0').eq(dec(wanted)) &&
    left.eq(dec(leg.quantity).minus(leg.filledQuantity))
  );
};

/** Whether what rests is what is wanted: the same levels, and what is left of each leg is the wanted quantity. */
export const restsAsPlanned = (plan: ProtectionPlan, legs: readonly RestingLeg[]): boolean => {
  const left = dec(plan.quantity);
  return (
    isAt(
      plan.stop,
      legs.filter(({ type }) => type === 'STOP_LOSS'),
      'stopPrice',
      left,
    ) &&
    isAt(
      plan.target,
      legs.filter(({ type }) => type === 'TAKE_PROFIT'),
      'price',
      left,
    )
  );
};
