import { type CommonQueryMethods, sql } from 'slonik';
import { z } from 'zod';
import type { GoalBaseline } from '../../../domain/goals/goal.ts';
import { monthOf } from '../../../domain/goals/period.ts';
import type { Environment } from '../../../domain/orders/order.ts';
import { timestamp } from '../pool.ts';

/** A snapshot so far from a month's first instant still says how it began: they are hourly. */
const nearTurn = 90 * 60_000;

const turnRow = z.object({
  equity: z.coerce.number(),
  index: z.coerce.number(),
  net_flows: z.coerce.number(),
});

/** How an environment stood at the first instant of a month, from the snapshot nearest to it; null where there is none. */
export const monthTurn = async (
  db: CommonQueryMethods,
  environment: Environment,
  at: number,
): Promise<GoalBaseline | null> => {
  const { from } = monthOf(at);
  const found = await db.maybeOne(sql.type(turnRow)`
    SELECT total_portfolio_value AS equity, metadata ->> 'index' AS index, metadata ->> 'netFlows' AS net_flows
    FROM risk_metrics
    WHERE environment = ${environment} AND metadata ->> 'index' IS NOT NULL AND metadata ->> 'netFlows' IS NOT NULL
      AND timestamp BETWEEN ${timestamp(from - nearTurn)} AND ${timestamp(from + nearTurn)}
    ORDER BY abs(extract(epoch FROM timestamp - ${timestamp(from)})), id LIMIT 1`);
  return found && { at: from, equity: found.equity, index: found.index, netFlows: found.net_flows };
};
