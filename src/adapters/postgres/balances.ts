import { type CommonQueryMethods, type DatabasePool, sql } from 'slonik';
import { z } from 'zod';
import { type Balance, totalOf } from '../../domain/accounting/balance.ts';
import { dec, text, zero } from '../../domain/decimal.ts';
import type { Environment } from '../../domain/orders/order.ts';
import { writeAudit } from './audit.ts';
import { timestamp } from './pool.ts';
import { linkFlows, lockEquity } from './portfolio/equity.ts';

export interface Account {
  readonly environment: Environment;
  readonly exchange: string;
}

const balanceRow = z.object({ asset: z.string(), free_balance: z.string(), locked_balance: z.string() });

const byAsset = (rows: readonly z.infer<typeof balanceRow>[]): Map<string, Balance> =>
  new Map(rows.map((row) => [row.asset, { free: dec(row.free_balance), locked: dec(row.locked_balance) }]));

export const readBalances = async (db: CommonQueryMethods, account: Account): Promise<Map<string, Balance>> =>
  byAsset(
    await db.any(sql.type(balanceRow)`
      SELECT asset, free_balance, locked_balance FROM current_balances
      WHERE environment = ${account.environment} AND exchange = ${account.exchange} ORDER BY asset`),
  );

export const balanceOf = (balances: ReadonlyMap<string, Balance>, asset: string): Balance =>
  balances.get(asset) ?? { free: zero, locked: zero };

/** Locks the rows of some assets, in the one order that all transactions use, making those that are not there yet. */
export const lockBalances = async (
  tx: CommonQueryMethods,
  account: Account,
  assets: readonly string[],
): Promise<Map<string, Balance>> => {
  const wanted = sql.array([...new Set(assets)].sort(), 'text');
  const locked = sql.fragment`
    SELECT asset, free_balance, locked_balance FROM current_balances
    WHERE environment = ${account.environment} AND exchange = ${account.exchange} AND asset = ANY(${wanted})
    ORDER BY asset FOR UPDATE`;
  const seen = await tx.any(sql.type(balanceRow)`
    WITH made AS (
      INSERT INTO current_balances (environment, exchange, asset, free_balance, locked_balance, total_balance)
      SELECT ${account.environment}, ${account.exchange}, asset, 0, 0, 0 FROM unnest(${wanted}) AS asset ORDER BY asset
      ON CONFLICT DO NOTHING)
    ${locked}`);
  // A row that this statement, or another one meanwhile, has made is not seen by it.
  return byAsset(seen.length === new Set(assets).size ? seen : await tx.any(sql.type(balanceRow)`${locked}`));
};

/** Writes a balance whose row the transaction has locked. */
export const writeBalance = async (
  tx: CommonQueryMethods,
  account: Account,
  asset: string,
  balance: Balance,
): Promise<void> => {
  await tx.query(sql.unsafe`
    UPDATE current_balances
    SET free_balance = ${text(balance.free)}::numeric, locked_balance = ${text(balance.locked)}::numeric,
        total_balance = ${text(totalOf(balance))}::numeric, updated_at = now()
    WHERE environment = ${account.environment} AND exchange = ${account.exchange} AND asset = ${asset}`);
};

/**
 * Records what an account held when it was first used, once: an external flow, so that it never counts as a return.
 * @param amounts Total by asset, decimal text. @param occurredAt Venue time, epoch ms.
 */
export const openBalances = async (
  pool: DatabasePool,
  account: Account,
  amounts: Readonly<Record<string, string>>,
  occurredAt: number,
): Promise<void> =>
  await pool.transaction(async (tx) => {
    await lockEquity(tx, account.environment);
    const locked = await lockBalances(tx, account, Object.keys(amounts));
    let isNew = false;
    for (const [asset, amount] of Object.entries(amounts).sort(([a], [b]) => (a < b ? -1 : 1))) {
      const key = `opening/${account.environment}/${account.exchange}/${asset}`;
      const { rowCount } = await tx.query(sql.unsafe`
        INSERT INTO balance_flows (flow_key, environment, exchange, asset, amount, kind, occurred_at)
        VALUES (${key}, ${account.environment}, ${account.exchange}, ${asset}, ${amount}::numeric, 'opening', ${timestamp(occurredAt)})
        ON CONFLICT (flow_key) DO NOTHING`);
      if (rowCount === 0) continue;
      isNew = true;
      const before = balanceOf(locked, asset);
      const after = { ...before, free: before.free.plus(amount) };
      await writeBalance(tx, account, asset, after);
      await tx.query(sql.unsafe`
        INSERT INTO portfolio_balances (environment, asset, free_balance, locked_balance, total_balance, timestamp)
        VALUES (${account.environment}, ${asset}, ${text(after.free)}::numeric, ${text(after.locked)}::numeric,
                ${text(totalOf(after))}::numeric, ${timestamp(occurredAt)})
        ON CONFLICT (environment, asset, timestamp) DO NOTHING`);
      await writeAudit(tx, {
        actor: 'openAccount',
        action: 'open_balance',
        entityType: 'balance',
        entityId: `${account.environment}/${account.exchange}/${asset}`,
        old: null,
        new: { free: text(after.free), opening: amount },
      });
    }
    if (isNew) await linkFlows(tx, account.environment);
  });

/** Whether the account's opening balances are on record. */
export const isOpened = async (db: CommonQueryMethods, account: Account): Promise<boolean> =>
  await db.exists(sql.unsafe`
    SELECT 1 FROM balance_flows
    WHERE environment = ${account.environment} AND exchange = ${account.exchange} AND kind = 'opening'`);
