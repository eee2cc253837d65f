import { expect, test } from 'vitest';
import type { Candle } from '../../../src/domain/market/candle.ts';
import { checkCandles } from '../../../src/domain/market/candle-checks.ts';
import { candlesToColumns, emptyColumns, lastColumns, shareColumns } from '../../../src/domain/market/columns.ts';

const candle = (minute: number, change: Partial<Candle> = {}): Candle => ({
  time: Date.UTC(2024, 0, 1, 0, minute),
  open: '10',
  high: '12',
  low: '9',
  close: '11',
  volume: '0',
  ...change,
});

test('accepts candles on the grid, with gaps', () => {
  expect(() => checkCandles([candle(0), candle(1), candle(5)], '1m', 'here')).not.toThrow();
  expect(() => checkCandles([], '1m', 'here')).not.toThrow();
});

test.each([
  ['NaN', { open: 'NaN' }, 'candle 2, open'],
  ['no number', { volume: '' }, 'candle 2, volume: found nothing'],
  ['a negative price', { low: '-1' }, 'candle 2, low: found -1'],
  ['a price of zero', { low: '0' }, 'candle 2, low: found 0'],
  ['high < low', { high: '8', open: '8', close: '8' }, 'candle 2, high: found 8'],
  ['an open outside', { open: '20' }, 'candle 2, open: found 20'],
  ['a duplicate time', { time: candle(0).time }, 'candle 2, timestamp'],
  ['an earlier time', { time: candle(0).time - 60_000 }, 'candle 2, timestamp'],
  ['a time off the grid', { time: candle(1).time + 1 }, 'candle 2, timestamp'],
  ['a time that is no number', { time: Number.NaN }, 'candle 2, timestamp: found NaN'],
])('refuses %s by row and column', (_what, change, message) => {
  expect(() => checkCandles([candle(0), candle(1, change)], '1m', 'here')).toThrow(
    expect.objectContaining({ name: 'BadCandleFile', message: expect.stringContaining(`here: ${message}`) }),
  );
});

test('columns are cut without copying, and shared once', () => {
  const columns = candlesToColumns([candle(0), candle(1), candle(2)]);
  expect([...lastColumns(columns, 2).time]).toEqual([candle(1).time, candle(2).time]);
  expect(lastColumns(columns, 2).close.buffer).toBe(columns.close.buffer);
  const shared = shareColumns(columns);
  expect(shared.close.buffer).toBeInstanceOf(SharedArrayBuffer);
  expect(shareColumns(shared)).toBe(shared);
  expect([...shared.high]).toEqual([12, 12, 12]);
  expect(emptyColumns(0)).toMatchObject({ length: 0 });
});
