import { type DatabasePool, sql } from 'slonik';
import { manualStrategyIds, manualSymbol } from '../../domain/orders/manual.ts';
import type { Environment } from '../../domain/orders/order.ts';
import { writeAudit } from './audit.ts';
import { jsonb } from './rows.ts';

/** Conditions that no candle meets, if ever somebody evaluated them. */
const never = { left: 0, op: '>', right: 1 };
const risk = { side: 'LONG', position_size: { type: 'fixed_quote', value: 0 } };

/**
 * The strategy that hand-made and adopted orders of an environment belong to, written when it is first needed. It is
 * archived from the start: no market clock evaluates it, nothing promotes it, and listings leave it out.
 * @returns its id, always the same
 */
export const ensureManualStrategy = async (pool: DatabasePool, environment: Environment): Promise<string> => {
  const strategyId = manualStrategyIds[environment];
  if (await pool.exists(sql.unsafe`SELECT 1 FROM strategies WHERE id = ${strategyId}`)) return strategyId;
  await pool.transaction(async (tx) => {
    const name = `manual (${environment})`;
    const { rowCount } = await tx.query(sql.unsafe`
      INSERT INTO strategies (id, name, description, strategy_type, symbol, interval, parameters, entry_conditions, exit_conditions,
                              risk_params, status, version, generation, created_by, archived_at)
      VALUES (${strategyId}, ${name}, 'Orders made by hand or found at the venue; never evaluated', 'manual', ${manualSymbol}, '1m',
              ${jsonb({})}, ${jsonb(never)}, ${jsonb(never)}, ${jsonb(risk)}, 'archived', 1, 0, 'mastertrade', now())
      ON CONFLICT (id) DO NOTHING`);
    if (rowCount === 0) return;
    await writeAudit(tx, {
      actor: 'mastertrade',
      action: 'create_strategy',
      entityType: 'strategy',
      entityId: strategyId,
      old: null,
      new: { name, status: 'archived', version: 1 },
    });
  });
  return strategyId;
};
