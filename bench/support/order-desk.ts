import { randomUUID } from 'node:crypto';
import { type DatabasePool, sql } from 'slonik';
import { z } from 'zod';
import type { Store } from '../../src/adapters/postgres/store.ts';
import { createStrategy } from '../../src/adapters/postgres/strategies.ts';
import type { OrderIntent } from '../../src/contracts/order-intent.ts';
import type { RiskParams, StrategyDefinition } from '../../src/domain/strategy/definition.ts';
import type { Stack } from '../../src/stack/stack.ts';

export const account = { environment: 'live', exchange: 'simulator' } as const;
export const symbol = 'BTCUSDT';
const by = 'bench';
const minute = 60_000;

/** Buys 10 USDT's worth at the market whenever it is asked, unless `risk` says otherwise. */
const buys = (name: string, risk: Partial<RiskParams>): StrategyDefinition => ({
  name,
  strategy_type: 'momentum',
  symbol,
  interval: '1m',
  parameters: {},
  entry_conditions: { left: { price: 'close' }, op: '>', right: 0 },
  exit_conditions: { left: { price: 'close' }, op: '<', right: 0 },
  risk_params: { side: 'LONG', position_size: { type: 'fixed_quote', value: 10 }, ...risk },
});

/** Strategies that trade live, one for each order: a strategy holds one position at a time. */
export const addStrategies = async (
  pool: DatabasePool,
  count: number,
  risk: Partial<RiskParams> = {},
): Promise<readonly string[]> => {
  const ids: string[] = [];
  for (let n = 0; n < count; n += 1) {
    const { strategyId } = await createStrategy(pool, {
      definition: buys(`bench ${randomUUID()}`, risk),
      policy: 'demo',
      by,
    });
    ids.push(strategyId);
  }
  await pool.query(sql.unsafe`UPDATE strategies SET status = 'active' WHERE created_by = ${by}`);
  return ids;
};

/** The live account as its first use records it. */
export const openAccount = async (store: Store, usdt: string): Promise<void> => {
  await store.venues.bind('live', account.exchange, null);
  await store.balances.open(account, { USDT: usdt }, Date.now());
};

/** A decision of now to buy at `price`. */
export const entryOf = (strategyId: string, price: string): OrderIntent => {
  const now = Date.now();
  return {
    orderId: randomUUID(),
    strategyId,
    strategyVersion: 1,
    environment: account.environment,
    symbol,
    interval: '1m',
    side: 'BUY',
    kind: 'entry',
    referencePrice: price,
    candleTime: now - minute,
    decidedAt: now,
    reason: 'bench',
    requestedBy: by,
  };
};

const statusCount = z.object({ filled: z.number() });

/** How many of these orders the rows call filled. */
export const filledOf = async (pool: DatabasePool, orderIds: readonly string[]): Promise<number> => {
  const { filled } = await pool.one(sql.type(statusCount)`
    SELECT count(*)::int AS filled FROM orders
    WHERE status = 'filled' AND id = ANY(${sql.array([...orderIds], 'uuid')})`);
  return filled;
};

const ledgerAnswer = z.object({
  orders: z.array(z.object({ clientOrderId: z.string(), acceptedAt: z.number(), updatedAt: z.number() })),
});
const stateAnswer = z.object({ markets: z.array(z.object({ symbol: z.string(), price: z.string() })) });

const simulatorOf = ({ addresses: { simulator } }: Stack) => {
  if (!simulator) throw new TypeError('the stack has no simulator');
  return simulator;
};

/** The simulator of a stack, as the bench sees it. */
export const exchangeOf = (stack: Stack) => {
  const simulator = simulatorOf(stack);
  const admin = async <Answer>(path: string, schema: z.ZodType<Answer>): Promise<Answer> =>
    schema.parse(await (await fetch(`${simulator.url}/admin/${path}`)).json());
  return {
    simulator,
    /** When each order was taken, by its client id, epoch ms of this machine. */
    acceptedAt: async (): Promise<ReadonlyMap<string, number>> => {
      const { orders } = await admin('ledger', ledgerAnswer);
      return new Map(orders.map(({ clientOrderId, acceptedAt }) => [clientOrderId, acceptedAt]));
    },
    /** When each order changed last, by its client id, epoch ms of this machine. */
    changedAt: async (): Promise<ReadonlyMap<string, number>> => {
      const { orders } = await admin('ledger', ledgerAnswer);
      return new Map(orders.map(({ clientOrderId, updatedAt }) => [clientOrderId, updatedAt]));
    },
    price: async (): Promise<string> => {
      const { markets } = await admin('state', stateAnswer);
      return markets.find((market) => market.symbol === symbol)?.price ?? '0';
    },
  };
};

export const clientIdOf = (orderId: string): string => orderId.replaceAll('-', '');
