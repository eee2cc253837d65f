import { readFileSync } from 'node:fs';
import { plainLoop } from './plain-loop.ts';

/** Reads a CSV of candles as a short script would, and runs the plain loop over it. Run: node plain-start.ts CANDLES */
const lines = readFileSync(String(process.argv[2]), 'utf8').trimEnd().split('\n').slice(1);
const column = (): Float64Array => new Float64Array(lines.length);
const columns = { length: lines.length, open: column(), high: column(), low: column(), close: column() };
lines.forEach((line, row) => {
  const cells = line.split(',');
  columns.open[row] = Number(cells[1]);
  columns.high[row] = Number(cells[2]);
  columns.low[row] = Number(cells[3]);
  columns.close[row] = Number(cells[4]);
});
const finalEquity = plainLoop(columns);
process.stdout.write(`${JSON.stringify({ finalEquity, peakMib: process.resourceUsage().maxRSS / 2 ** 10 })}\n`);
