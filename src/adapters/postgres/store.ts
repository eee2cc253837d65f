import { type DatabasePool, sql } from 'slonik';
import { z } from 'zod';
import type { OrderCaps } from '../../domain/orders/caps.ts';
import { raiseAlert, raiseAlerts } from './alerts.ts';
import * as backtests from './backtests.ts';
import { holdersOf } from './breaker/holds.ts';
import * as breaker from './breaker/index.ts';
import * as incidentOrders from './breaker/incident-orders.ts';
import * as balances from './balances.ts';
import { readCandleColumns, readLatestColumns } from './candle-columns.ts';
import * as candles from './candles.ts';
import { entryHolds } from './entry-holds.ts';
import * as evidence from './evidence.ts';
import { applyExecutionReport } from './execution-report.ts';
import { listGoals, loadGoal } from './goals/goal-rows.ts';
import { changeGoalStatus } from './goals/goal-status.ts';
import { readRiskSettings } from './goals/risk-settings.ts';
import { setGoal } from './goals/set-goal.ts';
import { tickGoal } from './goals/tick-goal.ts';
import * as indicators from './indicators.ts';
import { ensureManualStrategy } from './manual-strategy.ts';
import { bindVenue } from './market-venue.ts';
import { insertOrder } from './order-entry.ts';
import * as submission from './order-submission.ts';
import * as revision from './order-revision.ts';
import * as orders from './orders.ts';
import * as equity from './portfolio/equity.ts';
import { tellMissingPrices } from './portfolio/price-alerts.ts';
import { keepPrices } from './portfolio/prices.ts';
import * as snapshots from './portfolio/snapshots.ts';
import * as positions from './positions.ts';
import { readRateLimits, writeRateLimits } from './rate-limits.ts';
import * as protection from './protection.ts';
import { epochMs } from './rows.ts';
import * as strategies from './strategies.ts';
import { transitionStrategy } from './strategy-transition.ts';
import { authorise } from './users.ts';

type Bound<F> = F extends (first: never, ...rest: infer R) => infer T ? (...rest: R) => T : never;

/** Gives a query its pool, so that activities ask for facts and never for connections. */
const bind =
  (pool: DatabasePool) =>
  <F extends (first: DatabasePool, ...rest: never[]) => unknown>(query: F): Bound<F> =>
    ((...rest: never[]) => query(pool, ...rest)) as Bound<F>;

/**
 * Everything the activities ask of PostgreSQL, by what it is about.
 * @param settings `caps`: what orders may come to; none where left out
 */
export const createStore = (pool: DatabasePool, { caps }: { readonly caps?: OrderCaps } = {}) => {
  const on = bind(pool);
  return {
    alerts: { raise: on(raiseAlert), raiseAll: on(raiseAlerts) },
    backtests: { find: on(backtests.findBacktest), insert: on(backtests.insertBacktest) },
    balances: { read: on(balances.readBalances), open: on(balances.openBalances), isOpened: on(balances.isOpened) },
    breaker: {
      evaluateBreaker: on(breaker.evaluateBreaker),
      lookAfterClose: on(breaker.lookAfterClose),
      inspectIncident: on(breaker.inspectIncident),
      listIncidents: on(breaker.listIncidents),
      recordAction: on(breaker.recordAction),
      pauseTrading: on(breaker.pauseTrading),
      notifyIncident: on(breaker.notifyIncident),
      remindIncident: on(breaker.remindIncident),
      resolveIncident: on(breaker.resolveIncident),
      haltByHand: on(breaker.haltByHand),
      resumeByHand: on(breaker.resumeByHand),
      showPolicy: on(breaker.showPolicy),
      setPolicy: on(breaker.setPolicy),
    },
    candles: {
      ingest: on(candles.ingestCandles),
      read: on(candles.readCandles),
      columns: on(readCandleColumns),
      latestColumns: on(readLatestColumns),
      lastTime: on(candles.lastCandleTime),
    },
    entries: { holds: on(entryHolds) },
    evidence: { backtest: on(evidence.backtestEvidence), paper: on(evidence.paperEvidence) },
    incidents: {
      opening: on(incidentOrders.openingOrders),
      openingEnded: on(incidentOrders.openingOrdersEnded),
      closing: on(incidentOrders.closingOrders),
      attempts: on(incidentOrders.closingAttempts),
      held: on(incidentOrders.heldPositions),
    },
    goals: {
      list: on(listGoals),
      load: on(loadGoal),
      set: on(setGoal),
      changeStatus: on(changeGoalStatus),
      tick: on(tickGoal),
    },
    indicators: { store: on(indicators.storeIndicators) },
    orders: {
      find: on(orders.findOrder),
      load: on(orders.loadOrder),
      findByClientId: on(orders.findOrderByClientId),
      working: on(orders.workingOrders),
      unfinishedOf: on(orders.unfinishedOrders),
      endedSince: on(orders.ordersEndedSince),
      insert: on(insertOrder),
      markSubmitting: async (request: Parameters<typeof submission.markSubmitting>[1]) =>
        await submission.markSubmitting(pool, { ...(caps && { caps }), ...request }),
      assertMayGo: on(submission.assertMayGo),
      settleUnsent: on(submission.settleUnsent),
      markUnknown: on(submission.markUnknown),
      requestCancel: on(submission.requestCancel),
      refit: on(revision.refitOrder),
      markReplaced: on(revision.markReplaced),
      applyReport: on(applyExecutionReport),
    },
    portfolio: {
      equity: on(equity.readEquity),
      keepPrices: on(keepPrices),
      tellMissingPrices: on(tellMissingPrices),
      writeBalances: on(snapshots.writePortfolioSnapshot),
      writeRisk: on(snapshots.writeRiskSnapshot),
      snapshotDue: on(snapshots.snapshotDue),
    },
    positions: {
      of: on(positions.positionsOf),
      standingsOn: on(positions.standingsOn),
      mark: on(positions.markPositions),
    },
    protection: {
      held: on(protection.heldPosition),
      orders: on(protection.protectiveOrders),
      count: on(protection.countProtectiveOrders),
      isLeaving: on(protection.isLeaving),
      insert: on(protection.insertProtection),
      submit: on(protection.submitProtection),
      ofList: on(protection.ordersOfList),
    },
    rateLimits: { read: on(readRateLimits), write: on(writeRateLimits) },
    riskSettings: { read: on(readRiskSettings) },
    strategies: {
      load: on(strategies.loadStrategy),
      ensureManual: on(ensureManualStrategy),
      trading: on(strategies.tradingStrategies),
      transition: on(transitionStrategy),
      holders: on(holdersOf),
      revise: on(strategies.reviseStrategy),
    },
    users: { authorise: on(authorise) },
    venues: { bind: on(bindVenue) },
    /** Open time of the newest stored candle of a symbol and its interval, over all intervals. */
    newestCandle: async (symbol: string) =>
      await pool.maybeOne(sql.type(z.object({ time: epochMs, interval: z.string() }))`
        SELECT timestamp AS time, interval FROM market_data WHERE symbol = ${symbol} ORDER BY timestamp DESC LIMIT 1`),
  };
};

export type Store = ReturnType<typeof createStore>;
