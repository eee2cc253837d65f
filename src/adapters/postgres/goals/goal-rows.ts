import { type CommonQueryMethods, sql } from 'slonik';
import { z } from 'zod';
import { type RiskBounds, boundsOf, defaultBounds } from '../../../domain/goals/bounds.ts';
import { DomainError } from '../../../domain/errors.ts';
import { type Goal, goalStatuses, goalTypes, progressStatuses } from '../../../domain/goals/goal.ts';
import type { Environment } from '../../../domain/orders/order.ts';

const baseline = z.object({ at: z.number(), equity: z.number(), index: z.number(), netFlows: z.number() });
const bounds = z.strictObject({
  floor: z.number().optional(),
  ceiling: z.number().optional(),
  step: z.number().optional(),
  strategies: z.number().nullable().optional(),
  strategiesCeiling: z.number().optional(),
});

/** What a goal remembers beside the seed's columns. The seed's own rows have none: they are about live money. */
const goalMetadata = z.object({
  environment: z.enum(['paper', 'live']).default('live'),
  /** Epoch ms. */
  targetDate: z.number().nullable().default(null),
  adjusts: z.boolean().default(true),
  baseline: baseline.nullable().default(null),
  /** How it stood when it was last looked at. */
  progress: z
    .object({ status: z.enum(progressStatuses), at: z.number() })
    .nullable()
    .default(null),
  /** Counts what people change: an hour that was looked at before is looked at anew. */
  revision: z.number().default(0),
  bounds: z.unknown().optional(),
});

/** A goal with what only its loop needs. */
export interface GoalRecord {
  readonly goal: Goal;
  readonly bounds: RiskBounds;
  /** What of them was said, and is no default. */
  readonly givenBounds: Partial<RiskBounds>;
  /** Why the bounds in its metadata are not usable and the defaults hold instead; null where they are. */
  readonly boundsProblem: string | null;
  readonly progress: z.infer<typeof goalMetadata>['progress'];
  readonly revision: number;
}

const usableBounds = (given: unknown): Pick<GoalRecord, 'bounds' | 'givenBounds' | 'boundsProblem'> => {
  const parsed = bounds.safeParse(given ?? {});
  const problem = (found: string) => ({
    bounds: defaultBounds,
    givenBounds: {},
    boundsProblem: `${found}; the default bounds hold`,
  });
  if (!parsed.success) return problem(`its bounds are not usable (${z.prettifyError(parsed.error)})`);
  const stated = Object.fromEntries(Object.entries(parsed.data).filter(([, value]) => value !== undefined));
  try {
    return { bounds: boundsOf(stated), givenBounds: stated, boundsProblem: null };
  } catch (error) {
    if (error instanceof DomainError) return problem(error.message);
    throw error;
  }
};

const goalRow = z
  .object({
    id: z.number(),
    goal_type: z.enum(goalTypes),
    target_value: z.coerce.number(),
    priority: z.number().nullable(),
    risk_tolerance: z.coerce.number(),
    max_drawdown_pct: z.coerce.number(),
    status: z.enum(goalStatuses),
    start_date: z.number(),
    achieved_at: z.number().nullable(),
    metadata: goalMetadata.nullable(),
  })
  .transform((row): GoalRecord => {
    const { bounds: given, progress, revision, ...kept } = row.metadata ?? goalMetadata.parse({});
    return {
      goal: {
        goalId: row.id,
        type: row.goal_type,
        target: row.target_value,
        priority: row.priority ?? 1,
        riskTolerance: row.risk_tolerance,
        maxDrawdown: row.max_drawdown_pct,
        status: row.status,
        startedAt: row.start_date,
        achievedAt: row.achieved_at,
        ...kept,
      },
      ...usableBounds(given),
      progress,
      revision,
    };
  });

const columns = sql.fragment`id, goal_type, target_value, coalesce(priority, 1) AS priority, coalesce(risk_tolerance, 0.02) AS risk_tolerance,
  coalesce(max_drawdown_pct, 0.15) AS max_drawdown_pct, coalesce(status, 'active') AS status,
  coalesce(start_date, created_at, now()::timestamp) AS start_date, achieved_at, metadata`;

const isKnown = sql.fragment`goal_type = ANY(${sql.array([...goalTypes], 'text')})`;

/** Goals by any condition on their columns, the highest first. */
export const goalsWhere = async (
  db: CommonQueryMethods,
  condition: ReturnType<typeof sql.fragment>,
): Promise<readonly GoalRecord[]> =>
  await db.any(sql.type(goalRow)`
    SELECT ${columns} FROM financial_goals WHERE ${isKnown} AND ${condition} ORDER BY coalesce(priority, 1), id`);

export const activeIn = async (db: CommonQueryMethods, environment: Environment): Promise<readonly GoalRecord[]> =>
  await goalsWhere(
    db,
    sql.fragment`coalesce(status, 'active') = 'active' AND coalesce(metadata ->> 'environment', 'live') = ${environment}`,
  );

const noGoal = (goalId: number): DomainError =>
  new DomainError('NotFound', `there is no goal ${goalId}`, { next: 'list them with `mastertrade goal list`' });

/** @throws DomainError `NotFound` */
export const loadRecord = async (db: CommonQueryMethods, goalId: number): Promise<GoalRecord> => {
  const [found] = await goalsWhere(db, sql.fragment`id = ${goalId}`);
  if (found) return found;
  throw noGoal(goalId);
};

/** @throws DomainError `NotFound` */
export const lockRecord = async (tx: CommonQueryMethods, goalId: number): Promise<GoalRecord> => {
  const found = await tx.maybeOne(sql.type(goalRow)`
    SELECT ${columns} FROM financial_goals WHERE ${isKnown} AND id = ${goalId} FOR UPDATE`);
  if (found) return found;
  throw noGoal(goalId);
};

/** Every goal, the highest first. */
export const listGoals = async (db: CommonQueryMethods): Promise<readonly Goal[]> =>
  (await goalsWhere(db, sql.fragment`true`)).map(({ goal }) => goal);

/** @throws DomainError `NotFound` */
export const loadGoal = async (db: CommonQueryMethods, goalId: number): Promise<Goal> =>
  (await loadRecord(db, goalId)).goal;

/** What an audit row says of a goal. */
export const auditedGoal = ({ goal }: GoalRecord): Readonly<Record<string, unknown>> => {
  const { type, target, priority, riskTolerance, maxDrawdown, status, environment, targetDate, adjusts } = goal;
  return { type, target, priority, riskTolerance, maxDrawdown, status, environment, targetDate, adjusts };
};
