import { type DatabasePool, sql } from 'slonik';
import { showPolicy } from '../../../adapters/postgres/breaker/policies.ts';
import { readTradingState } from '../../../adapters/postgres/breaker/trading-state.ts';
import { listGoals } from '../../../adapters/postgres/goals/goal-rows.ts';
import { readGoalRecord } from '../../../adapters/postgres/portfolio-goals.ts';
import {
  environmentWithHistory,
  noHistory,
  readBalanceSnapshot,
  readEquityPoints,
  readFlows,
  readRiskFigures,
} from '../../../adapters/postgres/portfolio-history.ts';
import { readPortfolioNow } from '../../../adapters/postgres/portfolio-now.ts';
import { readIncidents } from '../../../adapters/postgres/portfolio-incidents.ts';
import type { Environment } from '../../../domain/orders/order.ts';
import { formatTime } from '../format.ts';
import type { PortfolioHistory } from './history.ts';

/** Later than anything that is stored. */
const never = Date.UTC(9999, 0, 1);

/** What of a portfolio is asked for. Times are epoch ms; left out: from the first snapshot, up to the newest. */
export interface PortfolioRequest {
  readonly environment?: Environment;
  readonly from?: number;
  readonly to?: number;
}

/**
 * A portfolio's stored history, and what it is now where no end is asked for, of the environment that has one where none is named (live where both have), as of one instant.
 * @throws DomainError `NoHistory` where no snapshot is stored, or none between `from` and `to`
 */
export const portfolioFromDatabase = async (
  pool: DatabasePool,
  { environment: named, from, to = never }: PortfolioRequest,
): Promise<PortfolioHistory> =>
  await pool.transaction(async (db) => {
    await db.query(sql.unsafe`SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY`);
    const environment = named ?? (await environmentWithHistory(db));
    const points = await readEquityPoints(db, environment, to);
    const newest = points.at(-1);
    if (newest === undefined || newest.at < (from ?? 0)) {
      const between = [
        from === undefined ? '' : ` from ${formatTime(from)}`,
        to === never ? '' : ` up to ${formatTime(to)}`,
      ];
      throw noHistory(`there is no snapshot of the ${environment} portfolio${between.join('')}`);
    }
    const {
      policy: { drawdown },
    } = await showPolicy(db, environment);
    const now = to === never ? await readPortfolioNow(db, environment, newest.at) : null;
    const figures = await readRiskFigures(db, environment, to);
    const goals = (await listGoals(db)).filter((goal) => goal.environment === environment);
    const { state, reason } = await readTradingState(db, environment);
    const records = [];
    for (const goal of goals) records.push(await readGoalRecord(db, goal, to));
    return {
      environment,
      from: from ?? null,
      points: now === null ? points : [...points.filter(({ at }) => at < now.point.at), now.point],
      figures,
      balances: now?.balances ?? (await readBalanceSnapshot(db, environment, to)),
      exposure: now?.exposure ?? figures,
      flows: await readFlows(db, environment, to),
      state: { state, reason },
      thresholds:
        drawdown === null ? [] : [drawdown.threshold, ...(drawdown.escalation ? [drawdown.escalation.threshold] : [])],
      incidents: await readIncidents(db, environment, to),
      goals: records,
    };
  });
