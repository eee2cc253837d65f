/**
 * `npm run crash-points`: kills a worker at every step of an order, scenario by scenario, and compares where the next
 * worker brings it with the run without a crash. `--scenario NAME` (more than one may be given) and `--point TEXT` narrow;
 * `--stages N` runs so many at once (4). Exit code 1 where anything differs, or a step
 * is not reached at all.
 */
import { parseArgs } from 'node:util';
import { type PlannedPoint, runCrashPoints, scenarioNamed } from './crash-points.ts';
import { textOf } from './plan.ts';
import { isGood } from './run-point.ts';
import { scenarios } from './scenarios.ts';
import { startServices } from './services.ts';

const say = (line: string): void => void process.stdout.write(`${line}\n`);

const main = async (): Promise<number> => {
  const { values } = parseArgs({
    options: {
      scenario: { type: 'string', multiple: true },
      point: { type: 'string' },
      stages: { type: 'string', default: '4' },
      list: { type: 'boolean', default: false },
    },
  });
  const chosen = values.scenario?.map(scenarioNamed) ?? scenarios;
  const startedAt = Date.now();
  const services = await startServices();
  try {
    const matches = ({ point }: PlannedPoint): boolean => textOf(point).includes(values.point ?? '');
    const results = await runCrashPoints(services, {
      scenarios: chosen,
      choose: (points) => (values.list ? [] : points.filter(matches)),
      width: Number(values.stages),
      onPlanned: (points) => say(`${points.length} points in ${chosen.length} scenarios`),
      onResult: ({ scenario, point }, { outcome, details, ms }) => {
        say(
          `${isGood(outcome) ? '  ok' : outcome === 'not reached' ? '  --' : 'FAIL'} ${scenario.name}: ${textOf(point)} -> ${outcome} (${ms} ms)`,
        );
        for (const detail of details) say(`       ${detail}`);
      },
    });
    for (const { name } of chosen) {
      const own = results.filter(({ scenario }) => scenario.name === name);
      const classes = Map.groupBy(own, ({ result }) => result.outcome);
      const counts = [...classes].map(([outcome, of]) => `${of.length} ${outcome}`).join(', ');
      say(`${name}: ${own.length} points; ${counts}`);
    }
    // How often a guard looks, and whether a watcher looks before an order is over, is a matter of milliseconds: a later time of a
    // step may stay out, and a watcher's first where it was reached for another order.
    const reached = new Set(
      results.flatMap(({ point, result }) => (result.outcome === 'not reached' ? [] : [point.label])),
    );
    const isWatchers = (label: string): boolean => /^(orderWatch|pollVenueOrders):/.test(label) && reached.has(label);
    const missed = results.filter(
      ({ point, result }) => result.outcome === 'not reached' && (point.nth > 1 || isWatchers(point.label)),
    );
    const bad = results.filter((each) => !isGood(each.result.outcome) && !missed.includes(each));
    const covered = results.filter(({ result }) => result.outcome !== 'not reached').length;
    say(
      `crash points covered: ${covered}, not reached: ${results.length - covered}, failed: ${bad.length}, ${Math.round((Date.now() - startedAt) / 1000)} s`,
    );
    return bad.length > 0 || results.length === 0 ? 1 : 0;
  } finally {
    await services.close();
  }
};

process.exitCode = await main();
