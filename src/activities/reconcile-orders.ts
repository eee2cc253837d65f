import { v5 as uuidv5 } from 'uuid';
import type { Account } from '../adapters/postgres/balances.ts';
import type { OrderRecord } from '../adapters/postgres/orders.ts';
import type { Mismatch } from '../adapters/postgres/reconciliation-alerts.ts';
import type { ReconciliationStore } from '../adapters/postgres/reconciliation-store.ts';
import type { Store } from '../adapters/postgres/store.ts';
import type { Difference } from '../contracts/reconciliation.ts';
import type { Venue, VenueOrderReport, VenueOrderTerms } from '../contracts/venue.ts';
import { dec, sum, zero } from '../domain/decimal.ts';
import { DomainError } from '../domain/errors.ts';
import { isTerminal } from '../domain/orders/order.ts';
import { type OrderFinding, rowOf } from '../domain/orders/reconcile.ts';

/** Of everything that was found at a venue and not sent from here; it never changes. */
const namespace = '2f0d0a54-3f0c-5f5b-8f3e-6f1d8c0d7a11';
const actor = 'reconciliation';

/** A difference, and the alert that it is worth where it stays. */
export interface Found {
  readonly difference: Difference;
  readonly mismatch: Mismatch | null;
  /** Our order whose fills the books could not take. */
  readonly unpaid?: string;
}

export interface OrderDeps {
  readonly store: Store;
  readonly reconciliation: ReconciliationStore;
  readonly venue: Venue;
  readonly account: Account;
  /** Venue time, epoch ms. */
  readonly openedAt: number;
  readonly fix: boolean;
  /** Lets whoever carries an order hear that it has news. */
  readonly wake: (order: OrderRecord) => Promise<void>;
}

/** One thing to be done, and when at the venue it happened. `frees`: it only sets free what is reserved. */
interface Step {
  readonly frees: boolean;
  readonly at: number;
  readonly run: () => Promise<Found | null>;
}

type Asked = { readonly order: OrderRecord; readonly report: VenueOrderReport };
type Ours = Extract<OrderFinding<OrderRecord>, { kind: 'ours' }>;
type Foreign = { readonly terms: VenueOrderTerms; readonly report: VenueOrderReport };

const said = (order: { status: string; filledQuantity: string }, quantity: string): string =>
  `${order.status}, ${order.filledQuantity} of ${quantity} filled`;
const named = ({ side, quantity, symbol }: { side: string; quantity: string; symbol: string }): string =>
  `${side} ${quantity} ${symbol}`;
const hasFills = ({ filledQuantity }: VenueOrderReport): boolean => dec(filledQuantity).gt(zero);

/** Whether the row says all that the report does. */
const agrees = (order: OrderRecord, report: VenueOrderReport): boolean => {
  const fills = sum(report.fills.map(({ quantity }) => dec(quantity)));
  if (fills.gt(order.filledQuantity)) return false;
  return isTerminal(order.status)
    ? isTerminal(report.status)
    : order.status === report.status && dec(order.filledQuantity).eq(dec(report.filledQuantity));
};

const isUnpaid = (error: unknown): error is DomainError =>
  error instanceof DomainError && error.name === 'InsufficientFunds';

