import { type Decimal, dec, min, zero } from '../decimal.ts';
import type { Candle } from '../market/candle.ts';
import type { MarketFilters } from '../market/market-filters.ts';
import type { Fill, OrderType, PositionSide } from '../orders/order.ts';
import type { PartialExit, RiskParams } from '../strategy/definition.ts';
import { exitSide, limitFill, marketFillPrice } from './fill-model.ts';
import type { CandlePrices } from './fill-model.ts';
import { onStep, paperFills, paperPrice, pricesOf, withinVolume } from './paper-bar.ts';
import type { PaperTrade } from './paper-bar.ts';
import type { PaperCosts, PaperOutcome } from './paper-order.ts';
import { nextBestPrice, onTick, protectionExit, protectionLevels } from './protection.ts';
import type { ProtectionExit } from './protection.ts';

/** The position that a bracket protects, as its entry filled. Decimal text. */
export interface ProtectedPosition {
  readonly entryPrice: string;
  readonly quantity: string;
  /** Open time of the entry's candle, epoch ms. */
  readonly openedAt: number;
  readonly enteredBy: OrderType;
}

/** A stop, a trailing stop, a target and partial targets that rest together for one position: one cancels the others. */
export interface PaperBracket {
  readonly clientOrderId: string;
  readonly position: ProtectedPosition;
  readonly risk: Pick<RiskParams, 'side' | 'stop_loss_pct' | 'take_profit_pct' | 'trailing_stop_pct' | 'exits'>;
  readonly filters: MarketFilters;
  /** Market time from which candles no longer count, epoch ms. */
  readonly cancelledAt: number | null;
}

export interface BracketFill extends Fill {
  readonly reason: ProtectionExit['reason'];
}

export interface BracketOutcome {
  readonly status: PaperOutcome['status'];
  readonly fills: readonly BracketFill[];
  /** Open time of the candle that triggered the stop, epoch ms: what is left from then on sells at the next opens. */
  readonly stoppedAt: number | null;
}

interface PartialTarget {
  readonly price: number;
  /** What is left of it. */
  readonly quantity: Decimal;
}

type BracketTrade = PaperTrade & Pick<BracketFill, 'reason'>;

/** What is left of a bracket between two candles. */
interface Standing {
  readonly held: Decimal;
  readonly bestPrice: number;
  /** Nearest first. */
  readonly targets: readonly PartialTarget[];
  readonly stopped: { readonly at: number; readonly reason: ProtectionExit['reason'] } | null;
}

const partialTargets = (
  exits: readonly PartialExit[],
  side: PositionSide,
  { entryPrice, quantity }: ProtectedPosition,
  tickSize: number,
): readonly PartialTarget[] => {
  const profitable = side === 'LONG' ? 1 : -1;
  return exits
    .toSorted((a, b) => a.pct - b.pct)
    .map(({ pct, fraction }) => ({
      price: onTick(Number(entryPrice) * (1 + (profitable * pct) / 100), tickSize),
      quantity: dec(quantity).times(dec(fraction)),
    }));
};

/** Floored to the step; zero where it is under what the market takes. */
const sellable = (quantity: Decimal, price: Decimal, filters: MarketFilters): Decimal => {
  const most = dec(filters.maxQuantity);
  const fitted = onStep(most.gt(zero) ? min(quantity, most) : quantity, filters.stepSize);
  return fitted.lt(filters.minQuantity) || fitted.times(price).lt(filters.minNotional) ? zero : fitted;
};

/** What a partial target sells: all that is held where the rest could not be sold. */
const sellablePart = (held: Decimal, quantity: Decimal, price: Decimal, filters: MarketFilters): Decimal => {
  const part = sellable(min(quantity, held), price, filters);
  const rest = sellable(held.minus(part), price, filters);
  return part.gt(zero) && rest.eq(zero) ? held : part;
};

