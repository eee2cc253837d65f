import asciichart from 'asciichart';
import { formatNumber } from './format.ts';

const chartWidth = 64;
const chartHeight = 9;

/**
 * A small picture of a line of any length: the last value of each run of equally many. `beneath` is another line of as many values, drawn in dots
 * on the same scale.
 */
export const asciiChart = (values: Float64Array, beneath?: Float64Array): string => {
  const lines = [values, ...(beneath === undefined ? [] : [beneath])].map((line) => lastOfEach(line, chartWidth));
  const all = lines.flat();
  const format = (value: number): string => formatNumber(value, 0, Math.abs(value) < 100 ? 2 : 0);
  const width = Math.max(...all.map((value) => format(value).length));
  const options = {
    height: chartHeight,
    format: (value: number) => format(value).padStart(width),
    min: Math.min(...all),
    max: Math.max(...all),
  };
  const [front, back] = lines.map((line, index) =>
    asciichart.plot(line, { ...options, ...(index > 0 && { symbols: dots }) }).split('\n'),
  );
  return front!.map((row, index) => (back === undefined ? row : overlaid(row, back[index]!))).join('\n');
};

const dots = ['┼', '┤', ...Array.from({ length: 8 }, () => '·')];

const overlaid = (front: string, back: string): string =>
  front
    .split('')
    .map((character, at) => (character === ' ' ? back[at] : character))
    .join('');

/** The last value of each of at most `count` runs of equally many bars. */
const lastOfEach = (values: Float64Array, count: number): readonly number[] => {
  const runs = Math.min(count, values.length);
  return Array.from({ length: runs }, (_, run) => values[Math.floor(((run + 1) * values.length) / runs) - 1]!);
};
