import { type CommonQueryMethods, type DatabasePool, sql } from 'slonik';
import { z } from 'zod';
import type { Environment } from '../../../domain/orders/order.ts';
import { raiseAlert } from '../alerts.ts';
import { writeAudit } from '../audit.ts';

/** An asset without a price, and what was found where one was looked for. */
export interface MissingPrice {
  readonly asset: string;
  readonly why: string;
}

const scope = (environment: Environment): string => `price_missing/${environment}/`;

const raise = async (tx: CommonQueryMethods, environment: Environment, { asset, why }: MissingPrice): Promise<void> => {
  await raiseAlert(tx, {
    type: 'price_missing',
    severity: 'warning',
    title: `${asset} has no price`,
    message: `${environment} holds ${asset}, which is in no figure of the portfolio: ${why}`,
    entityType: 'system',
    entityId: `${environment}/${asset}`,
    dedupeKey: `${scope(environment)}${asset}`,
  });
};

const alertRow = z.object({ id: z.string(), entity_id: z.string() });

/** One warning for each asset that has no price; those of assets that have one now, or are no longer held, are resolved. */
export const tellMissingPrices = async (
  pool: DatabasePool,
  environment: Environment,
  missing: readonly MissingPrice[],
): Promise<void> =>
  await pool.transaction(async (tx) => {
    for (const each of missing) await raise(tx, environment, each);
    const keys = missing.map(({ asset }) => `${scope(environment)}${asset}`);
    // The key is set free, so that the same asset without a price later is a new alert.
    const resolved = await tx.any(sql.type(alertRow)`
      UPDATE alerts SET status = 'resolved', resolved_at = now(), dedupe_key = dedupe_key || '/resolved/' || id
      WHERE alert_type = 'price_missing' AND status <> 'resolved' AND starts_with(dedupe_key, ${scope(environment)})
        AND NOT dedupe_key = ANY(${sql.array(keys, 'text')}) RETURNING id, entity_id`);
    for (const { id, entity_id } of resolved) {
      await writeAudit(tx, {
        actor: 'portfolioSnapshot',
        action: 'resolve_alert',
        entityType: 'system',
        entityId: id,
        old: { status: 'active', title: entity_id },
        new: { status: 'resolved', why: 'it has a price, or is no longer held' },
      });
    }
  });
