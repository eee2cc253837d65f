import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defaultBounds } from '../../../src/domain/goals/bounds.ts';
import type { Goal } from '../../../src/domain/goals/goal.ts';
import { simulateGoal } from '../../../src/domain/goals/simulate.ts';
import type { IndexPoint } from '../../../src/domain/portfolio/index-series.ts';
import { goalOf } from './goal-desk.ts';

const hourMs = 3_600_000;
/** June has 30 days, 720 hours. */
const june = Date.UTC(2026, 5, 1);
const capital = 10_000;
const monthlyReturn = goalOf({ status: 'paused', startedAt: 0 });

/** One point an hour from the first of June, by hours since then. */
const hourly = (hours: number, indexAt: (hour: number) => number): IndexPoint[] =>
  Array.from({ length: hours + 1 }, (_, hour) => ({ at: june + hour * hourMs, index: indexAt(hour) }));

const simulate = (points: readonly IndexPoint[], goal: Partial<Goal> = {}) => {
  const simulation = simulateGoal({ goal: { ...monthlyReturn, ...goal }, bounds: defaultBounds, points, capital });
  if (!simulation) throw new TypeError('nothing was simulated');
  return simulation;
};
const steps = ({ adjustments }: ReturnType<typeof simulate>) =>
  adjustments.map(({ at, from, to }) => [(at - june) / hourMs, from, to]);

describe('a goal over a history', () => {
  // 10 % of the month are 10/720 % an hour; the band is 1 %, and it is left a quarter of it further out: a flat curve is
  // behind after 90 hours.
  it('raises risk once a day while it is behind, multiplies the gain that comes then, and takes it back while it is ahead', () => {
    const simulation = simulate(hourly(320, (hour) => (hour < 190 ? 1 : 1.2)));
    expect(steps(simulation)).toEqual([
      [91, 1, 1.1],
      [115, 1.1, 1.2],
      [139, 1.2, 1.3],
      [163, 1.3, 1.4],
      [187, 1.4, 1.5],
      [211, 1.5, 1.4],
      [235, 1.4, 1.3],
      [259, 1.3, 1.2],
      [283, 1.2, 1.1],
      [307, 1.1, 1],
    ]);
    expect(simulation).toMatchObject({ looks: 321, onTrack: 91, behind: 99, ahead: 131, finalScale: 1 });
    expect(simulation.without.final).toBeCloseTo(12_000, 6);
    // 1.5 was in force when 20 % came.
    expect(simulation.withLoop.final).toBeCloseTo(13_000, 6);
    expect(simulation.withLoop.maxDrawdownPct).toBe(0);
    expect(simulation.adjustments[0]?.reason).toContain('behind: 0.00 % where 1.26 % was expected by now');
  });

  it('begins each UTC month anew: what was reached before does not count', () => {
    const { months } = simulate(hourly(720 + 24, (hour) => (hour < 120 ? 1 : 1.05)));
    expect(months.map(({ month, status }) => [month, status])).toEqual([
      ['2026-06', 'behind'],
      ['2026-07', 'on_track'],
    ]);
    // At scale 1.2 since the 115th hour.
    expect(months[0]?.reached).toBeCloseTo(6, 9);
    expect(months[0]?.expected).toBeCloseTo((10 * 719) / 720, 9);
    expect(months[1]?.reached).toBeCloseTo(0, 9);
  });

  it('lowers risk hour by hour from a drawdown beyond its limit on, to the floor and no further', () => {
    const simulation = simulate(hourly(20, (hour) => (hour < 2 ? 1 : 0.8)));
    expect(steps(simulation).map(([hour, , to]) => [hour, to])).toEqual([
      [2, 0.9],
      [3, 0.8],
      [4, 0.7],
      [5, 0.6],
      [6, 0.5],
      [7, 0.4],
      [8, 0.3],
      [9, 0.25],
    ]);
    expect(simulation.withLoop.maxDrawdownPct).toBeCloseTo(20, 9);
  });

  it('ends where a portfolio reaches its target: from then on every stake is its own again', () => {
    const curve = hourly(24, (hour) => [1, 0.8, 0.8, 1.2][hour] ?? 1.5);
    const simulation = simulate(curve, { type: 'portfolio_target_usd', target: 11_000 });
    // 10 000, less 20 %, then 0.8 of the 50 % to 1.2: 11 200; then all of the 25 % to 1.5.
    expect(steps(simulation)).toEqual([
      [1, 1, 0.9],
      [2, 0.9, 0.8],
    ]);
    expect(simulation).toMatchObject({ achievedAt: june + 3 * hourMs, finalScale: 1 });
    expect(simulation.onTrack + simulation.ahead + simulation.behind).toBe(4);
    expect(simulation.withLoop.final).toBeCloseTo(14_000, 6);
    expect(simulation.without.final).toBeCloseTo(15_000, 6);
  });

  it('changes nothing where a goal is only watched', () => {
    const simulation = simulate(
      hourly(400, (hour) => 1 + Math.sin(hour / 9) / 9),
      { adjusts: false },
    );
    expect(simulation.adjustments).toEqual([]);
    expect(simulation.withLoop).toEqual(simulation.without);
  });

  it('counts what came before the first full hour', () => {
    const points = [
      { at: june + hourMs / 2, index: 1 },
      { at: june + hourMs - 1, index: 1.1 },
      { at: june + 2 * hourMs, index: 1.2 },
    ];
    const { from, looks, without } = simulate(points);
    expect([from, looks]).toEqual([june + hourMs, 2]);
    expect(without.final).toBeCloseTo(12_000, 6);
  });

  it('is nothing without a full hour', () => {
    expect(simulateGoal({ goal: monthlyReturn, bounds: defaultBounds, points: [], capital })).toBeNull();
    const within = [
      { at: june + 1, index: 1 },
      { at: june + 2, index: 2 },
    ];
    expect(simulateGoal({ goal: monthlyReturn, bounds: defaultBounds, points: within, capital })).toBeNull();
  });

  const returns = fc.array(fc.double({ min: -0.05, max: 0.05, noNaN: true }), { minLength: 2, maxLength: 300 });
  const curve = (changes: readonly number[]): IndexPoint[] => {
    let index = 1;
    return changes.map((change, hour) => ({ at: june + hour * hourMs, index: (index *= 1 + change) }));
  };

  it('sees nothing of what comes after: cut short, it has done the same until then', () => {
    fc.assert(
      fc.property(returns, fc.double({ min: 0.1, max: 1, noNaN: true }), (changes, share) => {
        const points = curve(changes);
        const cut = points.slice(0, Math.max(1, Math.floor(points.length * share)));
        const until = cut.at(-1)?.at ?? 0;
        const whole = simulate(points).adjustments.filter(({ at }) => at <= until);
        expect(simulate(cut).adjustments).toEqual(whole);
      }),
    );
  });

  it('never leaves its bounds', () => {
    fc.assert(
      fc.property(returns, (changes) => {
        for (const { to } of simulate(curve(changes)).adjustments) {
          expect(to).toBeGreaterThanOrEqual(defaultBounds.floor);
          expect(to).toBeLessThanOrEqual(defaultBounds.ceiling);
        }
      }),
    );
  });
});
