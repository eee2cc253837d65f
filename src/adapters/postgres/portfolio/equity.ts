import { type CommonQueryMethods, sql } from 'slonik';
import { type Money, text, zero } from '../../../domain/decimal.ts';
import type { Environment } from '../../../domain/orders/order.ts';
import {
  type CarriedIndex,
  type EquityState,
  carryIndex,
  unpricedHoldings,
} from '../../../domain/portfolio/equity-index.ts';
import { dollars } from '../../../domain/portfolio/prices.ts';
import { type Valuation, valuationOf } from '../../../domain/portfolio/valuation.ts';
import { timestamp } from '../pool.ts';
import { jsonb } from '../rows.ts';
import { readEquityBook, stateRow } from './holdings.ts';
import { marketTimeOf } from './market-time.ts';
import { keepPrices, knownPrices, readPriceFacts } from './prices.ts';

/** Equity of an environment, over all its venues, at one instant. */
export interface EquityReading extends CarriedIndex {
  readonly environment: Environment;
  /** Market time, epoch ms; 0 where no candle is stored yet and nothing else has said a time. */
  readonly at: number;
  /** US dollars. */
  readonly equity: Money;
  /** Held or owed, and without any price: not in `equity`. */
  readonly unpriced: readonly string[];
  readonly valuation: Valuation;
  /** What it was carried on from; null where nothing has been written yet. */
  readonly from: EquityState | null;
  /** The flows that it has counted as no return. */
  readonly flowIds: readonly number[];
}

/**
 * Equity, the equity index (carried on to now, nothing is written) and how far it is below its peak. Three statements; balances, what
 * shorts owe and flows are of one instant. Null where no account of the environment has been opened.
 * @param now market time, epoch ms, where the caller knows it: one statement less
 */
export const readEquity = async (
  db: CommonQueryMethods,
  environment: Environment,
  now?: number,
): Promise<EquityReading | null> => {
  const { holdings, state, flows, lastFlowAt } = await readEquityBook(db, environment);
  if (lastFlowAt === null) return null;
  const valuation = valuationOf(holdings, await readPriceFacts(db, holdings, dollars));
  return {
    environment,
    at: now ?? (await marketTimeOf(db, environment)) ?? lastFlowAt,
    equity: valuation.equity,
    unpriced: valuation.unpriced,
    valuation,
    from: state,
    flowIds: flows.map(({ id }) => id),
    ...carryIndex(state, valuation, flows),
  };
};

/** Locks the equity index of an environment: before balances, in the one order of all locks. */
export const lockEquity = async (tx: CommonQueryMethods, environment: Environment): Promise<EquityState | null> =>
  await tx.maybeOne(sql.type(stateRow)`
    SELECT index_value, equity::text, net_flows::text, unpriced, peak_index, peak_at, market_time
    FROM equity_state WHERE environment = ${environment} FOR UPDATE`);

const isSame = (a: EquityState | null, b: EquityState | null): boolean => JSON.stringify(a) === JSON.stringify(b);

const write = async (tx: CommonQueryMethods, reading: EquityReading): Promise<boolean> => {
  const { environment, from, at } = reading;
  const isSamePeak = from !== null && reading.peakIndex === from.peakIndex && from.peakAt > 0;
  const peakAt = isSamePeak ? from.peakAt : at;
  const unpriced = unpricedHoldings(reading.valuation).map(({ asset, quantity }) => ({
    asset,
    quantity: text(quantity),
  }));
  const { rowCount } = await tx.query(sql.unsafe`
    INSERT INTO equity_state (environment, index_value, equity, net_flows, unpriced, peak_index, peak_at, market_time)
    VALUES (${environment}, ${reading.index}, ${text(reading.equity)}::numeric, ${text(reading.netFlows)}::numeric, ${jsonb(unpriced)},
            ${reading.peakIndex}, ${timestamp(peakAt)}, ${timestamp(Math.max(at, from?.at ?? at))})
    ON CONFLICT (environment) DO UPDATE SET
      index_value = EXCLUDED.index_value, equity = EXCLUDED.equity, net_flows = EXCLUDED.net_flows, unpriced = EXCLUDED.unpriced,
      peak_index = EXCLUDED.peak_index, peak_at = EXCLUDED.peak_at, market_time = EXCLUDED.market_time, updated_at = now()
    WHERE ${from !== null}`);
  return rowCount > 0;
};

/**
 * Writes a reading: the index and its peak, and links the flows that it has counted. Where another was written since it was read, or
 * a flow came in, it is read again under the lock: nothing is counted twice or left out.
 * @returns what was written; a reading without anything to begin from is given back and nothing written
 */
export const carryEquity = async (tx: CommonQueryMethods, given: EquityReading): Promise<EquityReading> => {
  const current = await lockEquity(tx, given.environment);
  const reading = isSame(current, given.from) ? given : ((await readEquity(tx, given.environment)) ?? given);
  if (!reading.from && !reading.equity.gt(zero)) return reading;
  // The first one of another transaction has come in between: it is there now, and this one carries on from it.
  if (!(await write(tx, reading))) return await carryEquity(tx, reading);
  if (reading.flowIds.length > 0) {
    await tx.query(
      sql.unsafe`UPDATE balance_flows SET is_linked = true WHERE id = ANY(${sql.array([...reading.flowIds], 'int8')})`,
    );
  }
  await keepPrices(tx, knownPrices(reading.valuation, reading.at));
  return reading;
};

/** Carries the index on over flows that this transaction has just recorded, before anything is earned with them. */
export const linkFlows = async (tx: CommonQueryMethods, environment: Environment): Promise<void> => {
  const reading = await readEquity(tx, environment);
  if (reading) await carryEquity(tx, reading);
};

/**
 * Carries the index on and makes it its own peak, so that drawdown counts from here. Where all was lost the index begins again at 1.
 * @returns the peak before, and the one from now on
 */
export const rebasePeak = async (
  tx: CommonQueryMethods,
  environment: Environment,
  given: EquityReading,
): Promise<{ readonly before: number; readonly peak: number }> => {
  const reading = await carryEquity(tx, given);
  const peak = reading.index > 0 ? reading.index : 1;
  await tx.query(sql.unsafe`
    UPDATE equity_state SET index_value = ${peak}, peak_index = ${peak}, peak_at = ${timestamp(reading.at)}, updated_at = now()
    WHERE environment = ${environment}`);
  return { before: reading.peakIndex, peak };
};
