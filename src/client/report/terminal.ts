import { table } from '../output.ts';
import { asciiChart } from './ascii-chart.ts';
import { formatCount, formatPeriod } from './format.ts';
import type { Report } from './report.ts';

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
    asciiChart(source.equity),
    ...notes,
  ].join('\n');
};
