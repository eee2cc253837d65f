import type { DeskOrder, DeskPosition } from '../adapters/postgres/at-work.ts';
import type { ActionTaken } from '../contracts/breaker.ts';
import { dec, divide, sum, text, zero } from '../domain/decimal.ts';
import { isTerminal } from '../domain/orders/order.ts';

/** What has become of an order that was at work when everything was stopped, or came to it meanwhile. */
export interface OrderOutcome {
  readonly orderId: string;
  readonly strategy: string;
  readonly symbol: string;
  readonly side: string;
  readonly type: string;
  readonly kind: string | null;
  /** Base, decimal text. */
  readonly quantity: string;
  readonly filledQuantity: string;
  readonly status: string;
  readonly atWork: boolean;
  /** Why it is still at work, or how it ended. */
  readonly note: string;
}

/** What has become of a position. Decimal text: quantities in base, prices in quote. */
export interface PositionOutcome {
  readonly strategy: string;
  readonly symbol: string;
  readonly side: string;
  readonly outcome: 'closed' | 'partly closed' | 'open';
  /** What is still held; null where it is closed. */
  readonly held: string | null;
  /** Mean price at which it was closed as far as it was; null before the first fill. */
  readonly price: string | null;
  /** The last order that closed something of it, or tries to. */
  readonly orderId: string | null;
  /** Why it is still open. */
  readonly note: string;
}

/** Every one that was at work before or is now, as it stands now; an incident's own exits are told of with their positions. */
export const orderOutcomes = (orders: readonly DeskOrder[]): readonly OrderOutcome[] =>
  orders
    .filter(({ incident }) => incident === null)
    .map(({ orderId, strategy, symbol, side, type, kind, quantity, filledQuantity, status, note }) => ({
      orderId,
      strategy,
      symbol,
      side,
      type,
      kind,
      quantity,
      filledQuantity,
      status,
      atWork: !isTerminal(status),
      note,
    }));

interface Held {
  readonly strategyId: string;
  readonly strategy: string;
  readonly symbol: string;
  readonly side: 'LONG' | 'SHORT';
}

const keyOf = ({ strategyId, symbol }: { strategyId: string; symbol: string }): string => `${strategyId}/${symbol}`;

const closes = ({ side }: Held, order: DeskOrder): boolean => order.side === (side === 'LONG' ? 'SELL' : 'BUY');

/** Of an incident's exits alone, whose positions may be gone since long: the side they have closed. */
const heldBehind = ({ strategyId, strategy, symbol, side }: DeskOrder): Held => ({
  strategyId,
  strategy,
  symbol,
  side: side === 'SELL' ? 'LONG' : 'SHORT',
});

/** Volume-weighted, to eight digits; null where nothing has filled. */
const meanPrice = (orders: readonly DeskOrder[]): string | null => {
  const filled = orders.flatMap(({ filledQuantity, averageFillPrice }) =>
    averageFillPrice === null ? [] : [{ quantity: dec(filledQuantity), price: dec(averageFillPrice) }],
  );
  const quantity = sum(filled.map((each) => each.quantity));
  if (quantity.eq(zero)) return null;
  return text(divide(sum(filled.map((each) => each.quantity.times(each.price))), quantity, 8));
};

const whyOpen = (exit: DeskOrder | undefined, closing: ActionTaken | undefined): string => {
  if (exit && !isTerminal(exit.status)) return `its exit is ${exit.status}${exit.note && `: ${exit.note}`}`;
  if (!closing) return 'this incident leaves positions open';
  if (closing.status === 'pending') return 'not come to yet';
  if (exit && exit.status !== 'filled') return `its exit was ${exit.status}${exit.note && `: ${exit.note}`}`;
  return closing.outcome;
};

/**
 * What has become of each position, as far as something is known of it.
 * @param before Held when it was stopped. @param now Held now.
 * @param orders The incident's exits, and all that have filled since it was stopped, oldest first.
 * @param closing The action `close_positions`, where the incident has it.
 */
export const positionOutcomes = (
  before: readonly DeskPosition[],
  now: readonly DeskPosition[],
  orders: readonly DeskOrder[],
  closing: ActionTaken | undefined,
): readonly PositionOutcome[] => {
  const held = new Map(now.map((position) => [keyOf(position), position]));
  const exits = orders.filter(({ incident }) => incident !== null).map(heldBehind);
  const all = new Map<string, Held>([...exits, ...before, ...now].map((each) => [keyOf(each), each]));
  return [...all.values()].map((each) => {
    const mine = orders.filter((order) => keyOf(order) === keyOf(each) && closes(each, order));
    const filled = mine.filter(({ filledQuantity }) => filledQuantity !== '0');
    const left = held.get(keyOf(each));
    const last = mine.at(-1);
    return {
      strategy: each.strategy,
      symbol: each.symbol,
      side: each.side,
      outcome: left ? (filled.length > 0 ? 'partly closed' : 'open') : 'closed',
      held: left?.quantity ?? null,
      price: meanPrice(filled),
      orderId: last?.orderId ?? null,
      note: left ? whyOpen(last, closing) : '',
    };
  });
};
