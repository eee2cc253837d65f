import { type CommonQueryMethods, type DatabasePool, sql } from 'slonik';
import { z } from 'zod';
import { parseBreakerPolicy } from '../../../contracts/breaker-policy-file.ts';
import { type BreakerPolicy, defaultPolicies } from '../../../domain/breaker/policy.ts';
import { DomainError } from '../../../domain/errors.ts';
import type { Environment } from '../../../domain/orders/order.ts';
import { raiseAlert } from '../alerts.ts';
import { writeAudit } from '../audit.ts';
import { epochMs, jsonb } from '../rows.ts';
import { lockTradingState } from './trading-state.ts';

export interface StoredPolicy {
  readonly policy: BreakerPolicy;
  /** Null where nobody has set one: the defaults hold. `updatedAt`: epoch ms. */
  readonly updatedBy: string | null;
  readonly updatedAt: number | null;
  /** Why what is stored is no policy, as after a change by hand: the defaults hold then, too. Null where it is one. */
  readonly problem: string | null;
}

const policyRow = z.object({ policy: z.unknown(), updated_by: z.string(), updated_at: epochMs });

/** What holds where `stored` is in the row. */
export const policyOf = (
  environment: Environment,
  stored: unknown,
): { readonly policy: BreakerPolicy; readonly problem: string | null } => {
  const defaults = defaultPolicies[environment];
  try {
    // What a later version has added to policies is as by default.
    return { policy: parseBreakerPolicy(stored, `the stored policy of ${environment}`, defaults), problem: null };
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    return { policy: defaults, problem: error.message };
  }
};

/** The policy of an environment's breaker, and who has set it. */
export const showPolicy = async (db: CommonQueryMethods, environment: Environment): Promise<StoredPolicy> => {
  const row = await db.maybeOne(sql.type(policyRow)`
    SELECT policy, updated_by, updated_at FROM breaker_policies WHERE environment = ${environment}`);
  return row
    ? { ...policyOf(environment, row.policy), updatedBy: row.updated_by, updatedAt: row.updated_at }
    : { policy: defaultPolicies[environment], updatedBy: null, updatedAt: null, problem: null };
};

/** The policy that holds. One that cannot be read stops no market and no breaker: a person is told, and the defaults hold. */
export const readPolicy = async (db: CommonQueryMethods, environment: Environment): Promise<BreakerPolicy> => {
  const { policy, problem, updatedAt } = await showPolicy(db, environment);
  if (problem !== null) {
    await raiseAlert(db, {
      type: 'breaker_policy',
      severity: 'critical',
      title: `The breaker's policy of ${environment} cannot be read: the defaults hold`,
      message: `${problem}. Set it again: \`mastertrade breaker policy\`.`,
      entityType: 'system',
      entityId: `breaker_policies/${environment}`,
      dedupeKey: `breaker_policy/${environment}/${updatedAt}`,
    });
  }
  return policy;
};

/**
 * Sets the policy of an environment's breaker, with its audit row. It holds from the next judgement on; an open incident goes on by the
 * one it fired by. The same one again changes nothing.
 * @param policy A policy or a part of one: what is left out stays as it is.
 * @throws DomainError `BadPolicy`, and nothing is written
 */
export const setPolicy = async (
  pool: DatabasePool,
  request: {
    readonly environment: Environment;
    readonly policy: unknown;
    readonly by: string;
    readonly source?: string;
  },
): Promise<StoredPolicy> =>
  await pool.transaction(async (tx) => {
    const { environment, by, source = 'the policy' } = request;
    await lockTradingState(tx, environment);
    const before = await showPolicy(tx, environment);
    const policy = parseBreakerPolicy(request.policy, source, before.policy);
    if (JSON.stringify(policy) === JSON.stringify(before.policy)) return before;
    await tx.query(sql.unsafe`
      INSERT INTO breaker_policies (environment, policy, updated_by) VALUES (${environment}, ${jsonb(policy)}, ${by})
      ON CONFLICT (environment) DO UPDATE SET policy = EXCLUDED.policy, updated_by = EXCLUDED.updated_by, updated_at = now()`);
    await writeAudit(tx, {
      actor: by,
      action: 'set_breaker_policy',
      entityType: 'system',
      entityId: `breaker_policies/${environment}`,
      old: { policy: before.policy },
      new: { policy },
    });
    return await showPolicy(tx, environment);
  });
