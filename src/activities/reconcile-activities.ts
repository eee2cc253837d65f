import type { Account } from '../adapters/postgres/balances.ts';
import type { ReconciliationStore } from '../adapters/postgres/reconciliation-store.ts';
import type { Store } from '../adapters/postgres/store.ts';
import {
  type Difference,
  type ReconcileActivities,
  type ReconciliationRequest,
  type ReconciliationResult,
  reconciliationFailedKey,
} from '../contracts/reconciliation.ts';
import type { Venue } from '../contracts/venue.ts';
import { DomainError } from '../domain/errors.ts';
import type { Environment } from '../domain/orders/order.ts';
import { lastingDifferences } from '../domain/orders/reconcile-balances.ts';
import { nextCursor } from '../domain/orders/reconcile-cursor.ts';
import { withMappedFailures } from './failures.ts';
import { heartbeating } from './heartbeat.ts';
import { balanceDifference, booksDifferences, tellMismatches } from './reconcile-alerts.ts';
import { type BalanceLook, compareBalances } from './reconcile-balances.ts';
import { type OrderWorkflows, carryOrders, orderWorkflows, wakeCarrier } from './reconcile-carry.ts';
import { type Look, look } from './reconcile-look.ts';
import { type Found, createOrderSettlement } from './reconcile-orders.ts';

export interface ReconcileDeps {
  readonly store: Store;
  readonly reconciliation: ReconciliationStore;
  /** The venue of an environment. @throws DomainError `LiveTradingDisabled` */
  readonly venueFor: (environment: Environment) => Promise<Venue>;
  readonly workflows?: OrderWorkflows;
  /** How long an order that is on its way is left to its workflow. */
  readonly staleAfterMs?: number;
  /** How long after a change of ours a venue's balance may still be the one before. */
  readonly settleMs?: number;
}

const defaultStaleAfterMs = 3 * 60_000;
const defaultSettleMs = 5_000;
/** A venue may show a trade late, after younger ones: those of the last quarter of an hour are read again. */
const cursorLagMs = 15 * 60_000;
const listed = 100;

interface Outcome {
  readonly looked: Look;
  readonly orders: readonly Found[];
  readonly balances: BalanceLook;
}

export const createReconcileActivities = (deps: ReconcileDeps): ReconcileActivities => {
  const { store, reconciliation, venueFor, workflows = orderWorkflows } = deps;
  const { staleAfterMs = defaultStaleAfterMs, settleMs = defaultSettleMs } = deps;

  const once = async (venue: Venue, account: Account, openedAt: number, fix: boolean): Promise<Outcome> => {
    const looked = await look(reconciliation, venue, account, openedAt);
    const settle = createOrderSettlement({
      store,
      reconciliation,
      venue,
      account,
      openedAt,
      fix,
      wake: wakeCarrier(reconciliation, workflows),
    });
    const orders = await settle(looked.findings);
    return { looked, orders, balances: await compareBalances(reconciliation, venue, account, settleMs) };
  };

  /** Moves each symbol's cursor over what the books have; an order that could not be found yet holds it back. */
  const moveCursors = async (venue: Venue, account: Account, looked: Look, openedAt: number): Promise<void> => {
    const open = await reconciliation.unfinished(account);
    for (const { symbol, cursor, trades } of looked.symbols) {
      const now = await venue.now(symbol);
      const sought = open.flatMap(({ order }) =>
        order.symbol === symbol && (order.status === 'unknown' || order.status === 'submitting')
          ? [order.sentAt ?? now]
          : [],
      );
      const until = Math.min(now, ...sought) - cursorLagMs;
      const ids = trades.map(({ tradeId }) => tradeId);
      const booked = await reconciliation.bookedTrades(account, symbol, ids);
      const next = nextCursor(
        cursor,
        trades,
        (trade) => trade.executedAt < openedAt || booked.has(trade.tradeId),
        until,
      );
      if (next !== null && next !== cursor) await reconciliation.saveCursor(account, symbol, next);
    }
  };

  const resultOf = (
    request: ReconciliationRequest,
    differences: readonly Difference[],
    facts: Pick<ReconciliationResult, 'compared' | 'moving' | 'skipped'>,
  ): ReconciliationResult => ({
    environment: request.environment,
    venue: request.venue,
    fix: request.fix,
    ...facts,
    differences: differences.slice(0, listed),
    found: differences.length,
    left: differences.filter(({ settled }) => !settled).length,
  });

  const reconcileAccount = async (request: ReconciliationRequest): Promise<ReconciliationResult> => {
    const { environment, fix } = request;
    const venue = await venueFor(environment);
    if (venue.id !== request.venue) {
      throw new DomainError('VenueMismatch', `the worker trades on ${venue.id}, not on ${request.venue}`, {
        next: 'give the command the same MASTERTRADE_LIVE_VENUE as the worker',
      });
    }
    const account = { environment, exchange: venue.id };
    const openedAt = await reconciliation.openedAt(account);
    if (openedAt === null) {
      return resultOf(request, await booksDifferences(reconciliation, fix), {
        compared: { orders: 0, trades: 0, balances: 0 },
        moving: [],
        skipped: `the account on ${venue.id} has not been used yet`,
      });
    }
    const first = await once(venue, account, openedAt, fix);
    const isQuiet =
      first.balances.differences.length === 0 && first.orders.every(({ difference }) => difference.settled);
    const last = isQuiet ? first : await once(venue, account, openedAt, fix);
    const lasting = isQuiet ? [] : lastingDifferences(first.balances.differences, last.balances.differences);
    const carried = await carryOrders({ reconciliation, workflows, account, staleAfterMs, fix });
    if (fix) {
      await moveCursors(venue, account, last.looked, openedAt);
      await tellMismatches(reconciliation, account, last, lasting);
    }
    const settledFirst = isQuiet ? [] : first.orders.filter(({ difference }) => difference.settled);
    return resultOf(
      request,
      [
        ...[...settledFirst, ...last.orders].map(({ difference }) => difference),
        ...carried,
        ...lasting.map(balanceDifference),
        ...(await booksDifferences(reconciliation, fix)),
      ],
      {
        compared: {
          orders: last.looked.orders,
          trades: last.looked.symbols.reduce((count, { trades }) => count + trades.length, 0),
          balances: last.balances.compared,
        },
        moving: last.balances.moving,
        skipped: null,
      },
    );
  };

  const reconcilePaper = async (request: ReconciliationRequest): Promise<ReconciliationResult> =>
    resultOf(request, await booksDifferences(reconciliation, request.fix), {
      compared: { orders: 0, trades: 0, balances: 0 },
      moving: [],
      skipped: null,
    });

  return withMappedFailures<ReconcileActivities>({
    reconcile: async (request) =>
      await heartbeating(async () => {
        const { environment, venue, fix } = request;
        const result = environment === 'live' ? await reconcileAccount(request) : await reconcilePaper(request);
        if (fix) await reconciliation.resolveOne(reconciliationFailedKey(environment, venue), 'it was compared again');
        return result;
      }),
  });
};
