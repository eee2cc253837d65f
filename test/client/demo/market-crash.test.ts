import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { parseCandleCsv } from '../../../src/adapters/files/candle-csv.ts';
import { crashAfter, demoCrash } from '../../../src/client/demo/market-crash.ts';
import { generateCandles } from '../../../src/simulator/generator.ts';

const minute = 60_000;
const generated = generateCandles({ seed: 9, interval: '1m', start: Date.UTC(2024, 0, 15), count: 300 });
const file = new URL('../../../../shared/data/BTCPERP-1m.csv', import.meta.url);

describe('a market crash after the last candle', () => {
  const crash = crashAfter(generated, '1m', { fallPct: 25, count: 120 });

  it('goes on from the last close without a hole, and every candle is one', () => {
    const last = generated.at(-1)!;
    expect(crash).toHaveLength(120);
    expect(crash.map(({ time }) => time)).toEqual(crash.map((_, i) => last.time + (i + 1) * minute));
    expect(Math.abs(Number(crash[0]?.open) / Number(last.close) - 1)).toBeLessThan(0.002);
    for (const { open, high, low, close } of crash.map((c) => ({
      open: Number(c.open),
      high: Number(c.high),
      low: Number(c.low),
      close: Number(c.close),
    }))) {
      expect(low).toBeLessThanOrEqual(Math.min(open, close));
      expect(high).toBeGreaterThanOrEqual(Math.max(open, close));
    }
    expect(crash.every(({ close }) => close.split('.')[1]?.length === 2)).toBe(true);
  });

  it('ends a quarter lower, whatever the drift of the candles it is made of', () => {
    expect(Number(crash.at(-1)?.close) / Number(generated.at(-1)?.close)).toBeCloseTo(0.75, 4);
  });

  it('takes one candle where candles are longer than an hour', () => {
    const days = generated.map((candle, day) => ({ ...candle, time: day * 24 * 60 * minute }));
    const [first, second] = crashAfter(days, '1d', { fallPct: 25, count: 20 });
    expect(Number(first?.close) / Number(days.at(-1)?.close)).toBeCloseTo(0.75, 1);
    expect(Number(second?.close) / Number(first?.close)).toBeCloseTo(1, 1);
  });

  it.skipIf(!existsSync(file))(
    'falls by a quarter at least within an hour in the demo, on real candles (../shared/data)',
    async () => {
      const { candles } = parseCandleCsv(await readFile(file, 'utf8'), 'BTCPERP-1m.csv');
      const real = crashAfter(candles, '1m', demoCrash);
      const top = Math.max(Number(candles.at(-1)?.close), ...real.slice(0, 60).map(({ high }) => Number(high)));
      const bottom = Math.min(...real.slice(0, 61).map(({ low }) => Number(low)));
      expect(1 - bottom / top).toBeGreaterThanOrEqual(0.25);
    },
  );
});
