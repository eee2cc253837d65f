import { v5 as uuidv5 } from 'uuid';
import type { HeldPosition } from '../adapters/postgres/breaker/incident-orders.ts';
import type { OrderRecord } from '../adapters/postgres/orders.ts';
import type { Store } from '../adapters/postgres/store.ts';
import type { IncidentView } from '../contracts/breaker.ts';
import type { OrderIntent } from '../contracts/order-intent.ts';
import type { Venue } from '../contracts/venue.ts';
import { type Decimal, dec, floorToStep, min, text, zero } from '../domain/decimal.ts';
import { exitSide } from '../domain/fills/fill-model.ts';
import { type Interval, closeTimeOf, isInterval, openTimeOf } from '../domain/market/interval.ts';
import type { Market } from '../domain/market/market-filters.ts';
import { isManualStrategy } from '../domain/orders/manual.ts';
import { isTerminal } from '../domain/orders/order.ts';
import { intentNamespace } from './decisions.ts';
import { listed, wordOn } from './incident-notes.ts';
import type { OrderSync } from './order-sync.ts';

/** What becomes of one position now. */
type Step =
  | { readonly kind: 'exit'; readonly exit: OrderIntent; readonly note: string }
  | { readonly kind: 'waits' | 'dust'; readonly note: string }
  | { readonly kind: 'gone' };

const isOf = ({ strategyId, symbol }: HeldPosition, order: OrderRecord): boolean =>
  order.strategyId === strategyId && order.symbol === symbol;

/** The market's least order is more than this. */
const isDust = (quantity: Decimal, mark: string, { filters }: Market): boolean => {
  const floored = floorToStep(quantity, dec(filters.stepSize));
  return floored.lte(zero) || floored.lt(filters.minQuantity) || floored.times(mark).lt(filters.minNotional);
};

