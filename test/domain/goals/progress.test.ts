import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ProgressStatus } from '../../../src/domain/goals/goal.ts';
import { lookAtGoal } from '../../../src/domain/goals/look.ts';
import { progressOf, statusOf } from '../../../src/domain/goals/progress.ts';
import { day, goalOf, hour } from './goal-desk.ts';

/** June has 30 days. */
const june = Date.UTC(2026, 5, 1);
const baseline = { at: june, equity: 10_000, index: 1, netFlows: 10_000 };
const factsOf = (equity: number, flows = 0) => ({ equity, index: (equity - flows) / 10_000, netFlows: 10_000 + flows });

const ask = (input: Partial<Parameters<typeof progressOf>[0]>) =>
  progressOf({ goal: goalOf(), baseline, facts: factsOf(10_000), previous: null, at: june, ...input });

describe('progress', () => {
  it('of a return is that of the index, against a share of the target that grows with the month', () => {
    expect(ask({ facts: factsOf(10_400), at: june + 15 * day })).toMatchObject({
      current: 4,
      expected: 5,
      gap: 6,
      progressPct: 40,
      status: 'on_track',
    });
    expect(ask({ facts: factsOf(9_000), at: june + 29 * day })).toMatchObject({ current: -10, status: 'behind' });
    expect(ask({ facts: factsOf(10_500), at: june + day })).toMatchObject({ current: 5, status: 'ahead' });
  });

  it('counts neither deposits nor withdrawals, in any unit', () => {
    for (const flows of [50_000, -5_000]) {
      const facts = { equity: 10_300 + flows, index: 1.03, netFlows: 10_000 + flows };
      expect(ask({ facts })?.current).toBe(3);
      expect(ask({ facts, goal: goalOf({ type: 'monthly_profit_usd', target: 1_000 }) })?.current).toBe(300);
      expect(ask({ facts, goal: goalOf({ type: 'portfolio_target_usd', target: 20_000 }) })?.current).toBe(10_300);
    }
  });

  it('of a portfolio is on the way from where it began to its date', () => {
    const goal = goalOf({
      type: 'portfolio_target_usd',
      target: 20_000,
      startedAt: june,
      targetDate: june + 100 * day,
    });
    const at = june + 50 * day;
    expect(ask({ goal, at, facts: factsOf(15_000) })).toMatchObject({
      expected: 15_000,
      progressPct: 75,
      status: 'on_track',
    });
    // Two per cent of the 10000 that there were to gain.
    expect(ask({ goal, at, facts: factsOf(14_799) })?.status).toBe('behind');
    expect(ask({ goal, at, facts: factsOf(14_801) })?.status).toBe('on_track');
    expect(ask({ goal, at, facts: factsOf(15_201) })?.status).toBe('ahead');
    expect(ask({ goal, at: june + 900 * day, facts: factsOf(19_000) })).toMatchObject({
      expected: 20_000,
      status: 'behind',
    });
  });

  it('of a month that is known from its middle on is asked for the time that is left', () => {
    const late = { ...baseline, at: june + 27 * day };
    expect(ask({ baseline: late, at: late.at })?.expected).toBe(0);
    expect(ask({ baseline: late, at: june + 30 * day - 1 })?.expected).toBeCloseTo(1);
  });

  it('says nothing of a month that began with nothing, and fits its column whatever comes', () => {
    expect(ask({ baseline: { ...baseline, index: 0 } })).toBeNull();
    const tiny = goalOf({ type: 'monthly_profit_usd', target: 0.01 });
    expect(ask({ goal: tiny, facts: factsOf(1e15) })?.progressPct).toBe(99_999_999.99);
    expect(ask({ goal: tiny, facts: factsOf(-1e15) })?.progressPct).toBe(-99_999_999.99);
  });
});

describe('a status', () => {
  it.each([
    [null, -1, 'on_track'],
    [null, -1.01, 'behind'],
    ['on_track', -1.25, 'on_track'],
    ['on_track', -1.26, 'behind'],
    ['behind', -0.76, 'behind'],
    ['behind', -0.74, 'on_track'],
    ['behind', 1.01, 'ahead'],
    ['ahead', 0.76, 'ahead'],
    ['ahead', 0.74, 'on_track'],
    ['ahead', -1.01, 'behind'],
    ['on_track', 1.26, 'ahead'],
  ] as const)('after %s at %s bands from the path is %s', (previous, distance, status) => {
    expect(statusOf(distance, 1, previous)).toBe(status);
  });

  it('does not flap: within half a band of travel it changes once at most', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -3, max: 3, noNaN: true }),
        fc.array(fc.double({ min: 0, max: 0.4999, noNaN: true }), { minLength: 2, maxLength: 200 }),
        fc.constantFrom(null, 'behind', 'on_track', 'ahead'),
        (from, wiggles, first) => {
          let status: ProgressStatus | null = first;
          let changes = 0;
          for (const wiggle of wiggles) {
            const next = statusOf(from + wiggle, 1, status);
            if (status !== null && next !== status) changes += 1;
            status = next;
          }
          expect(changes).toBeLessThanOrEqual(1);
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('a look', () => {
  const goal = goalOf({ baseline });
  const look = (at: number, over: Partial<Parameters<typeof lookAtGoal>[0]> = {}) =>
    lookAtGoal({ goal, facts: factsOf(11_100), previous: null, turn: null, at, ...over });

  it('keeps a month’s baseline to its last instant and begins anew with the next', () => {
    expect(look(june + 30 * day - 1)).toMatchObject({ baseline, isNewPeriod: false });
    const july = june + 30 * day;
    expect(look(july)).toMatchObject({
      isNewPeriod: true,
      baseline: { at: july, equity: 11_100 },
      progress: { current: 0 },
    });
    const turn = { at: july, equity: 10_900, index: 1.09, netFlows: 10_000 };
    expect(look(july + hour, { turn }).baseline).toBe(turn);
  });

  it('finds a month’s goal reached once a month, a portfolio’s for ever', () => {
    expect(look(june + day).isAchieved).toBe(true);
    const reached = { ...goal, achievedAt: june + day };
    expect(look(june + 2 * day, { goal: reached }).isAchieved).toBe(false);
    const july = june + 30 * day;
    const turn = { at: july, equity: 10_000, index: 1, netFlows: 10_000 };
    expect(look(july + day, { goal: reached, turn }).isAchieved).toBe(true);
    expect(look(june + day, { facts: factsOf(10_999.99) }).isAchieved).toBe(false);
  });

  it('does not carry a status into a new period', () => {
    const july = june + 30 * day;
    expect(look(july, { previous: 'behind' }).progress?.status).toBe('on_track');
  });
});
