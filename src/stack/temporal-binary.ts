import { chmod, mkdtemp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DomainError } from '../domain/errors.ts';
import { runToEnd, type LineLog } from './child.ts';
import { download, findFile, platformQuery, unpack } from './download.ts';
import { isExecutable, onPath, runs, type Environment } from './executables.ts';
import { cacheFolder, ensureFolder } from './folders.ts';
import { withFolderLock } from './folder-lock.ts';

export type BinarySearch = Readonly<{
  env?: Environment;
  /** Says what is going on while something is fetched or built. */
  log: LineLog;
  /** False: look only, never download or build. Default true. */
  fetch?: boolean;
}>;

const goModule = 'github.com/temporalio/cli/cmd/temporal@v1.5.1';
const executableName = process.platform === 'win32' ? 'temporal.exe' : 'temporal';

const officialDownload = `https://temporal.download/cli/archive/latest?${platformQuery()}`;

const fetchOfficial = async (workFolder: string, log: LineLog): Promise<string | undefined> => {
  log('Looking for the Temporal CLI at temporal.download.');
  try {
    const archive = await download(officialDownload, join(workFolder, 'temporal.tar.gz'));
    await unpack(archive, workFolder);
    const binary = await findFile(workFolder, executableName);
    if (binary === undefined) return undefined;
    await chmod(binary, 0o755);
    if (await runs(binary, ['--version'])) return binary;
    log('The Temporal CLI from temporal.download does not run here.');
  } catch (error) {
    log(`temporal.download was not usable: ${error instanceof Error ? error.message : String(error)}.`);
  }
  return undefined;
};

const buildWithGo = async (workFolder: string, env: Environment, log: LineLog): Promise<string | undefined> => {
  const go = await onPath('go', env);
  if (go === undefined) return undefined;
  const startedAt = Date.now();
  const minutes = (): string => ((Date.now() - startedAt) / 60_000).toFixed(1);
  log(`Building the Temporal CLI (go install ${goModule}): about 5 minutes, once for this machine.`);
  const progress = setInterval(() => log(`Still building the Temporal CLI: ${minutes()} min so far.`), 30_000);
  try {
    const built = await runToEnd({
      name: 'go install',
      command: go,
      args: ['install', goModule],
      env: { ...process.env, ...env, GOBIN: workFolder, GOFLAGS: '-modcacherw' },
    });
    const binary = join(workFolder, executableName);
    if (built.code === 0 && (await runs(binary, ['--version']))) return binary;
    log(`go install failed: ${built.output.slice(-400)}`);
    return undefined;
  } finally {
    clearInterval(progress);
  }
};

const binaryMissing = (found: string): DomainError =>
  new DomainError('BinaryMissing', `The Temporal CLI was not found: ${found}.`, {
    next:
      'Install it (https://docs.temporal.io/cli) so that it is on PATH, name it in MASTERTRADE_TEMPORAL_BINARY, install ' +
      'Go so that it can be built, or set TEMPORAL_ADDRESS to a Temporal server you have.',
  });

const fetchIntoCache = async (cached: string, env: Environment, log: LineLog): Promise<string | undefined> => {
  const folder = await ensureFolder(cacheFolder(env));
  return withFolderLock(join(folder, 'temporal.lock'), log, async () => {
    if (await isExecutable(cached)) return cached;
    const workFolder = await mkdtemp(join(folder, '.fetching-'));
    try {
      const fetched = (await fetchOfficial(workFolder, log)) ?? (await buildWithGo(workFolder, env, log));
      if (fetched === undefined) return undefined;
      await ensureFolder(join(folder, 'bin'));
      await rename(fetched, cached);
      log(`The Temporal CLI is kept at ${cached}.`);
      return cached;
    } finally {
      await rm(workFolder, { recursive: true, force: true });
    }
  });
};

/**
 * Finds the Temporal CLI: `MASTERTRADE_TEMPORAL_BINARY`, PATH, the cache folder, the official download, `go install`.
 * What is fetched or built goes to the cache folder, whole or not at all, and is found there the next time.
 * @throws DomainError BinaryMissing when none of these works, or when the binary named by the environment is not there.
 */
export const findTemporalBinary = async ({ env = process.env, log, fetch = true }: BinarySearch): Promise<string> => {
  const named = env['MASTERTRADE_TEMPORAL_BINARY'];
  if (named) {
    if (await isExecutable(named)) return named;
    throw binaryMissing(`MASTERTRADE_TEMPORAL_BINARY names ${named}, which is not an executable file`);
  }
  const installed = await onPath(executableName, env);
  if (installed !== undefined) return installed;
  const cached = join(cacheFolder(env), 'bin', executableName);
  if (await isExecutable(cached)) return cached;
  const fetched = fetch ? await fetchIntoCache(cached, env, log) : undefined;
  if (fetched !== undefined) return fetched;
  throw binaryMissing(`not on PATH, not at ${cached}${fetch ? ', not downloadable, not buildable with Go' : ''}`);
};
