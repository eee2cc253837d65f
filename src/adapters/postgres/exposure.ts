import { type CommonQueryMethods, sql } from 'slonik';
import { z } from 'zod';
import { type Money, dec, zero } from '../../domain/decimal.ts';
import { DomainError } from '../../domain/errors.ts';
import { type Exposure, type OrderCaps, type StrategyLimit, breachOf } from '../../domain/orders/caps.ts';
import { valuationOf } from '../../domain/portfolio/valuation.ts';
import { manualStrategyIds } from '../../domain/orders/manual.ts';
import type { Account } from './balances.ts';
import { mayBeAtVenue } from './order-states.ts';
import type { OrderRecord } from './orders.ts';
import { readHoldings } from './portfolio/holdings.ts';
import { readPriceFacts } from './portfolio/prices.ts';
import { decimalText } from './rows.ts';

const exposureRow = z
  .object({ symbol: z.string(), strategy_id: z.string(), amount: decimalText })
  .transform((row): Exposure => ({ symbol: row.symbol, strategyId: row.strategy_id, amount: dec(row.amount) }));

/** Positions that are held or owed: base that was sold by hand out of the account's own is neither. */
const isHeldOrOwed = sql.fragment`(side = 'LONG' OR collateral > 0)`;

/** What is at stake in markets of a quote: positions at their marks, and what working entries have reserved of that quote. */
const exposuresIn = async (
  tx: CommonQueryMethods,
  { environment, exchange }: Account,
  quote: string,
): Promise<readonly Exposure[]> =>
  await tx.any(sql.type(exposureRow)`
    SELECT symbol, strategy_id, (quantity * coalesce(current_price, entry_price))::text AS amount FROM positions
    WHERE environment = ${environment} AND coalesce(exchange, ${exchange}) = ${exchange}
      AND right(symbol, length(${quote})) = ${quote} AND ${isHeldOrOwed}
    UNION ALL
    SELECT symbol, strategy_id, reserved_amount::text FROM orders
    WHERE environment = ${environment} AND exchange = ${exchange} AND NOT reduce_only AND reserved_asset = ${quote}
      AND ${mayBeAtVenue}`);

/** All balances of an account in a quote at their last prices, less what shorts owe; an asset without a price counts as nothing. */
const equityIn = async (tx: CommonQueryMethods, account: Account, quote: string): Promise<Money> => {
  const holdings = await readHoldings(tx, account);
  return valuationOf(holdings, await readPriceFacts(tx, holdings, [quote])).equity;
};

const openRow = z.object({ count: z.number() });

/** One at a time per environment: caps count what other submissions have committed. Taken after the balances' locks. */
const lockCaps = async (tx: CommonQueryMethods, environment: string): Promise<void> => {
  await tx.query(
    sql.unsafe`SELECT pg_advisory_xact_lock(hashtext('mastertrade order caps'), hashtext(${environment}))`,
  );
};

const busyRow = z.object({ others: z.number(), is_busy: z.boolean() });

/** How many other strategies hold or work something; null where this one does already, or the order is a person's own. */
const limitFor = async (
  tx: CommonQueryMethods,
  { environment, strategyId, kind }: OrderRecord,
  most: number | null,
): Promise<StrategyLimit | null> => {
  if (most === null || kind !== 'entry') return null;
  const { others, is_busy } = await tx.one(sql.type(busyRow)`
    SELECT count(*) FILTER (WHERE strategy_id <> ${strategyId} AND strategy_id <> ${manualStrategyIds[environment]})::int AS others,
           coalesce(bool_or(strategy_id = ${strategyId}), false) AS is_busy
    FROM (SELECT strategy_id FROM positions WHERE environment = ${environment} AND ${isHeldOrOwed}
          UNION
          SELECT strategy_id FROM orders WHERE environment = ${environment} AND NOT reduce_only
            AND ${mayBeAtVenue}) AS busy`);
  return is_busy ? null : { most, others };
};

const whatToDo = (cap: string): string =>
  cap === 'strategies at a time'
    ? 'wait until another one holds nothing; goals set this limit: `mastertrade goal list`'
    : 'wait until there is less, or raise the cap (MASTERTRADE_MAX_…)';

/** Nothing is capped but what is given. */
const noCaps: OrderCaps = { openOrders: null, symbolPct: null, strategyPct: null, totalPct: null };

/**
 * Refuses an order that would pass a cap, inside the transaction that marks it `submitting`. Reduce-only orders are never asked.
 * @param given.maxStrategies What the goals have set; it counts entries of strategies only.
 * @param reserve What the order locks; only an amount of its quote is at stake.
 * @throws DomainError `CapExceeded`
 */
export const assertWithinCaps = async (
  tx: CommonQueryMethods,
  order: OrderRecord,
  given: { readonly caps: OrderCaps | undefined; readonly maxStrategies: number | null },
  reserve: { readonly asset: string; readonly amount: string },
): Promise<void> => {
  const { environment, exchange, symbol, strategyId } = order;
  const { quote } = order.metadata;
  const { caps = noCaps, maxStrategies } = given;
  const isShared = caps.symbolPct !== null || caps.strategyPct !== null || caps.totalPct !== null;
  if (!isShared && caps.openOrders === null && maxStrategies === null) return;
  await lockCaps(tx, environment);
  const { count } = await tx.one(sql.type(openRow)`
    SELECT count(*)::int AS count FROM orders
    WHERE environment = ${environment} AND NOT reduce_only
      AND ${mayBeAtVenue}`);
  const account = { environment, exchange };
  const breach = breachOf({
    caps,
    strategies: await limitFor(tx, order, maxStrategies),
    openOrders: count,
    equity: isShared ? await equityIn(tx, account, quote) : zero,
    exposures: isShared ? await exposuresIn(tx, account, quote) : [],
    order: { symbol, strategyId, amount: reserve.asset === quote ? dec(reserve.amount) : zero },
  });
  if (!breach) return;
  const { cap, most, wouldBe, pct } = breach;
  const unit = pct === null ? '' : ` ${quote}`;
  throw new DomainError(
    'CapExceeded',
    `the cap on ${cap} is ${most}${unit}${pct === null ? '' : ` (${pct} % of equity)`} for ${environment}, this order would make it ${wouldBe}${unit}`,
    { next: whatToDo(cap), details: { cap, most, wouldBe } },
  );
};
