import { type DatabasePool, sql } from 'slonik';
import { dec, text } from '../../domain/decimal.ts';
import { DomainError } from '../../domain/errors.ts';
import { writeAudit } from './audit.ts';
import { type Account, balanceOf, lockBalances, writeBalance } from './balances.ts';
import { timestamp } from './pool.ts';
import { linkFlows, lockEquity } from './portfolio/equity.ts';
import { openAssetAlert } from './reconciliation-alerts.ts';

export interface RecordedFlow {
  readonly account: Account;
  readonly kind: 'deposit' | 'withdrawal';
  readonly asset: string;
  /** Decimal text, above zero. */
  readonly amount: string;
  /** Epoch ms. */
  readonly occurredAt: number;
  readonly by: string;
  /** Names it, such as the venue's transaction id; null: it explains the open mismatch of its asset. */
  readonly key: string | null;
}

/** @throws DomainError `BadInput` */
const flowKeyOf = async (db: DatabasePool, flow: RecordedFlow): Promise<string> => {
  const { account, asset, kind, amount } = flow;
  const base = `${account.environment}/${account.exchange}/${asset}`;
  if (flow.key !== null) return `${kind}/${base}/${flow.key}`;
  const alert = await openAssetAlert(db, account, asset);
  if (alert !== null) return `${kind}/${base}/alert ${alert}/${text(dec(amount))}`;
  throw new DomainError('BadInput', `no difference of ${asset} is open that this ${kind} would explain`, {
    next: 'name it with --key, for instance by its transaction id at the venue, so that it is recorded once',
  });
};

/**
 * Records money that came from or went to the outside: flow, balance and audit in one transaction, once per key. Such flows are left
 * out of returns.
 * @returns The balance that is then free, decimal text; `recorded` is false where the key was there already.
 * @throws DomainError `BadInput`, or `InsufficientFunds` where less is free than was withdrawn
 */
export const recordFlow = async (
  pool: DatabasePool,
  flow: RecordedFlow,
): Promise<{ recorded: boolean; flowKey: string; free: string }> => {
  const { account, kind, asset, amount, by } = flow;
  const flowKey = await flowKeyOf(pool, flow);
  return await pool.transaction(async (tx) => {
    await lockEquity(tx, account.environment);
    const before = balanceOf(await lockBalances(tx, account, [asset]), asset);
    const { rowCount } = await tx.query(sql.unsafe`
      INSERT INTO balance_flows (flow_key, environment, exchange, asset, amount, kind, occurred_at)
      VALUES (${flowKey}, ${account.environment}, ${account.exchange}, ${asset}, ${amount}::numeric, ${kind}, ${timestamp(flow.occurredAt)})
      ON CONFLICT (flow_key) DO NOTHING`);
    if (rowCount === 0) return { recorded: false, flowKey, free: text(before.free) };
    const free = kind === 'deposit' ? before.free.plus(dec(amount)) : before.free.minus(dec(amount));
    if (free.lt('0')) {
      throw new DomainError(
        'InsufficientFunds',
        `a withdrawal of ${amount} ${asset} is more than the ${text(before.free)} that are free in the books of ${account.exchange}`,
        { next: 'cancel what has it locked, or look for a deposit that is not recorded' },
      );
    }
    await writeBalance(tx, account, asset, { ...before, free });
    await writeAudit(tx, {
      actor: by,
      action: `record_${kind}`,
      entityType: 'balance',
      entityId: `${account.environment}/${account.exchange}/${asset}`,
      old: { free: text(before.free), locked: text(before.locked) },
      new: { free: text(free), locked: text(before.locked), [kind]: amount, flow_key: flowKey },
    });
    await linkFlows(tx, account.environment);
    return { recorded: true, flowKey, free: text(free) };
  });
};
