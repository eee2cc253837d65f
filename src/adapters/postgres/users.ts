import { type CommonQueryMethods, type DatabasePool, sql } from 'slonik';
import { z } from 'zod';
import { DomainError } from '../../domain/errors.ts';
import { writeAudit } from './audit.ts';

export type Role = 'admin' | 'trader' | 'viewer';

/** @throws DomainError `BadInput` where the name or address is taken */
export const createUser = async (
  pool: DatabasePool,
  user: { username: string; email: string; role: Role; passwordHash: string },
): Promise<{ userId: string }> =>
  await pool.transaction(async (tx) => {
    const created = await tx.maybeOne(sql.type(z.object({ id: z.string() }))`
      INSERT INTO users (username, email, role, password_hash)
      VALUES (${user.username}, ${user.email}, ${user.role}, ${user.passwordHash})
      ON CONFLICT DO NOTHING RETURNING id`);
    if (!created) {
      throw new DomainError('BadInput', `the user name '${user.username}' or the address '${user.email}' is taken`, {
        next: 'choose another one',
      });
    }
    await writeAudit(tx, {
      actor: user.username,
      action: 'create_user',
      entityType: 'user',
      entityId: created.id,
      old: null,
      new: { username: user.username, role: user.role },
    });
    return { userId: created.id };
  });

/** @throws DomainError `NotAuthorized` unless there is such a user, active and with the role */
export const authorise = async (db: CommonQueryMethods, request: { by: string; role: Role }): Promise<void> => {
  const user = await db.maybeOne(sql.type(z.object({ role: z.string(), is_active: z.boolean() }))`
    SELECT role, is_active FROM users WHERE username = ${request.by}`);
  if (user?.is_active && user.role === request.role) return;
  throw new DomainError(
    'NotAuthorized',
    user
      ? `${request.by} is ${user.is_active ? `a ${user.role}` : 'not active'}, this takes the ${request.role} role`
      : `there is no user '${request.by}'`,
    {
      next: `ask a user with the ${request.role} role, or make one with \`mastertrade user create NAME --role ${request.role}\``,
    },
  );
};
