import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import type { CandleColumns } from '../../src/domain/market/candle.ts';
import { emptyColumns } from '../../src/domain/market/columns.ts';

/**
 * A seeded walk of minutes on a price grid of 0.25: sums of such prices are exact in float64, so that loops which add them up see
 * the same ties between averages as the engine, which adds ticks.
 */
export const randomWalk = (length: number, seed = 42): CandleColumns => {
  const columns = emptyColumns(length);
  let state = seed;
  const random = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  let ticks = 160_000;
  for (let i = 0; i < length; i += 1) {
    const open = ticks;
    ticks = Math.max(4_000, ticks + Math.round((random() - 0.5) * 160));
    columns.time[i] = Date.UTC(2023, 0, 1) + i * 60_000;
    columns.open[i] = open / 4;
    columns.high[i] = (Math.max(open, ticks) + Math.floor(random() * 20)) / 4;
    columns.low[i] = (Math.min(open, ticks) - Math.floor(random() * 20)) / 4;
    columns.close[i] = ticks / 4;
    columns.volume[i] = Math.floor(random() * 100_000) / 1_000;
  }
  return columns;
};

/** The same candles in other memory: nothing that was worked out of the first is known of them. */
export const copyColumns = (columns: CandleColumns): CandleColumns => ({
  length: columns.length,
  time: columns.time.slice(),
  open: columns.open.slice(),
  high: columns.high.slice(),
  low: columns.low.slice(),
  close: columns.close.slice(),
  volume: columns.volume.slice(),
});

/** Writes candles as `mastertrade backtest` reads them: ISO times, prices with two decimals, volumes with three. */
export const writeCandleCsv = async (path: string, columns: CandleColumns): Promise<void> => {
  const file = createWriteStream(path);
  file.write('timestamp,open,high,low,close,volume\n');
  for (let from = 0; from < columns.length; from += 10_000) {
    let text = '';
    for (let i = from; i < Math.min(from + 10_000, columns.length); i += 1) {
      const prices = [columns.open[i]!, columns.high[i]!, columns.low[i]!, columns.close[i]!];
      text += `${new Date(columns.time[i]!).toISOString()},${prices.map((price) => price.toFixed(2)).join(',')},`;
      text += `${columns.volume[i]!.toFixed(3)}\n`;
    }
    if (!file.write(text)) await once(file, 'drain');
  }
  file.end();
  await once(file, 'close');
};
