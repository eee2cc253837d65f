import asciichart from 'asciichart';
import { table } from '../output.ts';
import { formatCount, formatPeriod, formatNumber } from './format.ts';
import type { Report } from './report.ts';

const chartWidth = 64;
const chartHeight = 9;

/** The report in a terminal: metrics beside buy and hold, the gate, and a small curve of the equity. */
export const reportText = ({ source, metrics, gate }: Report): string => {
  const { definition, result, columns, notes } = source;
  const period = formatPeriod(result.start_date, result.end_date);
  return [
    `${definition.name} on ${definition.symbol} ${definition.interval}, ${period}, ${formatCount(columns.length)} bars`,
    table(
      metrics.map((row) => ({ ...row, buyAndHold: row.buyAndHold ?? '' })),
      { metric: 'metric', strategy: 'strategy', 'buy and hold': 'buyAndHold' },
    ),
    `Gate ${gate.gate}, policy ${gate.policy}: ${gate.pass ? 'passed' : 'not passed'}`,
    table(
      gate.criteria.map((criterion) => ({ ...criterion, pass: criterion.pass ? 'yes' : 'no' })),
      { criterion: 'name', required: 'required', actual: 'actual', met: 'pass' },
    ),
    'Equity',
    equityChart(source.equity),
    ...notes,
  ].join('\n');
};

const equityChart = (equity: Float64Array): string => {
  const points = lastOfEach(equity, chartWidth);
  const format = (value: number): string => formatNumber(value, 0, Math.abs(value) < 100 ? 2 : 0);
  const width = Math.max(...points.map((value) => format(value).length));
  return asciichart.plot(points, { height: chartHeight, format: (value) => format(value).padStart(width) });
};

/** The last value of each of at most `count` runs of equally many bars. */
const lastOfEach = (values: Float64Array, count: number): readonly number[] => {
  const runs = Math.min(count, values.length);
  return Array.from({ length: runs }, (_, run) => values[Math.floor(((run + 1) * values.length) / runs) - 1]!);
};
