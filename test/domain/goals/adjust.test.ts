import { describe, expect, it } from 'vitest';
import {
  type AdjustmentInput,
  type Standing,
  adjusted,
  adjustmentOf,
  toleranceOf,
} from '../../../src/domain/goals/adjust.ts';
import { boundsOf, defaultBounds } from '../../../src/domain/goals/bounds.ts';
import type { Goal, ProgressStatus } from '../../../src/domain/goals/goal.ts';
import { type RiskSettings, neutralSettings } from '../../../src/domain/goals/risk-settings.ts';
import { day, goalOf, hour } from './goal-desk.ts';

const now = Date.UTC(2026, 5, 10);
const standing = (status: ProgressStatus | null, goal: Partial<Goal> = {}, bounds = defaultBounds): Standing => ({
  goal: goalOf(goal),
  bounds,
  status,
});
const ask = (status: ProgressStatus, settings: Partial<RiskSettings> = {}, over: Partial<AdjustmentInput> = {}) =>
  adjustmentOf({
    at: now,
    goalId: 1,
    detail: 'as it stands',
    standings: [standing(status)],
    settings: { ...neutralSettings, ...settings },
    tradingState: 'ACTIVE',
    drawdown: 0,
    strategies: 5,
    ...over,
  });
const step = (kind: string, from: number, to: number) => ({ kind, from, to });
const none = { kind: 'none' };

describe('one goal', () => {
  it('raises a step while it is behind, and not above the ceiling', () => {
    expect(ask('behind')).toMatchObject(step('increase_risk', 1, 1.1));
    expect(ask('behind', { riskScale: 1.45 })).toMatchObject(step('increase_risk', 1.45, 1.5));
    expect(ask('behind', { riskScale: 1.5 })).toMatchObject({
      ...none,
      reason: expect.stringMatching(/ceiling of 1.5.*no limit/) as string,
    });
  });

  it('adds a strategy at the ceiling where their number is limited, up to the most that is allowed', () => {
    const standings = [standing('behind', {}, { ...defaultBounds, strategies: 3, strategiesCeiling: 4 })];
    const at = { riskScale: 1.5, maxStrategies: 3 };
    expect(ask('behind', at, { standings })).toMatchObject(step('increase_strategies', 3, 4));
    expect(ask('behind', { ...at, maxStrategies: 4 }, { standings })).toMatchObject(none);
    const calm = [{ ...standings[0]!, status: 'ahead' as const }];
    expect(ask('ahead', { maxStrategies: 4 }, { standings: calm })).toMatchObject(step('decrease_strategies', 4, 3));
  });

  it('takes a raise back while it is ahead, and never goes below a strategy’s own stake for that', () => {
    expect(ask('ahead', { riskScale: 1.2 })).toMatchObject(step('decrease_risk', 1.2, 1.1));
    expect(ask('ahead', { riskScale: 1.05 })).toMatchObject(step('decrease_risk', 1.05, 1));
    expect(ask('ahead')).toMatchObject(none);
  });

  it('leaves what it has while it is on track', () => {
    expect(ask('on_track', { riskScale: 1.3 })).toMatchObject(none);
  });

  it('adjusts once a day at most', () => {
    expect(ask('behind', { adjustedAt: now - day + 1 })).toMatchObject({
      ...none,
      reason: expect.stringMatching(/less than a day ago/) as string,
    });
    expect(ask('behind', { adjustedAt: now - day })).toMatchObject(step('increase_risk', 1, 1.1));
  });

  it.each(['REDUCING', 'HALTED'] as const)(
    'adjusts nothing while trading is %s, not even downwards',
    (tradingState) => {
      for (const drawdown of [0, 0.5]) {
        const answer = ask('behind', { riskScale: 1.3 }, { tradingState, drawdown });
        expect(answer).toMatchObject({ ...none, reason: expect.stringMatching(tradingState) as string });
      }
    },
  );

  it('does not raise from half of its drawdown limit on, or where the drawdown is not known', () => {
    expect(ask('behind', {}, { drawdown: 0.0749 })).toMatchObject(step('increase_risk', 1, 1.1));
    expect(ask('behind', {}, { drawdown: 0.075 })).toMatchObject(none);
    expect(ask('behind', {}, { drawdown: null })).toMatchObject(none);
    expect(ask('ahead', { riskScale: 1.2 }, { drawdown: 0.1 })).toMatchObject(step('decrease_risk', 1.2, 1.1));
  });

  it('lowers a step an hour down to the floor at its drawdown limit, and then the number of strategies down to one', () => {
    const over = { drawdown: 0.15 };
    const adjustedAt = now - hour;
    expect(ask('ahead', { adjustedAt }, over)).toMatchObject(step('decrease_risk', 1, 0.9));
    expect(ask('behind', { riskScale: 0.3, adjustedAt }, over)).toMatchObject(step('decrease_risk', 0.3, 0.25));
    expect(ask('behind', { riskScale: 0.25, adjustedAt }, over)).toMatchObject(step('decrease_strategies', 5, 4));
    expect(ask('behind', { riskScale: 0.25, maxStrategies: 2 }, over)).toMatchObject(step('decrease_strategies', 2, 1));
    expect(ask('behind', { riskScale: 0.25, maxStrategies: 1 }, over)).toMatchObject(none);
  });

  it('comes back to every strategy’s own stake and then to all strategies once the drawdown has passed, whatever its status', () => {
    for (const status of ['behind', 'on_track', 'ahead'] as const) {
      expect(ask(status, { riskScale: 0.95 })).toMatchObject(step('increase_risk', 0.95, 1));
      expect(ask(status, { riskScale: 0.25, adjustedAt: now - hour })).toMatchObject(none);
      expect(ask(status, { riskScale: 0.25 }, { drawdown: 0.08 })).toMatchObject(none);
      expect(ask(status, { maxStrategies: 3 })).toMatchObject(step('increase_strategies', 3, 4));
    }
    const settings = { ...neutralSettings, maxStrategies: 4 };
    const about = { at: now, goalId: 1, settings, standings: [standing('behind')], strategies: 5 };
    expect(
      adjusted(about, adjustmentOf({ ...about, detail: '', tradingState: 'ACTIVE', drawdown: 0 })).maxStrategies,
    ).toBeNull();
  });

  it.each([
    ['it is only watched', { adjusts: false }],
    ['its date has passed', { type: 'portfolio_target_usd', targetDate: now }],
  ] as const)('adjusts nothing where %s, whatever the drawdown', (why, goal) => {
    const standings = [standing('behind', goal)];
    for (const drawdown of [0, 0.5])
      expect(ask('behind', {}, { standings, drawdown })).toMatchObject({
        ...none,
        reason: expect.stringMatching(why) as string,
      });
    expect(toleranceOf([goalOf(goal)], now)).toBeNull();
  });
});

