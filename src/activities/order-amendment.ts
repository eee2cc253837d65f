import { v5 as uuidv5 } from 'uuid';
import type { OrderRecord } from '../adapters/postgres/orders.ts';
import type { Store } from '../adapters/postgres/store.ts';
import type { AmendRequest } from '../contracts/messages.ts';
import type { OrderIntent } from '../contracts/order-intent.ts';
import type { Venue } from '../contracts/venue.ts';
import { dec, text } from '../domain/decimal.ts';
import { DomainError } from '../domain/errors.ts';
import { checkOrder } from '../domain/orders/filters.ts';
import { isTerminal } from '../domain/orders/order.ts';
import { intentNamespace } from './decisions.ts';
import { tryAgain } from './failures.ts';
import { prepareOrder } from './order-preparation.ts';
import type { OrderSync } from './order-sync.ts';

const askAgainMs = 1_000;

const notAmendable = (orderId: string, why: string): DomainError =>
  new DomainError('NotAmendable', `order ${orderId} ${why}`, {
    next: 'amend a limit order that rests, by an entry or by hand; place a new one instead',
  });

/**
 * Cancel and new, in that order: what fills on the way is taken off the new one. The new terms are checked before anything is
 * cancelled, and the order remembers which one takes its place, so that an attempt that is repeated leads to the same. The new
 * one's row is written; its workflow sends it.
 */
export const createOrderAmendment =
  ({ store, sync }: { readonly store: Store; readonly sync: OrderSync }) =>
  /** @throws DomainError `NotAmendable`, or `BadInput` where the new terms break a rule of the market */
  async (
    venue: Venue,
    order: OrderRecord,
    { requestId, by, ...asked }: AmendRequest & { readonly requestId: string },
  ): Promise<{ amended: OrderRecord; replacement: OrderIntent | null }> => {
    const { orderId, symbol, side, kind } = order;
    const replacementId = uuidv5(`${orderId}/amend/${requestId}`, intentNamespace);
    const isSame = order.metadata.replacedBy === replacementId;
    const price = asked.price ?? order.price;
    const quantity = asked.quantity ?? order.quantity;
    if (order.type !== 'LIMIT' || price === null || (kind !== 'entry' && kind !== 'manual'))
      throw notAmendable(orderId, `is a ${kind} order of type ${order.type}`);
    if (!isSame && order.metadata.replacedBy !== null)
      throw notAmendable(orderId, `was amended already: ${order.metadata.replacedBy} takes its place`);
    if (!isSame && (isTerminal(order.status) || order.status === 'unknown'))
      throw notAmendable(orderId, `is ${order.status}`);
    if (!isSame) {
      const draft = { type: 'LIMIT', side, quantity, price, stopPrice: null, referencePrice: null } as const;
      const checked = checkOrder(draft, await venue.market(symbol), 'person');
      if (!checked.ok)
        throw new DomainError('BadInput', `${checked.rule}: ${checked.message}`, {
          next: 'correct the new terms; nothing was changed',
        });
      await store.orders.markReplaced({ orderId, replacementId, actor: by });
    }
    const amended = isTerminal(order.status)
      ? order
      : await sync.cancel(venue, order, {
          at: await venue.now(symbol),
          by,
          reason: `amended: ${replacementId} takes its place`,
        });
    if (!isTerminal(amended.status))
      throw tryAgain('CancelNotSettled', `${venue.id} still shows order ${order.clientOrderId} as open`, askAgainMs);
    const left = dec(quantity).minus(amended.filledQuantity);
    if (amended.status === 'filled' || left.lte('0')) return { amended, replacement: null };
    const replacement: OrderIntent = {
      orderId: replacementId,
      strategyId: order.strategyId,
      strategyVersion: order.strategyVersion,
      environment: order.environment,
      symbol,
      interval: order.metadata.interval,
      side,
      kind,
      referencePrice: price,
      candleTime: order.metadata.candleTime,
      decidedAt: await venue.now(symbol),
      reason: `takes the place of amended order ${orderId}`,
      terms: {
        type: 'LIMIT',
        quantity: text(left),
        price,
        stopPrice: null,
        timeInForce: order.timeInForce,
        reduceOnly: order.reduceOnly,
      },
      requestedBy: by,
    };
    await store.orders.insert(await prepareOrder(store, venue, replacement), by);
    return { amended, replacement };
  };
