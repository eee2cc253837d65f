import { Option, type Command } from 'commander';
import type { OrderIntent } from '../../../contracts/order-intent.ts';
import { DomainError } from '../../../domain/errors.ts';
import { action } from '../../action.ts';
import { withDatabase, withTrading } from '../../sessions.ts';
import { type PlaceOptions, typeNames } from './place-options.ts';
import { type StoredOrder, orderText, storedOrder } from './show.ts';

/** A request id that was used before names the order that it made: other terms would not be carried out. */
const assertSame = ({ symbol, side, terms, orderId }: OrderIntent, stored: StoredOrder): void => {
  if (stored.symbol === symbol && stored.side === side && stored.type === terms?.type) return;
  throw new DomainError('BadInput', `--request-id has made another order already: ${orderId}`, {
    next: 'look at it with `mastertrade order show`, and give a new order a request id of its own',
    details: { orderId },
  });
};

const refused = ({ orderId, note }: StoredOrder): DomainError =>
  new DomainError('OrderRejected', note, {
    next: `nothing is at work; correct the order and place it again (mastertrade order show ${orderId} has its trail)`,
    details: { orderId },
  });

export const addPlaceCommand = (order: Command): void => {
  order
    .command('place')
    .description('place an order by hand and wait until it is accepted or refused')
    .addOption(
      new Option('--environment <environment>', 'with whose money').choices(['paper', 'live']).makeOptionMandatory(),
    )
    .requiredOption('--symbol <symbol>', 'the market, such as BTCUSDT')
    .addOption(new Option('--side <side>', 'what to do').choices(['buy', 'sell']).makeOptionMandatory())
    .addOption(new Option('--type <type>', 'how to do it').choices(Object.keys(typeNames)).makeOptionMandatory())
    .requiredOption('--quantity <quantity>', 'how much of the base; taken as it is, or refused')
    .option('--price <price>', 'limit')
    .option('--stop-price <price>', 'price at which a stop, or a take-profit that waits, goes to work')
    .addOption(
      new Option('--time-in-force <how>', 'of an order with a limit; default GTC').choices(['GTC', 'IOC', 'FOK']),
    )
    .option('--reduce-only', 'close what orders by hand hold, never open')
    .option('--request-id <id>', 'asking again with the same id is the same order')
    .requiredOption('--by <user>', 'who asks, for the audit')
    .action(
      action<PlaceOptions>(async (context, options) => {
        const config = await context.config();
        const { lastClose } = await import('../../../adapters/postgres/order-trail.ts');
        const last = await withDatabase(config, (pool) => lastClose(pool, options.symbol));
        const { intentOf } = await import('./terms.ts');
        const intent = intentOf(options, last, Date.now());
        await withTrading(config, (trading) => trading.placeOrder(intent));
        const stored = await storedOrder(config, intent.orderId);
        assertSame(intent, stored);
        if (stored.status === 'rejected') throw refused(stored);
        context.output.answer(stored, () => orderText(stored));
      }),
    );
};
