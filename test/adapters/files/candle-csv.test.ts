import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseCandleColumns, parseCandleCsv, readCandleCsv } from '../../../src/adapters/files/candle-csv.ts';
import { createTimestampParser, parseTimestamp } from '../../../src/adapters/files/csv-time.ts';

const header = 'timestamp,open,high,low,close,volume';
const row = (minute: number, cells = '10,12,9,11,3.50'): string =>
  `2024-01-01T00:${String(minute).padStart(2, '0')}:00.000Z,${cells}`;
const csv = (...rows: string[]): string => `${[header, ...rows].join('\n')}\n`;

const good = {
  interval: '1m',
  candles: [
    { time: Date.UTC(2024, 0, 1), open: '10', high: '12', low: '9', close: '11', volume: '3.50' },
    { time: Date.UTC(2024, 0, 1, 0, 1), open: '10', high: '12', low: '9', close: '11', volume: '3.50' },
  ],
};

test.each([
  ['plain', csv(row(0), row(1))],
  ['CRLF, a byte-order mark and no last line end', `\u{feff}${header}\r\n${row(0)}\r\n${row(1)}`],
  ['blank lines', `${header}\n\n${row(0)}\n\n${row(1)}\n\n`],
  [
    'quotes',
    csv(
      ...[row(0), row(1)].map((line) =>
        line
          .split(',')
          .map((cell) => `"${cell}"`)
          .join(','),
      ),
    ),
  ],
  ['epoch milliseconds', csv('1704067200000,10,12,9,11,3.50', '1704067260000,10,12,9,11,3.50')],
  ['another zone', csv('2024-01-01T01:00:00+01:00,10,12,9,11,3.50', '2023-12-31T19:01:00-0500,10,12,9,11,3.50')],
  ['no zone, which is UTC', csv('2024-01-01 00:00:00,10,12,9,11,3.50', '2024-01-01 00:01,10,12,9,11,3.50')],
  [
    'other columns in another order',
    `low,volume,note,close,Timestamp,high,open\n9,3.50,x,11,${row(0).slice(0, 24)},12,10\n9,3.50,,11,${row(1).slice(0, 24)},12,10\n`,
  ],
])('reads %s, with the digits of the file', (_what, text) => {
  expect(parseCandleCsv(text, 'f.csv')).toEqual(good);
});

test('the interval is the smallest gap: a missing candle is no error', () => {
  expect(parseCandleCsv(csv(row(0), row(10), row(15)), 'f.csv').interval).toBe('5m');
});

