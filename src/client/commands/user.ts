import { Option, type Command } from 'commander';
import { DomainError } from '../../domain/errors.ts';
import { action } from '../action.ts';
import { withDatabase } from '../sessions.ts';

interface UserOptions extends Readonly<Record<string, unknown>> {
  readonly email: string;
  readonly role: 'admin' | 'trader' | 'viewer';
}

const shortestPassword = 12;

const passwordFromEnvironment = (): string => {
  const password = process.env['MASTERTRADE_PASSWORD'] ?? '';
  if (password.length >= shortestPassword) return password;
  const found = password === '' ? 'is not set' : `is shorter than ${shortestPassword} characters`;
  throw new DomainError('BadInput', `MASTERTRADE_PASSWORD, the new user's password, ${found}`, {
    next: 'set it in the environment of this command, where no history of commands keeps it',
  });
};

export const addUserCommands = (program: Command): void => {
  const user = program.command('user').description('people who may approve and decide');
  user
    .command('create <name>')
    .description('add a user; the password is read from MASTERTRADE_PASSWORD and stored as an argon2 hash')
    .requiredOption('--email <address>', 'where alerts reach the user')
    .addOption(
      new Option('--role <role>', 'what the user may do').choices(['admin', 'trader', 'viewer']).makeOptionMandatory(),
    )
    .action(
      action<UserOptions>(async ({ output, config }, { email, role }, [username = '']) => {
        if (!/^[^\s@]+@[^\s@]+$/.test(email)) {
          throw new DomainError('BadInput', `--email is '${email}', which is no address`, { next: 'give name@host' });
        }
        const password = passwordFromEnvironment();
        const [{ hash }, { createUser }] = await Promise.all([
          import('@node-rs/argon2'),
          import('../../adapters/postgres/users.ts'),
        ]);
        const passwordHash = await hash(password);
        const { userId } = await withDatabase(await config(), (pool) =>
          createUser(pool, { username, email, role, passwordHash }),
        );
        output.answer({ userId, username, email, role }, () => `Created ${username}, ${role} (${userId}).`);
      }),
    );
};
