import { type CommonQueryMethods, type DatabasePool, sql } from 'slonik';
import type { Environment } from '../../../domain/orders/order.ts';
import { raiseAlert, resolveAlerts } from '../alerts.ts';

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

/** One warning for each asset that has no price; those of assets that have one now, or are no longer held, are resolved. */
export const tellMissingPrices = async (
  pool: DatabasePool,
  environment: Environment,
  missing: readonly MissingPrice[],
): Promise<void> =>
  await pool.transaction(async (tx) => {
    for (const each of missing) await raise(tx, environment, each);
    const keys = missing.map(({ asset }) => `${scope(environment)}${asset}`);
    await resolveAlerts(tx, {
      condition: sql.fragment`alert_type = 'price_missing' AND starts_with(dedupe_key, ${scope(environment)})
        AND NOT dedupe_key = ANY(${sql.array(keys, 'text')})`,
      by: 'portfolioSnapshot',
      why: 'it has a price, or is no longer held',
    });
  });
