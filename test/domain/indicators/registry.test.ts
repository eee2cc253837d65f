import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  completeParameters,
  indicatorName,
  indicatorNames,
  indicatorOf,
} from '../../../src/domain/indicators/registry.ts';
import { sliceColumns } from '../../../src/domain/market/columns.ts';
import { walks } from '../backtest/markets.ts';

test('holds every indicator that a strategy may name', () => {
  const promised =
    'SMA EMA WMA RSI MACD BBANDS ATR ADX STOCH STOCHRSI CCI MFI OBV VWAP ROC WILLR DONCHIAN KELTNER SUPERTREND PSAR ICHIMOKU HIGHEST LOWEST STDDEV VOLUME_SMA';
  expect(indicatorNames.toSorted()).toEqual(promised.split(' ').toSorted());
});

test.each([
  ['SMA', { period: 20 }, 'SMA_20'],
  ['MACD', {}, 'MACD_12_26_9'],
  ['BBANDS', { deviations: 2.5 }, 'BBANDS_20_2.5'],
  ['OBV', {}, 'OBV'],
])('names %s with its parameters', (name, parameters, expected) => {
  expect(indicatorName(name, parameters)).toBe(expected);
});

test.each(['NOPE', 'sma', 'toString', '__proto__'])('refuses %s, listing what exists', (name) => {
  expect(() => indicatorOf(name)).toThrow(
    expect.objectContaining({ name: 'UnknownIndicator', next: expect.stringContaining('SMA') }),
  );
});

for (const name of indicatorNames) {
  const indicator = indicatorOf(name);
  const given = Object.fromEntries(
    indicator.parameters.map(({ name: parameter, integer }) => [parameter, integer ? 4 : 0.5]),
  );
  const parameters = completeParameters(indicator, given);

  test(`${name}: a value depends on nothing after it, and each output has one a bar`, () => {
    fc.assert(
      fc.property(walks(60), fc.nat(), (columns, cut) => {
        const length = cut % columns.length;
        const whole = indicator.compute(columns, parameters, indicator.source ?? 'close');
        const part = indicator.compute(sliceColumns(columns, 0, length), parameters, indicator.source ?? 'close');
        for (const output of indicator.outputs) {
          expect(whole[output]).toHaveLength(columns.length);
          expect([...part[output]!]).toEqual([...whole[output]!.subarray(0, length)]);
        }
      }),
      { numRuns: 30 },
    );
  });

  test(`${name}: is undefined for its warm-up and defined from then on`, () => {
    fc.assert(
      fc.property(walks(60), (columns) => {
        const outputs = indicator.compute(columns, parameters, indicator.source ?? 'close');
        const warmup = indicator.warmup(parameters);
        for (let i = 0; i < columns.length; i += 1) {
          const defined = indicator.outputs.every((output) => !Number.isNaN(outputs[output]![i]!));
          expect(defined, `bar ${i}`).toBe(i >= warmup);
        }
      }),
      { numRuns: 30 },
    );
  });
}
