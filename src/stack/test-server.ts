import { chmod, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DomainError } from '../domain/errors.ts';
import { runToEnd, type LineLog } from './child.ts';
import { download, findFile, platformQuery, unpack } from './download.ts';
import { isExecutable, onPath, type Environment } from './executables.ts';
import { withFolderLock } from './folder-lock.ts';
import { cacheFolder, ensureFolder } from './folders.ts';
import type { BinarySearch } from './temporal-binary.ts';

const version = '1.35.0';
const programName = 'temporal-test-server';

const pom = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>mastertrade</groupId><artifactId>time-skipping-server</artifactId><version>1</version>
  <dependencies>
    <dependency>
      <groupId>io.temporal</groupId><artifactId>temporal-test-server</artifactId><version>${version}</version>
    </dependency>
  </dependencies>
</project>
`;

/** The server becomes this script's process; a watcher ends it when the test process has died without doing so. */
const launchScript = (java: string): string => `#!/bin/sh
here=$(cd "$(dirname "$0")" && pwd)
parent=$PPID
(while kill -0 "$parent" && kill -0 $$; do sleep 1; done; kill -9 $$) >/dev/null 2>&1 &
exec "${java}" -XX:TieredStopAtLevel=1 -cp "$here/lib/*" io.temporal.testserver.TestServer "$@"
`;

const fetchOfficial = async (workFolder: string, log: LineLog): Promise<boolean> => {
  log('Looking for the time-skipping test server at temporal.download.');
  try {
    const answer = await download(
      `https://temporal.download/${programName}/default?${platformQuery()}&sdk-name=sdk-typescript`,
      join(workFolder, 'answer.json'),
    );
    const { archiveUrl } = JSON.parse(await readFile(answer, 'utf8')) as { archiveUrl: string };
    await unpack(await download(archiveUrl, join(workFolder, 'server.tar.gz')), workFolder);
    const program = await findFile(workFolder, programName);
    if (program === undefined) return false;
    await chmod(program, 0o755);
    await rename(program, join(workFolder, programName));
    return true;
  } catch (error) {
    log(`temporal.download was not usable: ${error instanceof Error ? error.message : String(error)}.`);
    return false;
  }
};

const fetchFromMaven = async (workFolder: string, env: Environment, log: LineLog): Promise<boolean> => {
  const [maven, java] = [await onPath('mvn', env), await onPath('java', env)];
  if (maven === undefined || java === undefined) return false;
  log(`Fetching io.temporal:${programName}:${version} with Maven, once for this machine.`);
  await writeFile(join(workFolder, 'pom.xml'), pom);
  const { code, output } = await runToEnd({
    name: 'mvn',
    command: maven,
    args: ['-B', '-q', 'dependency:copy-dependencies', '-DoutputDirectory=lib', '-DincludeScope=runtime'],
    cwd: workFolder,
  });
  if (code !== 0) {
    log(`Maven failed: ${output.slice(-400)}`);
    return false;
  }
  await writeFile(join(workFolder, programName), launchScript(java), { mode: 0o755 });
  return true;
};

const testServerMissing = (found: string): DomainError =>
  new DomainError('BinaryMissing', `Temporal's time-skipping test server was not found: ${found}.`, {
    next: 'Install Java 17 and Maven so that it can be fetched, or name its program in MASTERTRADE_TEST_SERVER.',
  });

/**
 * Finds the test server that skips time: `MASTERTRADE_TEST_SERVER`, the cache folder, the official download, Maven
 * (with Java). Returns a program to pass as `server.executable.path` to `TestWorkflowEnvironment.createTimeSkipping`.
 * @throws DomainError BinaryMissing when none of these works.
 */
export const findTestServer = async ({ env = process.env, log, fetch = true }: BinarySearch): Promise<string> => {
  const named = env['MASTERTRADE_TEST_SERVER'];
  if (named) {
    if (await isExecutable(named)) return named;
    throw testServerMissing(`MASTERTRADE_TEST_SERVER names ${named}, which is not an executable file`);
  }
  const cache = cacheFolder(env);
  const folder = join(cache, `${programName}-${version}`);
  const program = join(folder, programName);
  if (await isExecutable(program)) return program;
  if (!fetch) throw testServerMissing(`not at ${program}`);
  await ensureFolder(cache);
  return withFolderLock(join(cache, `${programName}.lock`), log, async () => {
    if (await isExecutable(program)) return program;
    const workFolder = await mkdtemp(join(cache, '.fetching-'));
    try {
      await mkdir(join(workFolder, 'lib'));
      if (!(await fetchOfficial(workFolder, log)) && !(await fetchFromMaven(workFolder, env, log))) {
        throw testServerMissing(`not at ${program}, not downloadable, not to be had with Maven and Java`);
      }
      await rm(folder, { recursive: true, force: true });
      await rename(workFolder, folder);
      return program;
    } finally {
      await rm(workFolder, { recursive: true, force: true });
    }
  });
};
