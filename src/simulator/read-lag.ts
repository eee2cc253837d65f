import type { Exchange } from './exchange.ts';
import { applyBatch, emptyState, type LedgerState } from './ledger-state.ts';

/** What the ledger added up to at `at`, epoch ms; the opening balances at the least. */
const stateAt = ({ ledger }: Exchange, at: number): LedgerState => {
  const state = emptyState();
  for (const event of ledger.eventsAfter(0)) {
    if (event.at <= at || event.sequence === 1) applyBatch(state, { at: event.at, events: [event] });
  }
  return state;
};

/**
 * The exchange as a read view shows it that is `ms` behind: orders, fills and balances are those of that moment, while
 * the market and the clock are of now. For reading only.
 */
export const lagging = (exchange: Exchange, ms: number): Exchange => {
  const state = stateAt(exchange, exchange.clock.now() - ms);
  return {
    ...exchange,
    ledger: { ...exchange.ledger, state },
    openOrders: () => [...state.open].flatMap((id) => state.orders.get(id) ?? []),
    byClientOrderId: (clientOrderId) => state.orders.get(state.byClientOrderId.get(clientOrderId) ?? -1),
  };
};
