/**
 * `npm test`: sees to the servers that the tests start, runs every vitest project (arguments are passed on to vitest),
 * and ends with one line of counts. The exit code is vitest's.
 */
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { findTemporalBinary } from '../../src/stack/temporal-binary.ts';
import { findTestServer } from '../../src/stack/test-server.ts';
import { countsOf, countsLine, type VitestReport } from './test-counts.ts';

const say = (line: string): void => void process.stdout.write(`${line}\n`);

const vitestProgram = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs');

/** Runs vitest in this terminal; signals that end the run are handed on, so that its global teardowns happen. */
const runVitest = (reportFile: string): Promise<number> => {
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${reportFile}`];
  const vitest = spawn(process.execPath, [vitestProgram, 'run', ...reporters, ...process.argv.slice(2)], {
    stdio: 'inherit',
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => vitest.kill(signal));
  return new Promise((resolve, reject) => {
    vitest.once('error', reject);
    vitest.once('exit', (code) => resolve(code ?? 1));
  });
};

const readReport = async (file: string): Promise<VitestReport | null> => {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as VitestReport;
  } catch {
    return null;
  }
};

const main = async (): Promise<number> => {
  await findTemporalBinary({ log: say });
  await findTestServer({ log: say });
  const folder = await mkdtemp(join(tmpdir(), 'mastertrade-run-tests-'));
  try {
    const reportFile = join(folder, 'report.json');
    const code = await runVitest(reportFile);
    const report = await readReport(reportFile);
    if (report === null) {
      say('vitest ended without a report');
      return code === 0 ? 1 : code;
    }
    const counts = countsOf(report);
    say(countsLine(counts));
    return code === 0 && (counts.failed > 0 || counts.passed === 0) ? 1 : code;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

process.exitCode = await main();
