import { type CommonQueryMethods, sql } from 'slonik';
import { z } from 'zod';
import type { Clock } from '../../../domain/breaker/cool-down.ts';
import { type BreakerFacts, type Measured, figureOf } from '../../../domain/breaker/judge.ts';
import { lossStreak } from '../../../domain/breaker/loss-streak.ts';
import type { BreakerPolicy, CoolingTrigger } from '../../../domain/breaker/policy.ts';
import type { Environment } from '../../../domain/orders/order.ts';
import { closedPositions } from '../closed-positions.ts';
import { type EquityReading, readEquity } from '../portfolio/equity.ts';
import { marketTimeOf } from '../portfolio/market-time.ts';
import { isTradingIn } from '../portfolio/own-markets.ts';
import { epochMs } from '../rows.ts';
import { readVolatility } from './volatility-facts.ts';

const unseen: Measured = { value: null, says: 'it is not looked at' };

export const drawdownFact = (reading: EquityReading | null): Measured => {
  if (!reading || reading.drawdownPct === null) return { value: null, says: 'there is no equity to judge' };
  const value = figureOf(reading.drawdownPct);
  const unpriced = reading.unpriced.length > 0 ? ` (without a price: ${reading.unpriced.join(', ')})` : '';
  return { value, says: `equity is ${value} % below its peak${unpriced}` };
};

const streakRow = z.object({ streak_from: epochMs.nullable() });

/** The newest closed positions that count, as far as a decision needs them. Those up to where an incident ended do not. */
const streakFact = async (
  db: CommonQueryMethods,
  environment: Environment,
  { threshold, escalation }: CoolingTrigger,
): Promise<Measured> => {
  const state = await db.maybeOne(sql.type(streakRow)`
    SELECT streak_from FROM equity_state WHERE environment = ${environment}`);
  const newest = Math.max(threshold, escalation?.threshold ?? 0);
  const value = lossStreak(await closedPositions(db, { environment, since: state?.streak_from ?? null, newest }));
  return { value, says: `${value} closed position${value === 1 ? '' : 's'} in a row lost` };
};

/** By what each trigger is measured; null: it is not looked at. */
export type Measuring = Pick<BreakerPolicy, 'drawdown' | 'lossStreak' | 'volatilitySpike'>;

/** What the triggers of an environment go by, now. */
export const readFacts = async (
  db: CommonQueryMethods,
  environment: Environment,
  { drawdown, lossStreak: streak, volatilitySpike: spike }: Measuring,
): Promise<BreakerFacts> => ({
  drawdown: drawdown ? drawdownFact(await readEquity(db, environment)) : unseen,
  loss_streak: streak ? await streakFact(db, environment, streak) : unseen,
  volatility_spike: spike ? await readVolatility(db, environment, spike) : unseen,
});

const runsRow = z.object({ runs: z.boolean() });

/** What a cool-down counts by. @param now wall time, epoch ms */
export const readClock = async (db: CommonQueryMethods, environment: Environment, now: number): Promise<Clock> => {
  const { runs } = await db.one(sql.type(runsRow)`
    SELECT EXISTS (SELECT FROM strategies WHERE ${isTradingIn(environment)}) AS runs`);
  return { marketTime: await marketTimeOf(db, environment), now, runs };
};
