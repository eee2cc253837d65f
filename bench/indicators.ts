import { completeParameters, indicators } from '../src/domain/indicators/registry.ts';
import type { Indicator } from '../src/domain/indicators/indicator.ts';
import type { CandleColumns } from '../src/domain/market/candle.ts';
import { copyColumns, randomWalk } from './support/walk.ts';

/**
 * Every indicator over a year of minutes, in values a second of its best round, each over columns that were never seen before; and
 * SMA(50) against a plain rolling sum, whose ties are not exact. See README.md.
 */
const bars = 525_600;
const rounds = 9;
const period = 50;

const plainSma = (values: Float64Array): Float64Array => {
  const average = new Float64Array(values.length).fill(Number.NaN);
  let total = 0;
  for (let i = 0; i < values.length; i += 1) {
    total += values[i]!;
    if (i >= period) total -= values[i - period]!;
    if (i >= period - 1) average[i] = total / period;
  }
  return average;
};

const walk = randomWalk(bars);

const fastest = (work: (columns: CandleColumns) => unknown): number => {
  let seconds = Infinity;
  for (let round = 0; round < rounds; round += 1) {
    const columns = copyColumns(walk);
    const started = performance.now();
    work(columns);
    seconds = Math.min(seconds, (performance.now() - started) / 1000);
  }
  return seconds;
};

const parametersOf = (indicator: Indicator) =>
  completeParameters(
    indicator,
    Object.fromEntries(indicator.parameters.map(({ name, fallback }) => [name, fallback ?? period])),
  );

const print = (name: string, seconds: number): void => {
  process.stdout.write(`${name.padEnd(24)} ${(bars / seconds / 1e6).toFixed(0).padStart(5)} M values/s\n`);
};

let sma = Infinity;
for (const indicator of Object.values(indicators)) {
  const parameters = parametersOf(indicator);
  const seconds = fastest((columns) => indicator.compute(columns, parameters, indicator.source ?? 'close'));
  if (indicator.name === 'SMA') sma = seconds;
  print([indicator.name, ...Object.values(parameters)].join('_'), seconds);
}
const plain = fastest(({ close }) => plainSma(close));
print('plain rolling sum', plain);
process.stdout.write(`ratio SMA / plain rolling sum ${(plain / sma).toFixed(3)}\n`);
