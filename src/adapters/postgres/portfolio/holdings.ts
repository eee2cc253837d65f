import { type CommonQueryMethods, sql } from 'slonik';
import { z } from 'zod';
import { dec } from '../../../domain/decimal.ts';
import type { Environment } from '../../../domain/orders/order.ts';
import type { EquityState, Flow } from '../../../domain/portfolio/equity-index.ts';
import { assetsOf } from '../../../domain/portfolio/prices.ts';
import type { HeldPosition, Holdings } from '../../../domain/portfolio/valuation.ts';
import { epochMs } from '../rows.ts';

const decimal = z.string().transform(dec);

const balance = z.object({ asset: z.string(), free: decimal, locked: decimal });

const position = z
  .object({
    strategyId: z.string(),
    symbol: z.string(),
    base: z.string().nullable(),
    quote: z.string().nullable(),
    side: z.enum(['LONG', 'SHORT']),
    quantity: decimal,
    mark: decimal,
    collateral: decimal,
  })
  .transform(({ base, quote, ...row }): HeldPosition => {
    const guessed = assetsOf(row.symbol) ?? { base: row.symbol, quote: '' };
    return { ...row, base: base ?? guessed.base, quote: quote ?? guessed.quote };
  });

const flow = z.object({ id: z.number(), asset: z.string(), amount: decimal });

export const stateRow = z
  .object({
    index_value: z.number(),
    equity: decimal,
    net_flows: decimal,
    unpriced: z.array(z.object({ asset: z.string(), quantity: decimal })),
    peak_index: z.number(),
    peak_at: epochMs,
    market_time: epochMs,
  })
  .transform((row): EquityState => ({
    index: row.index_value,
    equity: row.equity,
    netFlows: row.net_flows,
    unpriced: row.unpriced,
    peakIndex: row.peak_index,
    peakAt: row.peak_at,
    at: row.market_time,
  }));

const holdingsRow = z.object({ balances: z.array(balance), positions: z.array(position) });
const bookRow = holdingsRow.extend({
  state: stateRow.nullable(),
  flows: z.array(flow),
  opened_at: epochMs.nullable(),
});

export interface HoldingsOf {
  readonly environment: Environment;
  /** One venue of it; all where left out. */
  readonly exchange?: string;
}

/** The assets of a position's market stand with its orders: `BTCUSDT` alone does not say them. */
const holdingsIn = ({ environment, exchange }: HoldingsOf) => {
  const account = exchange === undefined ? sql.fragment`true` : sql.fragment`exchange = ${exchange}`;
  const standing =
    exchange === undefined ? sql.fragment`true` : sql.fragment`coalesce(p.exchange, ${exchange}) = ${exchange}`;
  return sql.fragment`
    (SELECT coalesce(jsonb_agg(jsonb_build_object('asset', asset, 'free', free::text, 'locked', locked::text) ORDER BY asset), '[]')
     FROM (SELECT asset, sum(free_balance) AS free, sum(locked_balance) AS locked FROM current_balances
           WHERE environment = ${environment} AND ${account} GROUP BY asset) held) AS balances,
    (SELECT coalesce(jsonb_agg(jsonb_build_object(
       'strategyId', p.strategy_id, 'symbol', p.symbol, 'base', market.base, 'quote', market.quote, 'side', p.side,
       'quantity', p.quantity::text, 'mark', coalesce(p.current_price, p.entry_price)::text, 'collateral', p.collateral::text)
       ORDER BY p.symbol, p.strategy_id), '[]')
     FROM positions p
     LEFT JOIN LATERAL (
       SELECT o.metadata ->> 'base' AS base, o.metadata ->> 'quote' AS quote FROM orders o
       WHERE o.strategy_id = p.strategy_id AND o.symbol = p.symbol AND o.environment = p.environment AND o.metadata ? 'quote'
       ORDER BY o.created_at DESC LIMIT 1) AS market ON true
     WHERE p.environment = ${environment} AND ${standing}) AS positions`;
};

const toHoldings = ({ balances, positions }: z.infer<typeof holdingsRow>): Holdings => ({
  assets: balances,
  positions,
});

/** What an environment, or one venue of it, holds and owes: one statement, so that what is owed fits its proceeds. */
export const readHoldings = async (db: CommonQueryMethods, of: HoldingsOf): Promise<Holdings> =>
  toHoldings(await db.one(sql.type(holdingsRow)`SELECT ${holdingsIn(of)}`));

export interface EquityBook {
  readonly holdings: Holdings;
  readonly state: EquityState | null;
  readonly flows: readonly Flow[];
  /** Venue time of the newest flow, epoch ms; null where no account of the environment has been opened. */
  readonly lastFlowAt: number | null;
}

/** All that the equity index is reckoned from, in one statement: a flow and the balance that it changed are seen together. */
export const readEquityBook = async (db: CommonQueryMethods, environment: Environment): Promise<EquityBook> => {
  const row = await db.one(sql.type(bookRow)`
    SELECT ${holdingsIn({ environment })},
      (SELECT jsonb_build_object(
         'index_value', index_value, 'equity', equity::text, 'net_flows', net_flows::text, 'unpriced', unpriced, 'peak_index', peak_index,
         'peak_at', (extract(epoch FROM peak_at) * 1000)::int8, 'market_time', (extract(epoch FROM market_time) * 1000)::int8)
       FROM equity_state WHERE environment = ${environment}) AS state,
      (SELECT coalesce(jsonb_agg(jsonb_build_object(
         'id', id, 'asset', asset, 'amount', (CASE kind WHEN 'withdrawal' THEN -amount ELSE amount END)::text) ORDER BY id), '[]')
       FROM balance_flows WHERE environment = ${environment} AND NOT is_linked) AS flows,
      (SELECT max(occurred_at) FROM balance_flows WHERE environment = ${environment}) AS opened_at`);
  return { holdings: toHoldings(row), state: row.state, flows: row.flows, lastFlowAt: row.opened_at };
};
