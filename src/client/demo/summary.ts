import type { DemoOutcome } from './report.ts';
import type { DemoSummary } from './types.ts';

/** The outcome in the form that `--summary` writes. */
export const summaryOf = ({ strategy, backtest, records, audit, crash, fall, seconds }: DemoOutcome): DemoSummary => {
  const { paper, live } = records.environments;
  return {
    strategy: { id: strategy.strategyId, status: strategy.status, transitions: strategy.transitions },
    backtest,
    orders: { paper: paper.orders, live: live.orders },
    trades: { paper: paper.trades, live: live.trades },
    positions: records.counts.positions,
    alerts: records.counts.alerts,
    audit_rows: records.counts.audit_rows,
    crash: { worker_killed: crash !== null, duplicate_orders: audit.duplicateOrders },
    breaker: fall && {
      event: fall.incident.eventId,
      trigger: fall.incident.trigger,
      drawdown_pct: fall.incident.actual,
      halted: fall.halted,
      after: fall.after,
    },
    seconds: Math.round(seconds * 10) / 10,
  };
};
