import { expect, test } from 'vitest';
import { indicatorOf } from '../../../src/domain/indicators/registry.ts';
import type { CandleColumns } from '../../../src/domain/market/candle.ts';
import reference from './talib-values.json' with { type: 'json' };

const { columns: given, step } = reference;
const length = given.close.length;
const columns: CandleColumns = {
  length,
  time: Float64Array.from({ length }, (_, i) => i * 60_000),
  open: Float64Array.from(given.open),
  high: Float64Array.from(given.high),
  low: Float64Array.from(given.low),
  close: Float64Array.from(given.close),
  volume: Float64Array.from(given.volume),
};

interface Sampled {
  readonly first: number;
  readonly values: readonly number[];
}

for (const { indicator: name, parameters, outputs } of reference.expected) {
  test(`${name} gives TA-Lib's values from the same bar on`, () => {
    const indicator = indicatorOf(name);
    const values = Object.fromEntries(Object.entries(parameters)) as Record<string, number>;
    const computed = indicator.compute(columns, values, indicator.source ?? 'close');
    const firsts = Object.entries(outputs as Record<string, Sampled>).map(([output, { first, values: expected }]) => {
      const series = computed[output]!;
      expect(series.slice(0, first).every(Number.isNaN), `${output} is undefined before bar ${first}`).toBe(true);
      expected.forEach((value, i) => {
        const bar = first + i * step;
        const scale = Math.max(1, Math.abs(value));
        expect(Math.abs(series[bar]! - value) / scale, `${output} at bar ${bar}: ${series[bar]}`).toBeLessThan(1e-10);
      });
      return first;
    });
    expect(indicator.warmup(values)).toBe(Math.max(...firsts));
  });
}
