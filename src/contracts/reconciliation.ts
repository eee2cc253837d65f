import type { Environment } from '../domain/orders/order.ts';

export interface ReconciliationRequest {
  readonly environment: Environment;
  /** The venue's id, as in `orders.exchange`. */
  readonly venue: string;
  /** False: it only looks, and nothing at all is changed. */
  readonly fix: boolean;
}

/** Something of which our books and the venue, or our books among themselves, say two things. */
export interface Difference {
  readonly subject: 'order' | 'balance' | 'books';
  /** Our order's id, the venue's where we have none; an asset; or what a rule of the books is about. */
  readonly id: string;
  /** `BUY 1 BTCUSDT`, `total`, or the rule. */
  readonly what: string;
  readonly ours: string;
  readonly venue: string;
  /** What is done about it, or would be. */
  readonly action: string;
  /** It is gone: what had to be done has been done. */
  readonly settled: boolean;
}

export interface ReconciliationResult {
  readonly environment: Environment;
  readonly venue: string;
  readonly fix: boolean;
  readonly compared: { readonly orders: number; readonly trades: number; readonly balances: number };
  /** Assets that were moving, to be compared another time. */
  readonly moving: readonly string[];
  /** The first hundred. */
  readonly differences: readonly Difference[];
  /** How many there are in all, and how many of them are not settled. */
  readonly found: number;
  readonly left: number;
  /** Why nothing was compared; null where it was. */
  readonly skipped: string | null;
}

/** The alert that an account could not be compared. */
export const reconciliationFailedKey = (environment: Environment, venue: string): string =>
  `reconciliation_failed/${environment}/${venue}`;

export interface ReconcileActivities {
  /** Compares one account with its venue and, where it may, books, adopts, carries on and alerts. Trying it again is safe. */
  reconcile(request: ReconciliationRequest): Promise<ReconciliationResult>;
}
