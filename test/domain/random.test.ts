import { expect, test } from 'vitest';
import { createRandom } from '../../src/domain/random.ts';

const draw = (seed: number, count: number): number[] => {
  const random = createRandom(seed);
  return Array.from({ length: count }, () => random.fraction());
};

test('a seed fixes the numbers, another seed gives others', () => {
  expect(draw(7, 50)).toEqual(draw(7, 50));
  expect(draw(7, 50)).not.toEqual(draw(8, 50));
  expect(draw(2 ** 32 + 7, 50)).not.toEqual(draw(7, 50));
});

test('the first numbers of seed 1 stay what they are: stored results depend on them', () => {
  expect(draw(1, 3)).toMatchInlineSnapshot(`
    [
      0.4143997614965732,
      0.3868573653355908,
      0.967716195918118,
    ]
  `);
});

test('fractions spread evenly over 0 to 1', () => {
  const counts = Array.from({ length: 10 }, () => 0);
  for (const value of draw(42, 100_000)) counts[Math.floor(value * 10)]! += 1;
  // Chi-squared with 9 degrees of freedom: 27.9 is passed once in a thousand seeds.
  expect(counts.reduce((total, count) => total + (count - 10_000) ** 2 / 10_000, 0)).toBeLessThan(27.9);
});

test('whole numbers stay below their count and reach both ends', () => {
  const random = createRandom(3);
  const drawn = new Set(Array.from({ length: 1_000 }, () => random.below(6)));
  expect([...drawn].toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5]);
});
