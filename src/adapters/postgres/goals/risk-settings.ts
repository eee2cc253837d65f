import { type CommonQueryMethods, sql } from 'slonik';
import { z } from 'zod';
import { isAdjusting, toleranceOf, usualStrategies } from '../../../domain/goals/adjust.ts';
import { type RiskSettings, neutralSettings } from '../../../domain/goals/risk-settings.ts';
import type { Environment } from '../../../domain/orders/order.ts';
import { writeAudit } from '../audit.ts';
import { timestamp } from '../pool.ts';
import { activeIn } from './goal-rows.ts';

const settingsRow = z
  .object({
    risk_scale: z.coerce.number(),
    risk_tolerance: z.coerce.number().nullable(),
    max_strategies: z.number().nullable(),
    goal_id: z.number().nullable(),
    adjusted_at: z.number().nullable(),
  })
  .transform((row): RiskSettings => ({
    riskScale: row.risk_scale,
    riskTolerance: row.risk_tolerance,
    maxStrategies: row.max_strategies,
    goalId: row.goal_id,
    adjustedAt: row.adjusted_at,
  }));

const columns = sql.fragment`risk_scale, risk_tolerance, max_strategies, goal_id, adjusted_at`;

/** What the next order of an environment is sized by. */
export const readRiskSettings = async (db: CommonQueryMethods, environment: Environment): Promise<RiskSettings> =>
  (await db.maybeOne(sql.type(settingsRow)`SELECT ${columns} FROM risk_settings WHERE environment = ${environment}`)) ??
  neutralSettings;

/** Locks the settings of some environments, in one order; after the trading state, before everything else. */
export const lockRiskSettings = async (tx: CommonQueryMethods, environments: readonly Environment[]): Promise<void> => {
  const wanted = sql.array([...new Set(environments)], 'text');
  await tx.query(sql.unsafe`
    INSERT INTO risk_settings (environment) SELECT environment FROM unnest(${wanted}) AS environment
    ORDER BY environment ON CONFLICT DO NOTHING`);
  await tx.query(sql.unsafe`
    SELECT 1 FROM risk_settings WHERE environment = ANY(${wanted}) ORDER BY environment FOR UPDATE`);
};

export interface SettingsChange {
  readonly environment: Environment;
  readonly before: RiskSettings;
  readonly after: RiskSettings;
  readonly actor: string;
  /** The goal whose tick or change it is. */
  readonly goalId: number;
  readonly reason: string;
}

/** Writes settings whose row the transaction has locked, with their audit row; nothing where nothing changes. */
export const writeRiskSettings = async (tx: CommonQueryMethods, change: SettingsChange): Promise<void> => {
  const { environment, before, after, actor, goalId, reason } = change;
  if (JSON.stringify(before) === JSON.stringify(after)) return;
  await tx.query(sql.unsafe`
    UPDATE risk_settings
    SET risk_scale = ${String(after.riskScale)}::numeric, risk_tolerance = ${after.riskTolerance === null ? null : String(after.riskTolerance)}::numeric,
        max_strategies = ${after.maxStrategies}, goal_id = ${after.goalId},
        adjusted_at = ${after.adjustedAt === null ? sql.fragment`NULL` : timestamp(after.adjustedAt)}, updated_at = now()
    WHERE environment = ${environment}`);
  await writeAudit(tx, {
    actor,
    action: 'set_risk',
    entityType: 'goal',
    entityId: String(goalId),
    old: { environment, ...before },
    new: { environment, ...after, reason },
  });
};

/**
 * Brings an environment's settings in line with the goals that adjust: their strictest tolerance; where none adjusts any more, every
 * stake is a strategy's own again. The row is locked by the transaction.
 * @param where.at What has passed by then adjusts nothing, epoch ms.
 * @param where.isNewNumber A person has said how many strategies there are to be at a time: that is what counts now.
 */
export const settleRiskSettings = async (
  tx: CommonQueryMethods,
  where: {
    readonly environment: Environment;
    readonly at: number;
    readonly actor: string;
    readonly goalId: number;
    readonly isNewNumber?: boolean;
  },
): Promise<void> => {
  const { environment, at, isNewNumber = false } = where;
  const before = await readRiskSettings(tx, environment);
  const standings = (await activeIn(tx, environment)).map((record) => ({ ...record, status: null }));
  const isUsed = standings.some(({ goal }) => isAdjusting(goal, at));
  const usual = usualStrategies(standings, at);
  const after = isUsed
    ? {
        ...before,
        riskTolerance: toleranceOf(
          standings.map(({ goal }) => goal),
          at,
        ),
        maxStrategies: isNewNumber ? usual : (before.maxStrategies ?? usual),
      }
    : { ...neutralSettings, adjustedAt: before.adjustedAt };
  const reason = isUsed ? 'the goals that adjust it have changed' : 'no goal adjusts it any more';
  await writeRiskSettings(tx, { ...where, before, after, reason });
};
