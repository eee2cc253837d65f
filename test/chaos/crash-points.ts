import type { CrashPoint } from './plan.ts';
import { type PointResult, isGood, recordRun, runPoint } from './run-point.ts';
import { type Scenario, scenarios } from './scenarios.ts';
import type { Services } from './services.ts';
import { type EndState, differences } from './snapshot.ts';
import { type Stage, createStage } from './stage.ts';

/** A point of a scenario with the end that it is compared with. */
export interface PlannedPoint {
  readonly scenario: Scenario;
  readonly point: CrashPoint;
  readonly reference: EndState;
}

/** How often a watcher polls, and a breaker looks, depends on the clock on the wall: its first time stands for all. */
const isPeriodic = (label: string): boolean =>
  /^(pollVenueOrders|orderWatch|evaluateBreaker|circuitBreaker):/.test(label);

const countsOf = (labels: readonly string[]): ReadonlyMap<string, number> => {
  const counts = new Map<string, number>();
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  return counts;
};

/** The points that two recorded runs both came by, in the order of the first. */
export const pointsOf = (first: readonly string[], second: readonly string[]): readonly CrashPoint[] => {
  const seen = new Map<string, number>();
  const others = countsOf(second);
  return first.flatMap((label) => {
    const nth = (seen.get(label) ?? 0) + 1;
    seen.set(label, nth);
    return nth > (others.get(label) ?? 0) || (isPeriodic(label) && nth > 1) ? [] : [{ label, nth }];
  });
};

/** Finds the points of a scenario by running it twice without a crash. @throws where the two runs end differently. */
export const planScenario = async (stage: Stage, scenario: Scenario): Promise<readonly PlannedPoint[]> => {
  const first = await recordRun(stage, scenario);
  const second = await recordRun(stage, scenario);
  const differing = differences(first.end, second.end);
  if (differing.length > 0)
    throw new TypeError(`two runs of ${scenario.name} without a crash differ: ${differing.join('; ')}`);
  return pointsOf(first.labels, second.labels).map((point) => ({ scenario, point, reference: first.end }));
};

/** A point that a run did not come by is tried again: how its steps interleave is not ours to say. */
const attempts = 3;

const runPlanned = async (stage: Stage, { scenario, point, reference }: PlannedPoint): Promise<PointResult> => {
  let result = await runPoint(stage, scenario, point, reference);
  for (let attempt = 1; attempt < attempts && result.outcome === 'not reached'; attempt += 1) {
    result = await runPoint(stage, scenario, point, reference);
  }
  return result;
};

const startStage = async (services: Services): Promise<Stage> => {
  const stage = await createStage(services);
  await stage.startWorker();
  return stage;
};

export const scenarioNamed = (name: string): Scenario => {
  const scenario = scenarios.find((each) => each.name === name);
  if (scenario) return scenario;
  throw new TypeError(`no scenario is named ${name}: there are ${scenarios.map((each) => each.name).join(', ')}`);
};

/**
 * Enumerates the points of some scenarios, keeps those that `choose` keeps, and runs each, `width` stages at once. The
 * time of a run is mostly waiting for heartbeats that stay out, so more stages than cores are of use.
 */
export const runCrashPoints = async (
  services: Services,
  options: {
    readonly scenarios: readonly Scenario[];
    readonly choose: (points: readonly PlannedPoint[]) => readonly PlannedPoint[];
    readonly width: number;
    readonly onPlanned?: (points: readonly PlannedPoint[]) => void;
    readonly onResult?: (planned: PlannedPoint, result: PointResult) => void;
  },
): Promise<readonly (PlannedPoint & { readonly result: PointResult })[]> => {
  const first = await startStage(services);
  const stages: (Stage | null)[] = [first];
  const results: (PlannedPoint & { readonly result: PointResult })[] = [];
  try {
    const planned: PlannedPoint[] = [];
    for (const scenario of options.scenarios) planned.push(...options.choose(await planScenario(first, scenario)));
    options.onPlanned?.(planned);
    const queue = planned.values();
    const work = async (slot: number): Promise<void> => {
      for (const point of queue) {
        const stage = (stages[slot] ??= await startStage(services));
        const result = await runPlanned(stage, point);
        results.push({ ...point, result });
        options.onResult?.(point, result);
        if (isGood(result.outcome) || result.outcome === 'not reached') continue;
        // What went wrong there must not be found again by the next point.
        await stage.close();
        stages[slot] = null;
      }
    };
    const width = Math.min(options.width, planned.length);
    await Promise.all(Array.from({ length: width }, (_, slot) => work(slot)));
    return results;
  } finally {
    for (const stage of stages) await stage?.close();
  }
};
