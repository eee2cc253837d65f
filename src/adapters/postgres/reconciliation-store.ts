import type { DatabasePool } from 'slonik';
import type { Account } from './balances.ts';
import { checkBooks } from './books-check.ts';
import * as adopt from './reconciliation-adopt.ts';
import * as alerts from './reconciliation-alerts.ts';
import * as rows from './reconciliation.ts';

/** What a reconciliation asks of PostgreSQL, beside what orders do. */
export const createReconciliationStore = (pool: DatabasePool) => ({
  openedAt: (account: Account) => rows.accountOpenedAt(pool, account),
  orders: (account: Account, named: Parameters<typeof rows.ordersToCompare>[2]) =>
    rows.ordersToCompare(pool, account, named),
  unfinished: (account: Account) => rows.unfinishedByAge(pool, account),
  symbols: (account: Account) => rows.tradedSymbols(pool, account),
  quotes: (account: Account) => rows.quoteAssets(pool, account),
  movedWithin: (account: Account, ms: number) => rows.assetsMovedWithin(pool, account, ms),
  totals: (account: Account) => rows.totalsOf(pool, account),
  cursor: (account: Account, symbol: string) => rows.readCursor(pool, account, symbol),
  saveCursor: (account: Account, symbol: string, tradeId: string) => rows.saveCursor(pool, account, symbol, tradeId),
  bookedTrades: (account: Account, symbol: string, tradeIds: readonly string[]) =>
    rows.bookedTrades(pool, account, symbol, tradeIds),
  closeBefore: (symbol: string, time: number) => rows.closeBefore(pool, symbol, time),
  giveUp: (orderId: string, change: { note: string; actor: string }) => rows.giveUpUnsent(pool, orderId, change),
  adopt: (foreign: adopt.ForeignOrder) => adopt.adoptOrder(pool, foreign),
  checkBooks: () => checkBooks(pool),
  accountScope: alerts.accountScope,
  booksScope: alerts.booksScope,
  raise: (scope: string, mismatch: alerts.Mismatch) => alerts.raiseMismatch(pool, scope, mismatch),
  resolve: (scope: string, still: readonly string[]) => alerts.resolveMismatches(pool, scope, still),
  resolveOne: (key: string, why: string) => alerts.resolveAlert(pool, key, why),
  resolveOrders: (account: Account, unpaid: readonly string[]) => alerts.resolveOrderAlerts(pool, account, unpaid),
});

export type ReconciliationStore = ReturnType<typeof createReconciliationStore>;