it('a number of strategies may be raised by half where nothing else is said', () => {
  expect(boundsOf({ strategies: 30 })).toMatchObject({ strategies: 30, strategiesCeiling: 45, floor: 0.25 });
});

describe('several goals', () => {
  const two = (first: ProgressStatus | null, second: ProgressStatus | null, over: Partial<Goal> = {}) => [
    standing(first),
    standing(second, { goalId: 2, type: 'monthly_profit_usd', priority: 2, ...over }),
  ];

  it('follow the highest that is not on track', () => {
    const standings = two('ahead', 'behind');
    expect(ask('behind', { riskScale: 1.2 }, { standings, goalId: 2 })).toMatchObject({
      ...none,
      reason: expect.stringMatching(/monthly_return_pct \(priority 1\) decides, it is ahead/) as string,
    });
    expect(ask('ahead', { riskScale: 1.2 }, { standings })).toMatchObject(step('decrease_risk', 1.2, 1.1));
    expect(ask('behind', {}, { standings: two('on_track', 'behind'), goalId: 2 })).toMatchObject(
      step('increase_risk', 1, 1.1),
    );
    expect(ask('behind', {}, { standings: two('on_track', 'behind') })).toMatchObject(none);
  });

  it('do not wait for one that nobody has looked at', () => {
    expect(ask('behind', {}, { standings: two(null, 'behind'), goalId: 2 })).toMatchObject(
      step('increase_risk', 1, 1.1),
    );
    expect(ask('on_track', { riskScale: 0.5 }, { standings: two(null, 'on_track'), goalId: 2 })).toMatchObject(
      step('increase_risk', 0.5, 0.6),
    );
  });

  it('lower risk where any of them has passed its drawdown limit, the highest of those first', () => {
    const standings = two('behind', 'on_track', { maxDrawdown: 0.05 });
    const over = { standings, drawdown: 0.06 };
    expect(ask('behind', {}, over)).toMatchObject({
      ...none,
      reason: expect.stringMatching(/withheld: monthly_profit_usd \(priority 2\) lowers risk/) as string,
    });
    expect(ask('on_track', {}, { ...over, goalId: 2 })).toMatchObject(step('decrease_risk', 1, 0.9));
    const both = { standings, drawdown: 0.2 };
    expect(ask('behind', { adjustedAt: now - hour }, both)).toMatchObject(step('decrease_risk', 1, 0.9));
    expect(ask('on_track', { adjustedAt: now - hour }, { ...both, goalId: 2 })).toMatchObject(none);
    // Nobody looks at the first one: the next lowers in its place.
    const alone = { standings: two(null, 'on_track'), drawdown: 0.2, goalId: 2 };
    expect(ask('on_track', { adjustedAt: now - hour }, alone)).toMatchObject(step('decrease_risk', 1, 0.9));
  });

  it('raise nothing from half of the strictest drawdown limit on', () => {
    const standings = two('behind', 'on_track', { maxDrawdown: 0.05 });
    expect(ask('behind', {}, { standings, drawdown: 0.03 })).toMatchObject({
      ...none,
      reason: expect.stringMatching(/monthly_profit_usd allows/) as string,
    });
    expect(
      toleranceOf([goalOf(), goalOf({ riskTolerance: 0.01 }), goalOf({ riskTolerance: 0.001, adjusts: false })], now),
    ).toBe(0.01);
  });
});

it.each([
  [{ floor: 0 }, /bounds.floor is 0/],
  [{ floor: 1.1 }, /bounds.floor/],
  [{ ceiling: 0.9 }, /bounds.ceiling/],
  [{ ceiling: Number.NaN }, /bounds.ceiling/],
  [{ step: 0 }, /bounds.step/],
  [{ strategies: 0 }, /bounds.strategies is 0/],
  [{ strategies: 30, strategiesCeiling: 29 }, /bounds.strategiesCeiling is 29/],
])('bounds of %o are refused', (given, message) => {
  expect(() => boundsOf(given)).toThrow(message);
});
