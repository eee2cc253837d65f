import { type DatabasePool, sql } from 'slonik';
import { goalsWhere } from '../adapters/postgres/goals/goal-rows.ts';
import { noHistory, readEquityPoints } from '../adapters/postgres/portfolio-history.ts';
import { type RiskBounds, boundsOf, defaultBounds } from '../domain/goals/bounds.ts';
import type { Goal } from '../domain/goals/goal.ts';
import { checkGoal } from '../domain/goals/goal-terms.ts';
import { type Simulation, simulateGoal } from '../domain/goals/simulate.ts';
import type { IndexPoint } from '../domain/portfolio/index-series.ts';
import { intervalMs } from '../domain/market/interval.ts';
import type { Environment } from '../domain/orders/order.ts';
import type { SimulateOptions } from './commands/goal/simulate.ts';
import { givenBounds, givenTerms } from './commands/goal/terms.ts';
import { utc } from './output.ts';

/** A goal, and what its loop would have done on a history. */
export interface SimulatedGoal {
  readonly goal: Goal;
  readonly bounds: RiskBounds;
  /** Where the curve comes from, for a person. */
  readonly source: string;
  /** US dollars at its first point. */
  readonly capital: number;
  readonly simulation: Simulation;
}

interface History {
  readonly source: string;
  readonly points: readonly IndexPoint[];
  readonly capital: number;
}

type Range = Pick<SimulateOptions, 'from' | 'to'>;

const untouched: Omit<Goal, 'type' | 'target'> = {
  goalId: 0,
  priority: 1,
  riskTolerance: 0.02,
  maxDrawdown: 0.15,
  status: 'active',
  startedAt: 0,
  achievedAt: null,
  environment: 'live',
  targetDate: null,
  adjusts: true,
  baseline: null,
};

/** The stored goal of the type with what is given in its place, taken as one that adjusts. */
const goalOf = async (
  pool: DatabasePool,
  options: SimulateOptions,
): Promise<{ readonly goal: Goal; readonly bounds: RiskBounds }> => {
  const { type, target } = options;
  const [stored] = await goalsWhere(pool, sql.fragment`goal_type = ${type}`);
  const given = givenBounds(options);
  return {
    goal: {
      ...untouched,
      ...stored?.goal,
      type,
      target: target ?? stored?.goal.target ?? Number.NaN,
      ...givenTerms(options),
      adjusts: true,
    },
    bounds: given ? boundsOf(given) : (stored?.bounds ?? defaultBounds),
  };
};

/** A replayed market may be ahead of this machine's clock. */
const endOfTime = Date.UTC(9999, 11, 31);

const within =
  ({ from = -Infinity, to = Infinity }: Range) =>
  ({ at }: { readonly at: number }): boolean =>
    at >= from && at <= to;

const ofEnvironment = async (pool: DatabasePool, environment: Environment, range: Range): Promise<History> => {
  const rows = await readEquityPoints(pool, environment, range.to ?? endOfTime);
  const known = rows.flatMap(({ at, equity, index }) => (index !== null && index > 0 ? [{ at, equity, index }] : []));
  const points = known.filter(within(range));
  return { source: `the recorded equity of ${environment}`, points, capital: points[0]?.equity ?? 0 };
};

const ofBacktest = async (pool: DatabasePool, reference: string, range: Range): Promise<History> => {
  const { sourceFromDatabase } = await import('./report/from-database.ts');
  const { columns, equity, definition, result } = await sourceFromDatabase(pool, reference);
  const ms = intervalMs[definition.interval];
  const closes = [
    { at: columns.time[0]!, index: result.initial_capital },
    ...Array.from(equity, (index, bar) => ({ at: columns.time[bar]! + ms, index })),
  ].filter(within(range));
  // What has lost everything has no return any more.
  const end = closes.findIndex(({ index }) => index <= 0);
  const points = end === -1 ? closes : closes.slice(0, end);
  return { source: `the newest backtest of '${definition.name}'`, points, capital: points[0]?.index ?? 0 };
};

/**
 * What the loop of a goal would have done: on the recorded equity of an environment, or on a strategy's newest stored backtest.
 * Writes nothing.
 * @throws DomainError `BadGoal`, `NoHistory`; `NotFound` where there is no such strategy, or it has no backtest
 */
export const simulateStored = async (pool: DatabasePool, options: SimulateOptions): Promise<SimulatedGoal> => {
  const { goal, bounds } = await goalOf(pool, options);
  checkGoal(goal, options.from ?? 0);
  const { strategy } = options;
  const { source, points, capital } =
    strategy === undefined
      ? await ofEnvironment(pool, goal.environment, options)
      : await ofBacktest(pool, strategy, options);
  const [first, last] = [points[0], points.at(-1)];
  if (!first || !last) throw noHistory(`${source} has nothing in that time`);
  checkGoal(goal, first.at);
  const simulation = simulateGoal({ goal, bounds, points, capital });
  if (simulation && simulation.looks > 1) return { goal, bounds, source, capital, simulation };
  throw noHistory(`${source} from ${utc(first.at)} to ${utc(last.at)} holds no two full hours`);
};
