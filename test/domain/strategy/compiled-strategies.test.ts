import { expect, test } from 'vitest';
import { createCompiler } from '../../../src/domain/strategy/compiled-strategies.ts';
import { levels } from '../backtest/markets.ts';

const strategy = (strategyId: string, version = 1) => ({ strategyId, version, definition: levels(version, 0) });

test('a version of a strategy is compiled once, another version anew', () => {
  const compile = createCompiler();
  expect(compile(strategy('a'))).toBe(compile(strategy('a')));
  expect(compile(strategy('a', 2))).not.toBe(compile(strategy('a')));
  expect(compile(strategy('a', 2)).definition).toEqual(levels(2, 0));
});

test('of more than are kept, the one asked for longest ago is forgotten', () => {
  const compile = createCompiler(2);
  const [a, b] = [compile(strategy('a')), compile(strategy('b'))];
  expect(compile(strategy('a'))).toBe(a);
  compile(strategy('c'));
  expect(compile(strategy('a'))).toBe(a);
  expect(compile(strategy('b'))).not.toBe(b);
});