/** A bracket's way through its candles. `sell` takes what the volume of the candle allows, and gives it. */
const createWalk = (bracket: PaperBracket, costs: PaperCosts) => {
  const { position, risk, filters } = bracket;
  const { side } = risk;
  const closing = exitSide(side);
  const entryPrice = Number(position.entryPrice);
  const tickSize = Number(filters.tickSize);
  const trades: BracketTrade[] = [];
  let standing: Standing = {
    held: dec(position.quantity),
    bestPrice: entryPrice,
    targets: partialTargets(risk.exits ?? [], side, position, tickSize),
    stopped: null,
  };
  let levels = protectionLevels(risk, entryPrice, entryPrice, tickSize);

  const sell = (
    candle: Candle,
    price: Decimal,
    wanted: Decimal,
    rate: string,
    reason: BracketFill['reason'],
  ): Decimal => {
    const quantity = withinVolume(wanted, candle, costs.volumeShare, filters.stepSize);
    if (quantity.gt(zero)) trades.push({ price, quantity, rate, at: candle.time, reason });
    standing = { ...standing, held: standing.held.minus(quantity) };
    return quantity;
  };

  const sellParts = (candle: Candle, bar: CandlePrices): void => {
    for (let [target] = standing.targets; target !== undefined && standing.held.gt(zero); [target] = standing.targets) {
      const found = limitFill({ side: closing, limit: target.price }, bar);
      if (found === null) return;
      const price = paperPrice(found);
      const part = sellablePart(standing.held, target.quantity, price, filters);
      const left = part.minus(sell(candle, price, part, costs.maker, 'take_profit'));
      const later = standing.targets.slice(1);
      standing = { ...standing, targets: left.eq(zero) ? later : [{ ...target, quantity: left }, ...later] };
      if (left.gt(zero)) return;
    }
  };

  const trail = (candle: Candle): void => {
    const bestPrice = nextBestPrice(side, standing.bestPrice, { high: Number(candle.high), low: Number(candle.low) });
    if (bestPrice === standing.bestPrice) return;
    standing = { ...standing, bestPrice };
    levels = protectionLevels(risk, entryPrice, bestPrice, tickSize);
  };

  return {
    trades,
    get standing() {
      return standing;
    },
    pass: (candle: Candle): void => {
      const bar = pricesOf(candle);
      if (standing.stopped !== null) {
        const price = paperPrice(marketFillPrice(bar.open, closing, costs.slippageBps));
        sell(candle, price, standing.held, costs.taker, standing.stopped.reason);
        return;
      }
      // What the candle did before a limit filled inside it is unknown: its stop counts, its target does not.
      const isInside = position.enteredBy === 'LIMIT' && candle.time === position.openedAt && entryPrice !== bar.open;
      const exit = protectionExit(isInside ? { ...levels, target: null } : levels, side, bar, costs.slippageBps);
      if (exit !== null && exit.reason !== 'take_profit') {
        sell(candle, paperPrice(exit.price), standing.held, costs.taker, exit.reason);
        standing = { ...standing, stopped: { at: candle.time, reason: exit.reason } };
        return;
      }
      if (isInside) return;
      sellParts(candle, bar);
      if (exit !== null) sell(candle, paperPrice(exit.price), standing.held, costs.maker, exit.reason);
      trail(candle);
    },
  };
};

/**
 * What became of the protection of a position, from the stored candles alone: by the rules that the backtest protects by
 * (`protection.ts`), in exact decimals. The stop comes first on a candle that touches both; the trailing stop follows the candles before; a
 * target, partial or whole, is a limit order. A cancel ends what the stop has not sold yet. Its fills are numbered like those of an order.
 */
export const bracketOutcome = (
  bracket: PaperBracket,
  candles: readonly Candle[],
  costs: PaperCosts,
): BracketOutcome => {
  const { position, cancelledAt, clientOrderId } = bracket;
  const walk = createWalk(bracket, costs);
  const ended = (status: BracketOutcome['status']): BracketOutcome => ({
    status,
    fills: paperFills(clientOrderId, walk.trades, costs).map((fill, index) => ({
      ...fill,
      reason: walk.trades[index]!.reason,
    })),
    stoppedAt: walk.standing.stopped?.at ?? null,
  });
  for (const candle of candles) {
    if (candle.time < position.openedAt) continue;
    if (cancelledAt !== null && candle.time >= cancelledAt) return ended('cancelled');
    walk.pass(candle);
    if (walk.standing.held.eq(zero)) return ended('filled');
  }
  if (cancelledAt !== null) return ended('cancelled');
  return ended(walk.trades.length === 0 ? 'open' : 'partially_filled');
};
