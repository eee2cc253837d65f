import { type CommonQueryMethods, type DatabasePool, sql } from 'slonik';
import { z } from 'zod';
import { DomainError } from '../../domain/errors.ts';
import type { Interval } from '../../domain/market/interval.ts';
import { type StrategyStatus, strategyStatuses } from '../../domain/lifecycle/transitions.ts';
import { manualStrategyIds } from '../../domain/orders/manual.ts';
import type {
  Condition,
  RiskParams,
  StrategyDefinition,
  StrategyParameters,
  StrategyType,
} from '../../domain/strategy/definition.ts';
import { writeAudit } from './audit.ts';
import { claimEffect } from './effects.ts';
import { intervalText, jsonb } from './rows.ts';
import { illegalTransition } from './strategy-transition.ts';

const strategyRow = z
  .object({
    id: z.string(),
    name: z.string(),
    description: z.string().nullable(),
    strategy_type: z.string(),
    symbol: z.string(),
    interval: intervalText,
    parameters: z.unknown(),
    entry_conditions: z.unknown(),
    exit_conditions: z.unknown(),
    risk_params: z.unknown(),
    status: z.enum(strategyStatuses),
    version: z.number(),
    generation: z.number().nullable(),
    gate_policy: z.string(),
    created_at: z.number(),
    activated_at: z.number().nullable(),
    archived_at: z.number().nullable(),
  })
  .transform((row) => ({
    strategyId: row.id,
    status: row.status,
    version: row.version,
    generation: row.generation,
    policy: row.gate_policy,
    createdAt: row.created_at,
    activatedAt: row.activated_at,
    archivedAt: row.archived_at,
    // Rows are written from parsed definitions only, so the JSON columns hold what parseStrategy let through.
    definition: {
      name: row.name,
      ...(row.description === null ? {} : { description: row.description }),
      strategy_type: row.strategy_type as StrategyType,
      symbol: row.symbol,
      interval: row.interval,
      parameters: row.parameters as StrategyParameters,
      entry_conditions: row.entry_conditions as Condition,
      exit_conditions: row.exit_conditions as Condition,
      risk_params: row.risk_params as RiskParams,
    } satisfies StrategyDefinition as StrategyDefinition,
  }));

/** A strategies row with its definition as in the strategy file. Times are epoch ms. */
export type StrategyRecord = z.infer<typeof strategyRow>;

const columns = sql.fragment`id, name, description, strategy_type, symbol, interval, parameters, entry_conditions, exit_conditions,
  risk_params, status, version, generation, gate_policy, created_at, activated_at, archived_at`;

const notFound = (what: string): DomainError =>
  new DomainError('NotFound', `there is no strategy ${what}`, { next: 'list them with `mastertrade strategy list`' });

/** @throws DomainError `NotFound` */
export const loadStrategy = async (db: CommonQueryMethods, strategyId: string): Promise<StrategyRecord> => {
  const found = await db.maybeOne(sql.type(strategyRow)`SELECT ${columns} FROM strategies WHERE id = ${strategyId}`);
  if (!found) throw notFound(strategyId);
  return found;
};

/**
 * By id, by the start of an id (8 characters or more), or by name.
 * @throws DomainError `NotFound`, or `BadInput` where a name or prefix fits more than one
 */
export const showStrategy = async (db: CommonQueryMethods, reference: string): Promise<StrategyRecord> => {
  const found = await db.any(sql.type(strategyRow)`
    SELECT ${columns} FROM strategies
    WHERE id::text = ${reference.toLowerCase()} OR name = ${reference}
       OR (length(${reference}) >= 8 AND starts_with(id::text, ${reference.toLowerCase()}))
    ORDER BY created_at LIMIT 2`);
  const [only, another] = found;
  if (!only) throw notFound(reference);
  if (another)
    throw new DomainError('BadInput', `'${reference}' names more than one strategy`, { next: 'give the whole id' });
  return only;
};

/** Newest first. Those that only carry orders made by hand are left out. */
export const listStrategies = async (
  db: CommonQueryMethods,
  where: { status?: StrategyStatus; limit: number },
): Promise<readonly StrategyRecord[]> =>
  await db.any(sql.type(strategyRow)`
    SELECT ${columns} FROM strategies
    WHERE NOT id = ANY(${sql.array(Object.values(manualStrategyIds), 'uuid')})
      ${where.status === undefined ? sql.fragment`` : sql.fragment`AND status = ${where.status}`}
    ORDER BY created_at DESC, id LIMIT ${where.limit}`);

