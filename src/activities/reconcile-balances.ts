import type { Account } from '../adapters/postgres/balances.ts';
import type { ReconciliationStore } from '../adapters/postgres/reconciliation-store.ts';
import type { Venue } from '../contracts/venue.ts';
import { dec } from '../domain/decimal.ts';
import { type BalanceDifference, diffBalances, movedAssets } from '../domain/orders/reconcile-balances.ts';

export interface BalanceLook {
  readonly differences: readonly BalanceDifference[];
  /** Assets that were left out: something is moving them. */
  readonly moving: readonly string[];
  /** Assets that were compared. */
  readonly compared: number;
}

/**
 * Compares totals by asset. Left out is what an order may be moving: one on its way, one whose fills there are not those here, one that
 * changed within `settleMs`, and what moved in our books meanwhile.
 */
export const compareBalances = async (
  reconciliation: ReconciliationStore,
  venue: Venue,
  account: Account,
  settleMs: number,
): Promise<BalanceLook> => {
  const before = await reconciliation.totals(account);
  const there = await venue.balances();
  const resting = new Map(
    (await venue.openOrders()).map((order) => [`${order.symbol}/${order.exchangeOrderId}`, order.filledQuantity]),
  );
  const unfinished = await reconciliation.unfinished(account);
  const recent = await reconciliation.movedWithin(account, settleMs);
  const after = await reconciliation.totals(account);

  const working = unfinished.filter(({ order }) => {
    if (order.status === 'submitting') return true;
    if (order.status !== 'open' && order.status !== 'partially_filled') return false;
    const filled = resting.get(`${order.symbol}/${order.exchangeOrderId}`);
    return filled === undefined || !dec(filled).eq(dec(order.filledQuantity));
  });
  const moving = new Set([
    ...recent,
    ...movedAssets(before, after),
    ...working.flatMap(({ order }) => [order.metadata.base, order.metadata.quote]),
  ]);
  const assets = new Set([...Object.keys(after), ...Object.keys(there)]);
  return {
    differences: diffBalances(after, there, moving),
    moving: [...moving].sort(),
    compared: [...assets].filter((asset) => !moving.has(asset)).length,
  };
};
