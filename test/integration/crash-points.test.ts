import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { type PlannedPoint, pointsOf, runCrashPoints, scenarioNamed } from '../chaos/crash-points.ts';
import { bundleWorkflows } from '../chaos/services.ts';
import '../support/provided.ts';

let folder: string;
let bundlePath: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mastertrade-crash-test-'));
  bundlePath = await bundleWorkflows(folder, true);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** The places where an order could be lost or doubled; `npm run crash-points` goes through all that there are. */
const subset: readonly (readonly [scenario: string, labels: readonly RegExp[]])[] = [
  ['market', [/markSubmitting after$/, /^placeOrder: POST .* after$/, /^placeOrder: end$/]],
  // The watcher's: the worker that comes after may book the fill by its reconciliation, and the order has to hear of it.
  ['limit', [/^syncOrder: store\.orders\.applyReport (before|after)$/, /^pollVenueOrders: venue\.openOrders after$/]],
  ['cancelled', [/^cancelOrder: DELETE .* after$/, /^cancelOrder: end$/]],
];

const chosen = (points: readonly PlannedPoint[]): readonly PlannedPoint[] =>
  points.filter(({ scenario, point }) => {
    const labels = subset.find(([name]) => name === scenario.name)?.[1] ?? [];
    return point.nth === 1 && labels.some((label) => label.test(point.label));
  });

describe('a worker killed at a step of an order', () => {
  it('leaves the books and the venue as without the crash, or one `unknown` order that nobody took', async () => {
    const services = {
      postgresUrl: inject('postgresUrl'),
      temporalAddress: inject('temporalAddress'),
      bundlePath,
      folder,
    };
    const results = await runCrashPoints(services, {
      scenarios: subset.map(([name]) => scenarioNamed(name)),
      choose: chosen,
      width: 4,
    });
    expect(results).toHaveLength(8);
    expect(
      Object.fromEntries(
        results.map(({ scenario, point, result }) => [
          `${scenario.name}: ${point.label}`,
          result.details.length > 0 ? result.details : result.outcome,
        ]),
      ),
    ).toEqual(
      Object.fromEntries(
        results.map(({ scenario, point }) => [
          `${scenario.name}: ${point.label}`,
          point.label.includes('markSubmitting after') ? 'unknown, nothing sent' : 'as without a crash',
        ]),
      ),
    );
  });
});

describe('the points of a scenario', () => {
  it('are those that two runs have in common, each by its label and number', () => {
    expect(pointsOf(['a', 'b', 'a', 'c'], ['a', 'b', 'c', 'c'])).toEqual([
      { label: 'a', nth: 1 },
      { label: 'b', nth: 1 },
      { label: 'c', nth: 1 },
    ]);
  });

  it('take a watcher’s step once, however often it polled', () => {
    const polls = ['pollVenueOrders: start', 'pollVenueOrders: start'];
    expect(pointsOf(polls, polls)).toEqual([{ label: 'pollVenueOrders: start', nth: 1 }]);
  });
});
