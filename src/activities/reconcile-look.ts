import type { Account } from '../adapters/postgres/balances.ts';
import type { OrderRecord } from '../adapters/postgres/orders.ts';
import type { ReconciliationStore } from '../adapters/postgres/reconciliation-store.ts';
import type { Venue, VenueTrade } from '../contracts/venue.ts';
import { DomainError } from '../domain/errors.ts';
import { diffBalances } from '../domain/orders/reconcile-balances.ts';
import { type OrderFinding, diffOrders } from '../domain/orders/reconcile.ts';

/** From so many trades on, a venue's newest page may have left older ones out. */
const fullPage = 500;
const firstTradeId = '0';

/** A symbol's trades since its cursor, and those of them that have no row. */
export interface SymbolTrades {
  readonly symbol: string;
  readonly cursor: string | null;
  readonly trades: readonly VenueTrade[];
  readonly unbooked: readonly VenueTrade[];
}

export interface Look {
  readonly findings: readonly OrderFinding<OrderRecord>[];
  readonly symbols: readonly SymbolTrades[];
  /** Orders that were compared, at the venue and here. */
  readonly orders: number;
}

const isUnknownSymbol = (error: unknown): boolean => error instanceof DomainError && error.name === 'UnknownSymbol';

/** Of more assets than this only those against our own quotes are looked for. */
const fewAssets = 6;
const mostSuspects = 100;

/** Markets on which assets whose totals differ may have been traded: against our quotes, and few ones against each other. */
const suspects = async (store: ReconciliationStore, venue: Venue, account: Account): Promise<readonly string[]> => {
  const differing = diffBalances(await store.totals(account), await venue.balances(), new Set());
  const assets = differing.map(({ asset }) => asset);
  const quotes = new Set([...(await store.quotes(account)), ...(assets.length <= fewAssets ? assets : [])]);
  const named = assets.flatMap((base) =>
    [...quotes].filter((quote) => quote !== base).map((quote) => `${base}${quote}`),
  );
  const found: string[] = [];
  for (const symbol of named.slice(0, mostSuspects)) {
    try {
      await venue.market(symbol);
      found.push(symbol);
    } catch (error) {
      if (!isUnknownSymbol(error)) throw error;
    }
  }
  return found;
};

/** Null where the venue has no such market any more. */
const tradesSince = async (
  venue: Venue,
  symbol: string,
  cursor: string | null,
  openedAt: number,
): Promise<readonly VenueTrade[] | null> => {
  try {
    const page = await venue.tradesFrom({ symbol, fromTradeId: cursor });
    const [oldest] = page;
    const mayLackOlder = cursor === null && page.length >= fullPage && oldest && oldest.executedAt > openedAt;
    return mayLackOlder ? await venue.tradesFrom({ symbol, fromTradeId: firstTradeId }) : page;
  } catch (error) {
    if (isUnknownSymbol(error)) return null;
    throw error;
  }
};

/**
 * Reads the venue, then our rows, and says what differs. Trades from before the account was opened are in its opening balances.
 * @param openedAt venue time, epoch ms
 */
export const look = async (
  store: ReconciliationStore,
  venue: Venue,
  account: Account,
  openedAt: number,
): Promise<Look> => {
  const resting = await venue.openOrders();
  const wanted = new Set([
    ...(await store.symbols(account)),
    ...resting.map(({ symbol }) => symbol),
    ...(await suspects(store, venue, account)),
  ]);
  const read: { symbol: string; cursor: string | null; trades: readonly VenueTrade[] }[] = [];
  for (const symbol of [...wanted].sort()) {
    const cursor = await store.cursor(account, symbol);
    const trades = await tradesSince(venue, symbol, cursor, openedAt);
    if (trades) read.push({ symbol, cursor, trades });
  }

  const symbols: SymbolTrades[] = [];
  for (const each of read) {
    const counted = each.trades.filter(({ executedAt }) => executedAt >= openedAt);
    const ids = counted.map(({ tradeId }) => tradeId);
    const booked = await store.bookedTrades(account, each.symbol, ids);
    symbols.push({ ...each, unbooked: counted.filter(({ tradeId }) => !booked.has(tradeId)) });
  }
  const unbooked = symbols.flatMap(({ symbol, unbooked: trades }) =>
    trades.map(({ exchangeOrderId }) => ({ symbol, exchangeOrderId })),
  );
  const ours = await store.orders(account, {
    exchangeOrderIds: [...new Set([...unbooked, ...resting].map(({ exchangeOrderId }) => exchangeOrderId))],
    clientOrderIds: resting.map(({ clientOrderId }) => clientOrderId),
  });
  return {
    findings: diffOrders({ ours, resting, unbooked }),
    symbols,
    orders: new Set([
      ...ours.map(({ clientOrderId }) => clientOrderId),
      ...resting.map(({ clientOrderId }) => clientOrderId),
    ]).size,
  };
};
