import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isAdjusting } from '../../../src/domain/goals/adjust.ts';
import { defaultBounds } from '../../../src/domain/goals/bounds.ts';
import { type Goal, goalTypes } from '../../../src/domain/goals/goal.ts';
import { monthName } from '../../../src/domain/goals/period.ts';
import { createRandom } from '../../../src/domain/random.ts';
import { type DeskHour, type DeskLook, changesOf, day, goalOf, hour, runDesk } from './goal-desk.ts';

const from = Date.UTC(2026, 0, 1);
const { floor, ceiling, step } = defaultBounds;

/** Every rule that no sequence of equity, drawdown, breaker states and priorities may break. */
const holds = (looks: readonly DeskLook[]): void => {
  let last = -Infinity;
  for (const { at, goal, change, before, after, state, drawdown, standings } of looks) {
    if (change.kind === 'none') {
      if (after !== before) expect(after).toBe(before);
      continue;
    }
    expect(after.riskScale).toBeGreaterThanOrEqual(floor);
    expect(after.riskScale).toBeLessThanOrEqual(ceiling);
    const limits = standings.filter((each) => isAdjusting(each.goal, at)).map((each) => each.goal.maxDrawdown);
    expect(state).toBe('ACTIVE');
    expect(goal).toMatchObject({ status: 'active', adjusts: true });
    expect(at).toBeGreaterThan(last);
    expect(Math.abs(after.riskScale - before.riskScale)).toBeLessThanOrEqual(step + 1e-9);
    expect(change.reason).toMatch(/\w+.*\d.*: .*\d/);
    const isRaise = change.kind.startsWith('increase');
    if (isRaise) expect(drawdown).toBeLessThan(Math.min(...limits) / 2);
    const isSafety = drawdown >= Math.min(...limits);
    if (!isSafety) expect(at - last).toBeGreaterThanOrEqual(day);
    if (after.riskScale < Math.min(before.riskScale, 1)) expect(isSafety).toBe(true);
    if (after.riskScale > Math.max(before.riskScale, 1)) {
      const wanting = standings.find((each) => each.goal.goalId === goal.goalId);
      const higher = standings.filter((each) => isAdjusting(each.goal, at) && each.goal.priority < goal.priority);
      expect(wanting?.status).toBe('behind');
      for (const { status } of higher) expect(status === 'on_track' || status === null).toBe(true);
    }
    last = at;
  }
};

const goals = fc
  .array(
    fc.record({
      type: fc.constantFrom(...goalTypes),
      share: fc.double({ min: 0.001, max: 2, noNaN: true }),
      priority: fc.integer({ min: 1, max: 3 }),
      maxDrawdown: fc.double({ min: 0.01, max: 0.9, noNaN: true }),
      adjusts: fc.boolean(),
      days: fc.option(fc.integer({ min: 1, max: 60 }), { nil: null }),
    }),
    { minLength: 1, maxLength: 3 },
  )
  .map((all): readonly Goal[] =>
    all.map(({ type, share, days, ...rest }, index) =>
      goalOf({
        ...rest,
        type,
        goalId: index + 1,
        startedAt: from,
        target: {
          monthly_return_pct: share * 100,
          monthly_profit_usd: share * 10_000,
          portfolio_target_usd: 10_000 * (1 + share),
        }[type],
        targetDate: type === 'portfolio_target_usd' && days !== null ? from + days * day : null,
      }),
    ),
  );

/** Stretches of hours with a drift, an unrest and a breaker's state each. */
const stretches = fc.array(
  fc.record({
    hours: fc.integer({ min: 1, max: 200 }),
    drift: fc.double({ min: -0.01, max: 0.01, noNaN: true }),
    unrest: fc.double({ min: 0, max: 0.05, noNaN: true }),
    state: fc.constantFrom('ACTIVE', 'ACTIVE', 'ACTIVE', 'REDUCING', 'HALTED'),
  }),
  { minLength: 1, maxLength: 8 },
);

type Stretch = { readonly hours: number; readonly drift: number; readonly unrest: number; readonly state: string };

