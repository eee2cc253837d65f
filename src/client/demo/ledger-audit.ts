/** An order in the venue's ledger. */
export interface VenueOrder {
  readonly orderId: string;
  readonly clientOrderId: string;
  readonly tradeIds: readonly string[];
}

/** One of our live order rows, with the venue's trade ids of its trade rows. */
export interface RecordedOrder {
  readonly clientOrderId: string;
  readonly tradeIds: readonly string[];
}

export interface LedgerAudit {
  /**
   * Venue orders beyond the one that each of our rows may have: a further order under the same client id, or one under
   * a client id that no row has.
   */
  readonly duplicateOrders: number;
  /** Venue trades that are not in our rows. */
  readonly missingTrades: number;
  /** Trade rows beyond the venue's trades: repeated, or unknown to the venue. */
  readonly surplusTrades: number;
}

/** Compares the venue's ledger, the judge, with our rows. */
export const auditLedger = (venue: readonly VenueOrder[], recorded: readonly RecordedOrder[]): LedgerAudit => {
  const ours = new Set(recorded.map((order) => order.clientOrderId));
  const kept = new Map<string, VenueOrder>();
  for (const order of venue) {
    const first = kept.get(order.clientOrderId);
    if (ours.has(order.clientOrderId) && first === undefined) kept.set(order.clientOrderId, order);
  }
  const venueTrades = new Set(venue.flatMap((order) => order.tradeIds));
  const ourTrades = recorded.flatMap((order) => order.tradeIds);
  const found = new Set(ourTrades.filter((id) => venueTrades.has(id)));
  return {
    duplicateOrders: venue.length - kept.size,
    missingTrades: venueTrades.size - found.size,
    surplusTrades: ourTrades.length - found.size,
  };
};
