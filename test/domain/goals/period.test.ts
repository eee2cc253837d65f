import { expect, it } from 'vitest';
import { hasPassed, hourOf, monthName, monthOf, periodOf, yearAfter } from '../../../src/domain/goals/period.ts';
import { goalOf } from './goal-desk.ts';

it.each([
  ['2026-01-01T00:00:00.000Z', '2026-01-01', '2026-02-01'],
  ['2026-01-31T23:59:59.999Z', '2026-01-01', '2026-02-01'],
  ['2026-02-28T23:59:59.999Z', '2026-02-01', '2026-03-01'],
  ['2028-02-29T23:59:59.999Z', '2028-02-01', '2028-03-01'],
  ['2026-12-31T23:59:59.999Z', '2026-12-01', '2027-01-01'],
])('%s is in the month from %s to before %s', (at, from, to) => {
  expect(monthOf(Date.parse(at))).toEqual({ from: Date.parse(from), to: Date.parse(to) });
  expect(monthName(Date.parse(at))).toBe(from.slice(0, 7));
});

it('an hour begins on the hour, also before 1970', () => {
  expect(hourOf(Date.UTC(2026, 5, 1, 7, 59, 59, 999))).toBe(Date.UTC(2026, 5, 1, 7));
  expect(hourOf(-1)).toBe(-3_600_000);
});

it('a portfolio target has a year from its start where no date is set, across a leap day, too', () => {
  const startedAt = Date.UTC(2027, 5, 1, 12);
  const goal = goalOf({ type: 'portfolio_target_usd', startedAt });
  expect(periodOf(goal, 0)).toEqual({ from: startedAt, to: Date.UTC(2028, 5, 1, 12) });
  expect(yearAfter(Date.UTC(2028, 1, 29))).toBe(Date.UTC(2029, 2, 1));
  const targetDate = Date.UTC(2027, 11, 24);
  expect(periodOf({ ...goal, targetDate }, 0).to).toBe(targetDate);
  expect(hasPassed({ ...goal, targetDate }, targetDate - 1)).toBe(false);
  expect(hasPassed({ ...goal, targetDate }, targetDate)).toBe(true);
  expect(hasPassed(goalOf(), Date.UTC(2099, 0, 1))).toBe(false);
});