const walk = (plan: readonly Stretch[], seed: number): readonly DeskHour[] => {
  const random = createRandom(seed);
  let equity = 10_000;
  return plan.flatMap(({ hours, drift, unrest, state }) =>
    Array.from({ length: hours }, (): DeskHour => {
      equity *= Math.max(0.01, 1 + drift + (random.fraction() - 0.5) * unrest);
      return { equity, state: state as NonNullable<DeskHour['state']> };
    }),
  );
};

describe('no sequence of equity, drawdown, breaker states and priorities', () => {
  it('crosses a bound, raises under a breaker or in a drawdown, or adjusts more than a step a day', () => {
    fc.assert(
      fc.property(goals, stretches, fc.integer({ min: 1, max: 1_000_000 }), (all, plan, seed) => {
        holds(runDesk({ goals: all, from, hours: walk(plan, seed) }).looks);
      }),
      { numRuns: 150 },
    );
  });
});

describe('a year of hours', () => {
  const year = 8_760;
  const run = (drift: number, seed: number) =>
    runDesk({
      goals: [
        goalOf(),
        goalOf({ goalId: 2, type: 'monthly_profit_usd', target: 2_000, priority: 2 }),
        goalOf({ goalId: 3, type: 'portfolio_target_usd', target: 1_000_000, priority: 3 }),
      ],
      from,
      hours: walk([{ hours: year, drift, unrest: 0.004, state: 'ACTIVE' }], seed),
    });

  it.each([
    ['flat', 0, 7],
    ['rising', 0.0002, 8],
    ['falling', -0.0002, 9],
  ])('in a %s market keeps every rule, with a baseline for each month', (_name, drift, seed) => {
    const { looks } = run(drift, seed);
    expect(looks).toHaveLength(3 * year);
    holds(looks);
    const months = new Map(
      looks.filter(({ goal }) => goal.goalId === 1).map(({ at, goal }) => [monthName(at), goal.baseline?.at]),
    );
    expect([...months.values()]).toEqual(Array.from({ length: 12 }, (_, month) => Date.UTC(2026, month, 1)));
    expect(changesOf(looks).length).toBeGreaterThan(0);
  });

  it('of a market that stands still raises to the ceiling in five days of being behind, and stays there', () => {
    const { looks, settings } = runDesk({
      goals: [goalOf()],
      from,
      hours: Array.from({ length: year }, () => ({ equity: 10_000 })),
    });
    holds(looks);
    const changes = changesOf(looks);
    expect(changes.map(({ after }) => after.riskScale)).toEqual([1.1, 1.2, 1.3, 1.4, 1.5]);
    expect(changes[4]!.at - changes[0]!.at).toBe(4 * day);
    expect(settings.riskScale).toBe(1.5);
  });

  it('with a crash lowers to the floor hour by hour, and is back at 1 a step a day after it has passed', () => {
    const hours = Array.from({ length: 1_200 }, (_, index) => ({
      equity: index >= 50 && index < 80 ? 8_000 : 10_000,
    }));
    const { looks } = runDesk({
      goals: [goalOf()],
      from,
      hours,
      strategies: 3,
    });
    holds(looks);
    const down = changesOf(looks).filter(({ drawdown }) => drawdown > 0);
    expect(down.map(({ after }) => after.riskScale).slice(0, 8)).toEqual([0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.25]);
    expect(down.slice(8).map(({ after }) => after.maxStrategies)).toEqual([2, 1]);
    expect(down[7]!.at - down[0]!.at).toBe(7 * hour);
    const up = changesOf(looks).filter(({ drawdown }) => drawdown === 0);
    expect(up.map(({ after }) => after.riskScale).slice(0, 8)).toEqual([0.35, 0.45, 0.55, 0.65, 0.75, 0.85, 0.95, 1]);
    expect(up[7]!.at - up[0]!.at).toBe(7 * day);
    expect(up.slice(8, 10).map(({ after }) => after.maxStrategies)).toEqual([2, null]);
  });
});