/** Strategies that a market's closes are evaluated for: on paper, live, or paused with exits still working. */
export const tradingStrategies = async (
  db: CommonQueryMethods,
  market: { symbol: string; interval: Interval },
): Promise<readonly StrategyRecord[]> =>
  await db.any(sql.type(strategyRow)`
    SELECT ${columns} FROM strategies
    WHERE symbol = ${market.symbol} AND interval = ${market.interval} AND status IN ('paper', 'active', 'paused')
    ORDER BY created_at, id`);

const insertVersion = async (
  tx: CommonQueryMethods,
  strategyId: string,
  version: number,
  definition: StrategyDefinition,
  description: string,
  by: string,
): Promise<void> => {
  await tx.query(sql.unsafe`
    INSERT INTO strategy_versions (strategy_id, version, parameters, entry_conditions, exit_conditions, risk_params, change_description, created_by)
    VALUES (${strategyId}, ${version}, ${jsonb(definition.parameters)}, ${jsonb(definition.entry_conditions)},
            ${jsonb(definition.exit_conditions)}, ${jsonb(definition.risk_params)}, ${description}, ${by})`);
};

/** Writes a draft, its first version and the audit row. The definition must have passed `parseStrategy`. */
export const createStrategy = async (
  pool: DatabasePool,
  request: { definition: StrategyDefinition; policy: string; by: string },
): Promise<{ strategyId: string }> =>
  await pool.transaction(async (tx) => {
    const { definition, policy, by } = request;
    const { id } = await tx.one(sql.type(z.object({ id: z.string() }))`
      INSERT INTO strategies (name, description, strategy_type, symbol, interval, parameters, entry_conditions, exit_conditions, risk_params,
                              status, version, generation, gate_policy, created_by)
      VALUES (${definition.name}, ${definition.description ?? null}, ${definition.strategy_type}, ${definition.symbol}, ${definition.interval},
              ${jsonb(definition.parameters)}, ${jsonb(definition.entry_conditions)},
              ${jsonb(definition.exit_conditions)}, ${jsonb(definition.risk_params)}, 'draft', 1, 0, ${policy}, ${by})
      RETURNING id`);
    await insertVersion(tx, id, 1, definition, 'created', by);
    await writeAudit(tx, {
      actor: by,
      action: 'create_strategy',
      entityType: 'strategy',
      entityId: id,
      old: null,
      new: { name: definition.name, status: 'draft', version: 1, policy },
    });
    return { strategyId: id };
  });

/** A new version from a new definition, back to draft. @throws DomainError `IllegalTransition` */
export const reviseStrategy = async (
  pool: DatabasePool,
  request: {
    strategyId: string;
    from: StrategyStatus;
    version: number;
    definition: StrategyDefinition;
    description: string;
    by: string;
    effectKey: string;
  },
): Promise<{ version: number }> =>
  await pool.transaction(async (tx) => {
    const version = request.version + 1;
    if (!(await claimEffect(tx, request.effectKey, 'revise'))) return { version };
    const { definition } = request;
    const { rowCount } = await tx.query(sql.unsafe`
      UPDATE strategies SET status = 'draft', version = ${version}, updated_at = now(),
        parameters = ${jsonb(definition.parameters)}, entry_conditions = ${jsonb(definition.entry_conditions)},
        exit_conditions = ${jsonb(definition.exit_conditions)}, risk_params = ${jsonb(definition.risk_params)}
      WHERE id = ${request.strategyId} AND status = ${request.from} AND version = ${request.version}
        AND symbol = ${definition.symbol} AND interval = ${definition.interval}`);
    if (rowCount === 0) {
      const met = await tx.maybeOne(sql.type(z.object({ status: z.string(), version: z.number() }))`
        SELECT status, version FROM strategies WHERE id = ${request.strategyId}`);
      if (met?.status === request.from && met.version === request.version) {
        throw new DomainError(
          'BadStrategy',
          `a revision keeps the strategy's market, this one is for ${definition.symbol} ${definition.interval}`,
          {
            next: 'create a new strategy for another market',
          },
        );
      }
      throw illegalTransition(request.strategyId, met, request);
    }
    await insertVersion(tx, request.strategyId, version, definition, request.description, request.by);
    await writeAudit(tx, {
      actor: request.by,
      action: 'revise_strategy',
      entityType: 'strategy',
      entityId: request.strategyId,
      old: { status: request.from, version: request.version },
      new: { status: 'draft', version, description: request.description },
    });
    return { version };
  });
