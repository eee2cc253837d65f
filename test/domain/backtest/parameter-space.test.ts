import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  combinationAt,
  parameterSpace,
  sampledSpace,
  wholeSpace,
} from '../../../src/domain/backtest/parameter-space.ts';

const known = { fast: 10, slow: 50, level: 30 };
const allOf = (grid: unknown) => {
  const space = parameterSpace(grid, known);
  return [...wholeSpace(space)].map((place) => combinationAt(space, place, known));
};

describe('a grid', () => {
  test('gives every combination, the last parameter first, what it leaves out as the strategy has it', () => {
    expect(allOf({ fast: [5, 10], slow: [50, 100] })).toEqual([
      { fast: 5, slow: 50, level: 30 },
      { fast: 5, slow: 100, level: 30 },
      { fast: 10, slow: 50, level: 30 },
      { fast: 10, slow: 100, level: 30 },
    ]);
  });

  test('keeps a list in its order', () => {
    expect(allOf({ fast: [20, 5] }).map(({ fast }) => fast)).toEqual([20, 5]);
  });

  test('reads ranges up to their end, in exact decimals', () => {
    expect(parameterSpace({ fast: { from: 5, to: 20, step: 5 } }, known).values).toEqual([[5, 10, 15, 20]]);
    expect(parameterSpace({ fast: { from: 5, to: 19, step: 5 } }, known).values).toEqual([[5, 10, 15]]);
    expect(parameterSpace({ level: { from: 0.1, to: 0.7, step: 0.1 } }, known).values).toEqual([
      [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7],
    ]);
    expect(parameterSpace({ level: { from: -1, to: 1 } }, known).values).toEqual([[-1, 0, 1]]);
    expect(parameterSpace({ level: { from: 3, to: 3 } }, known).values).toEqual([[3]]);
  });

  test('takes parameters that are named as what every object has', () => {
    const odd = JSON.parse('{"constructor":1,"__proto__":2}') as Record<string, number>;
    const space = parameterSpace(JSON.parse('{"__proto__":[7]}'), odd);
    expect(JSON.stringify(combinationAt(space, 0, odd))).toBe('{"constructor":1,"__proto__":7}');
  });
});

describe('a grid is refused by name', () => {
  test.each<[string, unknown, string]>([
    [
      'a parameter that the strategy does not have',
      { quick: [1] },
      'the grid: found "quick", allowed: one of fast, slow, level',
    ],
    ['no parameter', {}, 'the grid: found {}, allowed: at least one of fast, slow, level'],
    ['a list', [1], 'the grid: found [1], allowed: an object such as'],
    ['nothing', null, 'the grid: found null'],
    ['an empty list', { fast: [] }, 'fast: found [], allowed: at least one number'],
    ['a text for a number', { fast: [5, '10'] }, 'fast[1]: found "10", allowed: a number'],
    ['a number alone', { fast: 5 }, 'fast: found 5, allowed: a list of numbers or {"from","to","step"}'],
    ['a number twice', { fast: [5, 5] }, 'fast[1]: found 5, allowed: each number once'],
    ['a range without an end', { fast: { from: 5 } }, 'fast.to: found nothing, allowed: a number from 5 on'],
    ['a range without a start', { fast: { to: 5 } }, 'fast.from: found nothing'],
    [
      'a range that ends before it starts',
      { fast: { from: 5, to: 4 } },
      'fast.to: found 4, allowed: a number from 5 on',
    ],
    ['a step of zero', { fast: { from: 5, to: 9, step: 0 } }, 'fast.step: found 0, allowed: a number above 0'],
    [
      'a field of another name',
      { fast: { from: 5, to: 9, by: 1 } },
      'fast: found "by", allowed: only from, to and step',
    ],
    [
      'a step too fine',
      { level: { from: 0, to: 1, step: 1e-9 } },
      'level: found "1000000001 values", allowed: at most 100000',
    ],
  ])('%s', (_what, grid, message) => {
    expect(() => parameterSpace(grid, known)).toThrow(
      expect.objectContaining({ name: 'BadInput', message: expect.stringContaining(message) }),
    );
  });

  test('with more combinations than can be counted', () => {
    const names = ['a', 'b', 'c', 'd', 'e', 'f'];
    const many = Object.fromEntries(names.map((name) => [name, { from: 1, to: 1_000 }]));
    const six = Object.fromEntries(names.map((name) => [name, 1]));
    expect(() => parameterSpace(many, six)).toThrow('fewer than 2^53');
  });

  test('of a strategy without parameters', () => {
    expect(() => parameterSpace({ fast: [1] }, {})).toThrow('allowed: no parameter: the strategy has none');
  });

  test('with more combinations than a sweep runs, but not where some are drawn', () => {
    const space = parameterSpace({ fast: { from: 1, to: 2_000 }, slow: { from: 1, to: 2_000 } }, known);
    expect(() => wholeSpace(space)).toThrow(
      expect.objectContaining({ name: 'BadInput', message: 'the grid has 4000000 combinations, more than 1000000' }),
    );
    expect(sampledSpace(space, 5, 1)).toHaveLength(5);
  });
});

describe('a random search', () => {
  const space = parameterSpace({ fast: { from: 1, to: 40 }, slow: [50, 60, 70] }, known);

  test('draws different combinations of the space, in its order, by the seed alone', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 120 }), fc.maxSafeNat(), (count, seed) => {
        const places = sampledSpace(space, count, seed);
        expect(new Set(places).size).toBe(count);
        expect([...places]).toEqual([...places].toSorted((a, b) => a - b));
        expect(places.every((place) => Number.isInteger(place) && place >= 0 && place < space.size)).toBe(true);
        expect(sampledSpace(space, count, seed)).toEqual(places);
      }),
    );
  });

  test('draws others by another seed', () => {
    expect(sampledSpace(space, 20, 1)).not.toEqual(sampledSpace(space, 20, 2));
  });

  test('draws every combination as often as another', () => {
    const times = new Map<number, number>();
    const draws = 3_000;
    for (let seed = 0; seed < draws; seed += 1) {
      for (const place of sampledSpace(space, 12, seed)) times.set(place, (times.get(place) ?? 0) + 1);
    }
    // Each of the 120 is drawn with a chance of 1/10: 300 ± 16.4; five of them is passed once in 15,000 tests.
    for (let place = 0; place < space.size; place += 1)
      expect(Math.abs((times.get(place) ?? 0) - 300)).toBeLessThan(82);
  });

  test.each([0, 121, 1.5, Number.NaN])('refuses %s combinations of 120', (count) => {
    expect(() => sampledSpace(space, count, 1)).toThrow(
      expect.objectContaining({ name: 'BadInput', next: 'ask for a whole number from 1 to 120' }),
    );
  });
});
