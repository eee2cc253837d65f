import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sliceColumns } from '../../../src/domain/market/columns.ts';
import { compileStrategy } from '../../../src/domain/strategy/compile.ts';
import { signal } from '../../../src/domain/strategy/conditions.ts';
import type { Condition, StrategyDefinition } from '../../../src/domain/strategy/definition.ts';
import { crossStrategies, flat, levels, walks } from '../backtest/markets.ts';

const never: Condition = { left: 1, op: '>', right: 2 };
const withEntry = (entry_conditions: Condition, parameters = {}): StrategyDefinition => ({
  ...levels(0, 0),
  parameters,
  entry_conditions,
  exit_conditions: never,
});
const entries = (condition: Condition, closes: readonly number[], parameters = {}): string =>
  compileStrategy(withEntry(condition, parameters))
    .signals({ columns: flat(closes) })
    .join('');

const close = { price: 'close' } as const;
const before = { price: 'close', offset: 1 } as const;

describe('operators', () => {
  test.each([
    ['>', '001'],
    ['>=', '011'],
    ['<', '100'],
    ['<=', '110'],
  ] as const)('close %s 2', (op, expected) => expect(entries({ left: close, op, right: 2 }, [1, 2, 3])).toBe(expected));

  test('crosses_above: at or under before, above now; never on the first bar', () => {
    expect(entries({ left: close, op: 'crosses_above', right: 2 }, [3, 1, 2, 3, 4, 2, 3])).toBe('0001001');
  });
  test('crosses_below mirrors it', () => {
    expect(entries({ left: close, op: 'crosses_below', right: 2 }, [1, 3, 2, 1, 0, 2, 1])).toBe('0001001');
  });
  test('a tie is no crossing, and averages that tie do tie', () => {
    const average = (period: number) => ({ indicator: 'SMA', period });
    const closes = [0.3, 0.1, 0.2, 0.3, 0.1, 0.2, 0.3, 0.1, 0.2];
    expect(entries({ left: average(3), op: 'crosses_above', right: average(6) }, closes)).toBe('000000000');
  });
});

describe('undefined operands', () => {
  const rising: Condition = { left: close, op: '>', right: before };
  test('make a comparison false, also under not', () => {
    expect(entries(rising, [1, 2, 1])).toBe('010');
    expect(entries({ not: rising }, [1, 2, 1])).toBe('001');
  });
  test('do not stand in the way of what is decided without them', () => {
    const always: Condition = { left: 2, op: '>', right: 1 };
    expect(entries({ any: [rising, always] }, [1, 2, 1])).toBe('111');
    expect(entries({ not: { all: [rising, never] } }, [1, 2, 1])).toBe('111');
  });
});

test('groups nest', () => {
  const over = (right: number): Condition => ({ left: close, op: '>', right });
  const condition: Condition = { all: [over(1), { not: { any: [over(4), { left: close, op: '<', right: 3 }] } }] };
  expect(entries(condition, [1, 2, 3, 4, 5])).toBe('00110');
});

test('params and outputs are resolved', () => {
  const band = { indicator: 'DONCHIAN', period: { param: 'n' }, output: 'upper', offset: 1 };
  expect(entries({ left: close, op: '>', right: band }, [1, 2, 3, 2, 4], { n: 2 })).toBe('00101');
});

test('indicators in use are listed once, by their stored names', () => {
  const { indicators } = compileStrategy({
    ...levels(0, 0),
    entry_conditions: { left: { indicator: 'RSI' }, op: '<', right: 30 },
    exit_conditions: { left: { indicator: 'RSI', period: 14 }, op: '>', right: { indicator: 'MACD' } },
  });
  expect(indicators.map(({ key }) => key)).toEqual(['RSI_14', 'MACD_12_26_9']);
});

test('a parameter replaced by one that does not fit is refused', () => {
  const definition = withEntry({ left: close, op: '>', right: { indicator: 'SMA', period: { param: 'n' } } }, { n: 0 });
  expect(() => compileStrategy(definition)).toThrow(
    expect.objectContaining({ name: 'BadStrategy', message: expect.stringContaining('parameters.n: found 0') }),
  );
});

describe('the last bar alone', () => {
  const agree = (definition: StrategyDefinition, columns: Parameters<typeof sliceColumns>[0], most: number): void => {
    const compiled = compileStrategy(definition);
    const signals = compiled.signals({ columns });
    for (let length = 1; length <= columns.length; length += 1) {
      const from = Math.max(0, length - most);
      const last = compiled.evaluateLast({ columns: sliceColumns(columns, from, length) });
      expect(last, `bar ${length - 1}`).toEqual({
        entry: (signals[length - 1]! & signal.entry) !== 0,
        exit: (signals[length - 1]! & signal.exit) !== 0,
      });
    }
  };

  test('agrees with the whole series at every bar', () => {
    fc.assert(
      fc.property(crossStrategies, walks(120), (definition, columns) => agree(definition, columns, Infinity)),
      { numRuns: 40 },
    );
  });

  test('needs no more than its lookback: averages of windows agree from it exactly', () => {
    const windows = crossStrategies.filter(({ entry_conditions }) => !JSON.stringify(entry_conditions).includes('EMA'));
    fc.assert(
      fc.property(windows, walks(120), (definition, columns) => {
        const { lookback, warmup } = compileStrategy(definition);
        expect(lookback).toBe(warmup + 1);
        agree(definition, columns, lookback);
      }),
      { numRuns: 40 },
    );
  });

  test('a recursive average has forgotten what is beyond the lookback', () => {
    const definition = withEntry({ left: close, op: '>', right: { indicator: 'EMA', period: 5 } });
    const { lookback } = compileStrategy(definition);
    expect(lookback).toBeGreaterThan(90);
    expect(lookback).toBeLessThan(120);
    fc.assert(
      fc.property(walks(300), (columns) => agree(definition, columns, lookback)),
      { numRuns: 20 },
    );
  });
});

test('a pair of averages that cross and cross back is read in one pass, with the signals of the conditions one by one', () => {
  fc.assert(
    fc.property(crossStrategies, walks(60, 2), (definition, columns) => {
      const oneByOne = { ...definition, exit_conditions: { any: [definition.exit_conditions, never] } };
      const signals = compileStrategy(definition).signals({ columns });
      expect([...signals]).toEqual([...compileStrategy(oneByOne).signals({ columns })]);
    }),
  );
});
