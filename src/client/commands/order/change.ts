import type { Command } from 'commander';
import type { Config } from '../../../config.ts';
import type { OrderView } from '../../../contracts/messages.ts';
import { DomainError } from '../../../domain/errors.ts';
import { isTerminal } from '../../../domain/orders/order.ts';
import { action, type CommandContext } from '../../action.ts';
import { withTrading } from '../../sessions.ts';
import type { TradingClient } from '../../typed-client.ts';
import { type StoredOrder, orderText, storedOrder } from './show.ts';

/** An order that something can still be asked of. @throws DomainError `NotFound`, `IllegalTransition` */
const workingOrder = async (config: Config, reference: string, what: string): Promise<StoredOrder> => {
  const order = await storedOrder(config, reference);
  const { orderId, status, kind } = order;
  if (kind === 'protection') {
    throw new DomainError('IllegalTransition', `order ${orderId} protects a position, so it can't be ${what} by hand`, {
      next: 'close the position, and its protection goes with it',
    });
  }
  if (!isTerminal(status) && status !== 'unknown') return order;
  throw new DomainError('IllegalTransition', `order ${orderId} is ${status}, so it can't be ${what}`, {
    next:
      status === 'unknown'
        ? "look at the venue's own order history; if it never took the order, say so: `mastertrade order settle`"
        : 'place a new one',
    details: { orderId, status },
  });
};

const change = async (
  { config, output }: CommandContext,
  reference: string,
  what: string,
  ask: (trading: TradingClient, orderId: string) => Promise<OrderView>,
): Promise<void> => {
  const loaded = await config();
  const { orderId } = await workingOrder(loaded, reference, what);
  const { replacedBy = null } = await withTrading(loaded, (trading) => ask(trading, orderId));
  const stored = { ...(await storedOrder(loaded, replacedBy ?? orderId)), replaces: replacedBy && orderId };
  output.answer(stored, () => orderText(stored));
};

interface AmendOptions extends Readonly<Record<string, unknown>> {
  readonly by: string;
  readonly price?: string;
  readonly quantity?: string;
}

export const addChangeCommands = (order: Command): void => {
  order
    .command('cancel <order>')
    .description('cancel an order; what has filled stays filled')
    .requiredOption('--by <user>', 'who asks, for the audit')
    .action(
      action<{ readonly by: string }>(async (context, { by }, [reference = '']) => {
        await change(context, reference, 'cancelled', (trading, orderId) => trading.cancelOrder(orderId, { by }));
      }),
    );
  order
    .command('amend <order>')
    .description('cancel a resting limit order and place what it had left at other terms')
    .option('--price <price>', 'the new limit')
    .option('--quantity <quantity>', "the whole order's new quantity, what has filled included")
    .requiredOption('--by <user>', 'who asks, for the audit')
    .action(
      action<AmendOptions>(async (context, { by, price, quantity }, [reference = '']) => {
        if (price === undefined && quantity === undefined) {
          throw new DomainError('BadInput', 'nothing to amend: neither --price nor --quantity was given', {
            next: 'give --price, --quantity or both',
          });
        }
        const asked = { by, ...(price !== undefined && { price }), ...(quantity !== undefined && { quantity }) };
        await change(context, reference, 'amended', (trading, orderId) => trading.amendOrder(orderId, asked));
      }),
    );
};
