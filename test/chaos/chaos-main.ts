/**
 * `npm run chaos -- --seed N --orders M`: M orders of strategies that share an account, under faults of the exchange and
 * SIGKILLs of the worker, the Temporal server and PostgreSQL at moments that the seed decides; then everything is healed
 * and the books are checked against themselves and the exchange's ledger. `--seeds K` runs K seeds from N on; `--verbose`
 * prints each step. Exit code 1 where anything does not hold.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { ChaosReport } from './chaos-check.ts';
import { hashOf, planOf } from './chaos-plan.ts';
import { runChaos } from './chaos-run.ts';
import { createDesk } from './desk.ts';
import { bundleWorkflows } from './services.ts';

const say = (line: string): void => void process.stdout.write(`${line}\n`);

const counts = (of: Readonly<Record<string, number>>): string =>
  Object.entries(of)
    .map(([name, count]) => `${count} ${name}`)
    .join(', ') || 'none';

const print = (report: ChaosReport): void => {
  say(`  orders: ${report.orders} asked for, ${report.accepted} taken by the venue; ${counts(report.byStatus)}`);
  say(`  faults that struck: ${counts(report.faults)}`);
  say(`  kills: ${counts(report.kills)}`);
  say(`  alerts: ${counts(report.alerts)}`);
  for (const words of report.endedByThemselves) say(`    a worker ended by itself: ${words}`);
  for (const violation of report.violations) say(`  VIOLATION ${violation}`);
  say(`  ${report.violations.length} violations, ${(report.ms / 1000).toFixed(1)} s`);
};

const wholeNumber = (name: string, value: string): number => {
  if (/^\d+$/.test(value)) return Number(value);
  throw new TypeError(`--${name} ${value} is not a whole number`);
};

const main = async (): Promise<number> => {
  const { values } = parseArgs({
    options: {
      seed: { type: 'string', default: '1' },
      seeds: { type: 'string', default: '1' },
      orders: { type: 'string', default: '30' },
      verbose: { type: 'boolean', default: false },
    },
  });
  const first = wholeNumber('seed', values.seed);
  const folder = await mkdtemp(join(tmpdir(), 'mastertrade-chaos-bundle-'));
  const bundlePath = await bundleWorkflows(folder, false);
  const desk = await createDesk();
  let violations = 0;
  try {
    for (let seed = first; seed < first + wholeNumber('seeds', values.seeds); seed += 1) {
      const plan = planOf(seed, wholeNumber('orders', values.orders));
      say(`seed ${seed}, ${values.orders} orders, plan ${hashOf(plan)}: ${plan.steps.length} steps`);
      const report = await runChaos(desk, plan, { bundlePath, ...(values.verbose && { say }) });
      print(report);
      violations += report.violations.length;
    }
    return violations > 0 ? 1 : 0;
  } finally {
    await desk.close();
    await rm(folder, { recursive: true, force: true });
  }
};

process.exitCode = await main();