/** Asks the venue about what was found to differ, and books or adopts it. What is left over is told. */
export const createOrderSettlement = (deps: OrderDeps) => {
  const { store, reconciliation, venue, account, fix } = deps;

  const mismatchOf = (difference: Difference, key: string, because: string): Mismatch => ({
    key: `order/${key}`,
    title: `${difference.what} (${account.environment}, ${account.exchange}): our books and the venue differ`,
    message: `Ours: ${difference.ours}. The venue: ${difference.venue}. ${because}`,
    entityType: 'order',
    entityId: difference.id,
    metadata: { ours: difference.ours, venue: difference.venue },
  });

  const differenceOf = (order: OrderRecord, report: VenueOrderReport | null, action: string): Difference => ({
    subject: 'order',
    id: order.orderId,
    what: named(order),
    ours: said(order, order.quantity),
    venue: report ? said(report, order.quantity) : `shows no order ${order.clientOrderId}`,
    action,
    settled: false,
  });

  const asks = async (order: OrderRecord): Promise<VenueOrderReport | null> => {
    const { symbol, exchangeOrderId } = order;
    const byId = exchangeOrderId === null ? null : await venue.orderById({ symbol, exchangeOrderId });
    return byId ? { ...byId.report, clientOrderId: order.clientOrderId } : await venue.find(order);
  };

  const absent = ({ order }: Ours): Found => {
    if (order.status === 'unknown') {
      // Its own alert is there since it became unknown.
      return { difference: differenceOf(order, null, 'it stays unknown, and is never sent again'), mismatch: null };
    }
    const difference = differenceOf(order, null, 'asked about again');
    return { difference, mismatch: mismatchOf(difference, order.orderId, 'Look at the order history of the venue.') };
  };

  const book = async ({ order, report }: Asked): Promise<Found | null> => {
    const now = await store.orders.load(order.orderId);
    if (agrees(now, report)) return null;
    if (isTerminal(now.status) && !isTerminal(report.status)) {
      const difference = differenceOf(now, report, 'to be cancelled at the venue by a person');
      return {
        difference,
        mismatch: mismatchOf(difference, now.orderId, 'Here it has ended; cancel it at the venue.'),
      };
    }
    const difference = differenceOf(now, report, 'booked');
    if (!fix) return { difference, mismatch: null };
    // First, so that a crash in between leaves it heard: once booked here, no watcher would find a change to tell.
    await deps.wake(now);
    try {
      const after = await store.orders.applyReport(now.orderId, report, actor);
      return { difference: { ...difference, settled: agrees(after, report) }, mismatch: null };
    } catch (error) {
      if (!isUnpaid(error)) throw error;
      const unpaid = { ...difference, action: `not booked: ${error.message}` };
      return {
        difference: unpaid,
        mismatch: mismatchOf(unpaid, now.orderId, `${error.message}. ${error.next}.`),
        unpaid: now.orderId,
      };
    }
  };

  const foreignDifference = ({ terms, report }: Foreign, action: string, settled: boolean): Difference => ({
    subject: 'order',
    id: `${terms.symbol}/${terms.exchangeOrderId}`,
    what: named(terms),
    ours: 'not sent from here',
    venue: said(report, terms.quantity),
    action,
    settled,
  });

  const adopt = async (foreign: Foreign): Promise<Found> => {
    const { terms, report } = foreign;
    const key = `${terms.symbol}/${terms.exchangeOrderId}`;
    if (report.fills.some(({ executedAt }) => executedAt < deps.openedAt)) {
      const difference = foreignDifference(foreign, 'left alone: some of its fills are in the opening balance', false);
      return { difference, mismatch: mismatchOf(difference, key, 'Cancel what is left of it at the venue.') };
    }
    if (!fix)
      return { difference: foreignDifference(foreign, 'adopted by the manual strategy', false), mismatch: null };
    try {
      await reconciliation.adopt({
        account,
        orderId: uuidv5(`${account.environment}/${account.exchange}/${key}`, namespace),
        strategyId: await store.strategies.ensureManual(account.environment),
        terms,
        report,
        market: await venue.market(terms.symbol),
      });
      return { difference: foreignDifference(foreign, 'adopted by the manual strategy', true), mismatch: null };
    } catch (error) {
      if (!isUnpaid(error)) throw error;
      const difference = foreignDifference(foreign, `not adopted: ${error.message}`, false);
      return { difference, mismatch: mismatchOf(difference, key, `${error.message}. ${error.next}.`) };
    }
  };

  /** Whose the foreign ones are: ours after all where the venue says our client id, nobody's business where they never traded. */
  const identify = async (finding: { symbol: string; exchangeOrderId: string }): Promise<Asked | Foreign | null> => {
    const found = await venue.orderById(finding);
    if (!found) return null;
    const { terms, report } = found;
    const named = { exchangeOrderIds: [terms.exchangeOrderId], clientOrderIds: [terms.clientOrderId] };
    const order = rowOf(await reconciliation.orders(account, named))(terms);
    // One on its way comes into the books by whoever sent it.
    if (order?.status === 'submitting') return null;
    if (order) return { order, report: { ...report, clientOrderId: order.clientOrderId } };
    return isTerminal(report.status) && !hasFills(report) ? null : found;
  };

  return async (findings: readonly OrderFinding<OrderRecord>[]): Promise<readonly Found[]> => {
    const asked: Asked[] = [];
    const foreign: Foreign[] = [];
    const gone: Ours[] = [];
    for (const finding of findings) {
      if (finding.kind === 'foreign') {
        const one = await identify(finding);
        if (one && 'order' in one) asked.push(one);
        else if (one) foreign.push(one);
        continue;
      }
      const report = await asks(finding.order);
      if (report) asked.push({ order: finding.order, report });
      else gone.push(finding);
    }
    const seen = new Set(asked.map(({ order }) => order.orderId));
    const steps: Step[] = [
      ...asked.map((one): Step => ({
        frees: !hasFills(one.report),
        at: one.report.fills[0]?.executedAt ?? one.report.reportedAt,
        run: () => book(one),
      })),
      ...foreign.map((one): Step => ({
        frees: false,
        at: one.report.fills[0]?.executedAt ?? one.terms.createdAt,
        run: () => adopt(one),
      })),
    ];
    const found: Found[] = [];
    for (const step of steps.sort((a, b) => Number(b.frees) - Number(a.frees) || a.at - b.at)) {
      const one = await step.run();
      if (one) found.push(one);
    }
    return [...found, ...gone.filter(({ order }) => !seen.has(order.orderId)).map(absent)];
  };
};