/** The action `close_positions`. */
export const createClosePositions = ({ store, sync }: { readonly store: Store; readonly sync: OrderSync }) => {
  /** Base of a long that no order has reserved: all of it is what a sale by hand can have. */
  const sellable = async (venue: Venue, held: HeldPosition, { base, filters }: Market): Promise<Decimal> => {
    const balances = await store.balances.read({ environment: held.environment, exchange: venue.id });
    const free = held.side === 'SHORT' ? dec(held.quantity) : (balances.get(base)?.free ?? zero);
    const quantity = floorToStep(min(dec(held.quantity), free), dec(filters.stepSize));
    const most = dec(filters.maxQuantity);
    return most.gt(zero) ? min(quantity, most) : quantity;
  };

  /** An order by hand goes by whatever candles of its symbol are stored. */
  const lastCandle = async (symbol: string): Promise<{ time: number; interval: Interval } | null> => {
    const newest = await store.newestCandle(symbol);
    return newest && isInterval(newest.interval) ? { time: newest.time, interval: newest.interval } : null;
  };

  const intentFor = async (
    eventId: number,
    held: HeldPosition,
    attempts: number,
    byHand: Decimal | null,
  ): Promise<OrderIntent> => {
    const { strategyId, symbol, environment } = held;
    const { version, definition } = await store.strategies.load(strategyId);
    const candle = byHand ? await lastCandle(symbol) : null;
    const interval = candle?.interval ?? definition.interval;
    const newest = byHand ? candle?.time : await store.candles.lastTime(definition);
    const candleTime = newest ?? openTimeOf(held.openedAt, interval);
    return {
      orderId: uuidv5(`${eventId}/${strategyId}/${symbol}/${environment}/${attempts}`, intentNamespace),
      strategyId,
      strategyVersion: version,
      environment,
      symbol,
      interval,
      side: exitSide(held.side),
      kind: byHand ? 'manual' : 'exit',
      referencePrice: held.mark,
      candleTime,
      decidedAt: closeTimeOf(candleTime, interval),
      reason: `event ${eventId} of the circuit breaker closes it`,
      incident: eventId,
      ...(byHand && {
        terms: {
          type: 'MARKET',
          quantity: text(byHand),
          price: null,
          stopPrice: null,
          timeInForce: null,
          reduceOnly: true,
        },
      }),
      requestedBy: `breaker/${eventId}`,
    };
  };

  /** @param venueOf Asked only where something is held: an account that is switched off may have none. */
  return async (
    venueOf: () => Promise<Venue>,
    { eventId, environment, actions }: IncidentView,
    stranded: ReadonlySet<string>,
  ): Promise<{
    readonly isDone: boolean;
    readonly outcome: string;
    readonly ended: readonly string[];
    readonly exits: readonly OrderIntent[];
  }> => {
    const by = `breaker/${eventId}`;
    const ended: string[] = [];
    const attempts = await store.incidents.attempts(eventId);

    /** What rests to close it makes way; what is under way to close it is waited for. */
    const makeWay = async (venue: Venue, closing: readonly OrderRecord[]): Promise<string | null> => {
      for (const order of closing) {
        const { orderId, type, metadata } = order;
        const isUnderWay = type === 'MARKET' || (metadata.incident ?? null) !== null;
        if (isUnderWay && !stranded.has(orderId))
          return `order ${orderId}, which closes it, is ${order.status}: ${metadata.note}`;
        const at = await venue.now(order.symbol);
        const { status } = await sync.cancel(venue, order, { at, by, reason: `makes way for event ${eventId}` });
        if (!isTerminal(status)) return `order ${orderId} in its way is ${status}`;
        ended.push(orderId);
      }
      return null;
    };

    const stepFor = async (found: HeldPosition, closing: readonly OrderRecord[]): Promise<Step> => {
      const venue = await venueOf();
      const obstacle = await makeWay(venue, closing);
      const held = await store.protection.held(found);
      if (!held) return { kind: 'gone' };
      if (obstacle !== null) return { kind: 'waits', note: obstacle };
      const position = { ...found, quantity: held.quantity };
      const market = await venue.market(found.symbol);
      if (isDust(dec(held.quantity), found.mark, market))
        return { kind: 'dust', note: 'less than the least order of its market' };
      const ownAttempts = attempts.filter((order) => isOf(found, order));
      const byHand = isManualStrategy(found.strategyId) ? await sellable(venue, position, market) : null;
      if (byHand?.lte(zero)) return { kind: 'waits', note: `its ${market.base} is reserved by other orders` };
      const last = ownAttempts.at(-1);
      const refused = last?.status === 'rejected' ? `, the last was refused: ${last.metadata.note}` : '';
      return {
        kind: 'exit',
        exit: await intentFor(eventId, position, ownAttempts.length, byHand),
        note: ownAttempts.length === 0 ? 'is being closed' : `attempt ${ownAttempts.length + 1}${refused}`,
      };
    };

    const positions = await store.incidents.held(environment);
    const closing = await store.incidents.closing(environment);
    const exits: OrderIntent[] = [];
    const left: string[] = [];
    const dust: string[] = [];
    for (const held of positions) {
      const name = `${held.quantity} ${held.symbol} of ${held.name}`;
      try {
        const step = await stepFor(
          held,
          closing.filter((order) => isOf(held, order)),
        );
        if (step.kind === 'gone') continue;
        if (step.kind === 'exit') exits.push(step.exit);
        (step.kind === 'dust' ? dust : left).push(`${name}: ${step.note}`);
      } catch (error) {
        left.push(`${name}: ${wordOn(error)}`);
      }
    }
    const mayStillFill = actions.some(({ action, status }) => action === 'cancel_orders' && status !== 'done');
    if (mayStillFill) left.push('what is left to cancel may still open something');
    const closed = attempts.filter(({ status }) => status === 'filled').length;
    const outcome = [
      closed === 1 ? '1 exit filled' : `${closed} exits filled`,
      left.length > 0 ? `${left.length} left: ${listed(left)}` : 'nothing is held that can be sold',
      ...(dust.length > 0 ? [`too small to sell: ${listed(dust)}`] : []),
    ].join('; ');
    return { isDone: left.length === 0, outcome, ended, exits };
  };
};