describe('refusals name the line, the column and what was found', () => {
  const bad = (cells: string): string => csv(row(0), row(1, cells));
  test.each([
    ['an empty file', '', 'found 0 candles'],
    ['a header alone', `${header}\n`, 'found 0 candles'],
    ['one candle', csv(row(0)), 'found 1 candles'],
    ['no header', `${row(0)}\n${row(1)}\n`, "line 1: the header has no column 'timestamp'"],
    ['a missing column', `timestamp,open,high,low,close\n`, "line 1: the header has no column 'volume'"],
    ['a column named twice', `${header},open\n`, "line 1: the header names twice the column 'open'"],
    ['a short row', bad('10,12,9,11'), 'line 3: found 5 columns, expected 6'],
    ['a long row', bad('10,12,9,11,3,4'), 'line 3: found 7 columns'],
    ['NaN', bad('NaN,12,9,11,3'), "line 3, open: found 'NaN', expected a number"],
    ['an infinite price', bad('10,Infinity,9,11,3'), "line 3, high: found 'Infinity'"],
    ['an overflowing price', bad('10,1e999,9,11,3'), "line 3, high: found '1e999'"],
    ['hexadecimal', bad('0x10,16,9,11,3'), "line 3, open: found '0x10'"],
    ['a blank', bad('10,12,9,,3'), 'line 3, close: found nothing'],
    ['a space', bad('10,12,9, ,3'), "line 3, close: found ' '"],
    ['text', bad('10,12,9,abc,3'), "line 3, close: found 'abc'"],
    ['a negative price', bad('10,12,-9,11,3'), 'line 3, low: found -9, expected a price above 0'],
    ['a price of zero', bad('10,12,0,11,3'), 'line 3, low: found 0'],
    ['a negative volume', bad('10,12,9,11,-3'), 'line 3, volume: found -3'],
    ['high < low', bad('10,8,9,9,3'), 'line 3, high: found 8, expected no less than the low, 9'],
    ['an open outside', bad('13,12,9,11,3'), 'line 3, open: found 13, expected between the low, 9, and the high, 12'],
    ['a close outside', bad('10,12,9,8,3'), 'line 3, close: found 8'],
    [
      'a duplicate time',
      csv(row(0), row(1), row(1)),
      'line 4, timestamp: found 2024-01-01T00:01:00.000Z, expected each time once',
    ],
    [
      'an unordered time',
      csv(row(0), row(2), row(1)),
      'line 4, timestamp: found 2024-01-01T00:01:00.000Z, expected a time after',
    ],
    [
      'a time off the grid',
      csv(row(0), row(1), '2024-01-01T00:03:30Z,10,12,9,11,3'),
      'line 4, timestamp: found 2024-01-01T00:03:30.000Z, expected a multiple of 1m',
    ],
    ['a gap that is no interval', csv(row(0), row(7)), 'the smallest gap between candles is 420000 ms'],
    ['no time', csv(row(0), ',10,12,9,11,3'), 'line 3, timestamp: found nothing'],
    ['a time of words', csv(row(0), 'yesterday,10,12,9,11,3'), "line 3, timestamp: found 'yesterday'"],
    ['a day that is not', csv(row(0), '2024-02-30T00:00:00Z,10,12,9,11,3'), "line 3, timestamp: found '2024-02-30"],
    ['epoch seconds', csv('1704067200,10,12,9,11,3'), 'these look like seconds'],
    ['a time beyond dates', csv(row(0), '99999999999999999,10,12,9,11,3'), 'line 3, timestamp'],
  ])('%s', (_what, text, message) => {
    for (const parse of [parseCandleCsv, parseCandleColumns]) {
      expect(() => parse(text, 'f.csv')).toThrow(
        expect.objectContaining({ name: 'BadCandleFile', message: expect.stringContaining(message) }),
      );
    }
  });

  test('a file that is not there', async () => {
    await expect(readCandleCsv('/nowhere/at-all.csv')).rejects.toMatchObject({ name: 'BadCandleFile' });
  });
});

test('columns hold the numbers of the candles', () => {
  const price = fc.integer({ min: 1, max: 10_000_000 }).map((ticks) => ticks / 100);
  const candle = fc.tuple(price, price, price, price, fc.nat()).map(([a, b, c, d, volume]) => {
    const [low, open, close, high] = [a, b, c, d].toSorted((x, y) => x - y);
    return `${open},${high},${low},${close},${volume}`;
  });
  fc.assert(
    fc.property(fc.array(candle, { minLength: 2, maxLength: 50 }), (cells) => {
      const text = csv(...cells.map((cell, minute) => row(minute, cell)));
      const { candles } = parseCandleCsv(text, 'f.csv');
      const { columns, interval } = parseCandleColumns(text, 'f.csv');
      expect(interval).toBe('1m');
      for (const field of ['time', 'open', 'high', 'low', 'close', 'volume'] as const) {
        expect([...columns[field]]).toEqual(candles.map((each) => Number(each[field])));
      }
    }),
  );
});

test('the remembering timestamp parser gives the answers of the plain one', () => {
  const parse = createTimestampParser();
  const instant = fc
    .date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true })
    .map((date) => date.toISOString());
  const wholeSecond = instant.map((text) => `${text.slice(0, 19)}Z`);
  const wrong = instant.map((text) => text.replace(/\d:/u, '9:'));
  fc.assert(
    fc.property(fc.oneof(instant, wholeSecond, wrong, fc.string()), (text) => {
      expect(parse(text)).toBe(parseTimestamp(text));
    }),
    { numRuns: 500 },
  );
});
