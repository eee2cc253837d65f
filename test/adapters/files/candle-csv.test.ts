import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CandleColumnReader } from '../../../src/adapters/files/candle-columns.ts';
import type { CandleColumnsFile } from '../../../src/adapters/files/candle-columns.ts';
import { parseCandleCsv, readCandleColumns, readCandleCsv } from '../../../src/adapters/files/candle-csv.ts';
import { createTimestampParser, parseTimestamp } from '../../../src/adapters/files/csv-time.ts';

const header = 'timestamp,open,high,low,close,volume';
const row = (minute: number, cells = '10,12,9,11,3.50'): string =>
  `2024-01-01T00:${String(minute).padStart(2, '0')}:00.000Z,${cells}`;
const csv = (...rows: string[]): string => `${[header, ...rows].join('\n')}\n`;

/** The columns of a text that comes in pieces of so many bytes. */
const parseCandleColumns = (text: string, source: string, piece = Infinity): CandleColumnsFile => {
  const bytes = new TextEncoder().encode(text);
  const reader = new CandleColumnReader(source, bytes.length);
  for (let at = 0; at < bytes.length; at += piece) reader.push(bytes.slice(at, at + piece));
  return reader.end();
};

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
    ['a row with another separator', csv(row(0), '2024-01-01T00:01:00Z;10,12,9,11,3'), 'line 3: found 5 columns'],
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
    for (const read of [readCandleCsv, readCandleColumns]) {
      await expect(read('/nowhere/at-all.csv')).rejects.toMatchObject({ name: 'BadCandleFile' });
    }
  });
});

const fields = ['time', 'open', 'high', 'low', 'close', 'volume'] as const;

/** What both readers make of a text, or what they refuse it with: to be the same, in whatever pieces its bytes come. */
const expectSame = (text: string, piece: number): void => {
  const outcome = (parse: () => unknown): unknown => {
    try {
      return parse();
    } catch (error) {
      expect(error).toMatchObject({ name: 'BadCandleFile' });
      const { message, next, details } = error as { message: string; next: string; details: object };
      return { message, next, details };
    }
  };
  const plain = outcome(() => {
    const { candles, interval } = parseCandleCsv(text, 'f.csv');
    return { interval, columns: fields.map((field) => candles.map((candle) => Number(candle[field]))) };
  });
  const columns = outcome(() => {
    const file = parseCandleColumns(text, 'f.csv', piece);
    return { interval: file.interval, columns: fields.map((field) => [...file.columns[field]]) };
  });
  expect(columns).toEqual(plain);
};

describe('columns are the numbers of the candles', () => {
  const digits = (most: number) => fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: most });
  const decimal = fc
    .tuple(digits(20), fc.constantFrom('', '.'), digits(26), fc.constantFrom('', '', '', 'e-3', 'E+2', 'e400'))
    .map(
      ([whole, point, rest, exponent]) => `${whole.join('')}${point}${point === '' ? '' : rest.join('')}${exponent}`,
    );
  const anyNumber = fc.oneof(decimal, fc.double().map(String), fc.constantFrom('-0', '+5', '1_0', '٣', ' 7', ''));

  test('of whatever digits', () => {
    fc.assert(
      fc.property(
        fc.array(anyNumber, { minLength: 2, maxLength: 8 }),
        fc.integer({ min: 1, max: 90 }),
        (values, piece) => {
          // One value in all prices, so that it is a candle wherever it is a number above 0.
          expectSame(csv(...values.map((value, at) => row(at, `${value},${value},${value},${value},${value}`))), piece);
        },
      ),
      { numRuns: 1_000 },
    );
  });

  test('of up to 17 digits, of which 15 are sure to be exact, wherever the point stands', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 17 }).chain((most) => fc.bigInt({ min: 1n, max: 10n ** BigInt(most) - 1n })),
        fc.integer({ min: 0, max: 22 }),
        (ticks, decimals) => {
          const text = String(ticks).padStart(decimals + 1, '0');
          const value = `${text.slice(0, text.length - decimals)}.${text.slice(text.length - decimals)}`;
          const { columns } = parseCandleColumns(
            csv(row(0, `${value},${value},${value},${value},${value}`), row(1)),
            'f.csv',
          );
          for (const field of fields.slice(1)) expect(columns[field][0]).toBe(Number(value));
        },
      ),
      { numRuns: 1_000 },
    );
  });

  test('of files with odd lines among plain ones', () => {
    const time = fc.oneof(
      fc.constantFrom('ISO', 'seconds', 'milliseconds'),
      fc.constantFrom(
        '1704067200',
        '170406720000.',
        '2024-01-01',
        '2024-13-01T00:00:00Z',
        '0074-01-01T00:00:00Z',
        'x',
        '',
      ),
    );
    const line = fc.oneof(
      { weight: 8, arbitrary: fc.constant('plain') },
      {
        weight: 1,
        arbitrary: fc.constantFrom('', '\r', '"', ',,,,,', '"1",2,3', 'timestamp,open', '\u{feff}', 'é,1,1,1,1,1'),
      },
      { weight: 2, arbitrary: time.map((kind) => `time ${kind}`) },
      { weight: 2, arbitrary: fc.constantFrom('quoted', 'gap', 'again', 'zero', 'negative', 'low', 'short', 'long') },
    );
    const textOf = (kinds: readonly string[], ending: string, mark: string, last: boolean): string => {
      let minute = 0;
      const lines = kinds.map((kind) => {
        const at = Date.UTC(2024, 0, 1) + minute * 60_000;
        const iso = new Date(at).toISOString();
        minute += kind === 'gap' ? 5 : kind === 'again' ? 0 : 1;
        if (kind.startsWith('time ')) {
          const asked = kind.slice(5);
          const shown = { ISO: iso, seconds: iso.replace('.000', ''), milliseconds: String(at) }[asked] ?? asked;
          return `${shown},10,12,9,11,3.50`;
        }
        const cells = { quoted: '"10",12,9,11,3', zero: '10,12,0,11,3', negative: '10,12,9,11,-3', low: '10,8,9,9,3' }[
          kind
        ];
        if (kind === 'short') return `${iso},10,12,9,11`;
        if (kind === 'long') return `${iso},10,12,9,11,3,4`;
        return cells === undefined && !['plain', 'gap', 'again'].includes(kind)
          ? kind
          : `${iso},${cells ?? '10,12,9,11,3.50'}`;
      });
      return mark + [header, ...lines].join(ending) + (last ? ending : '');
    };
    fc.assert(
      fc.property(
        fc.array(line, { maxLength: 12 }),
        fc.constantFrom('\n', '\r\n'),
        fc.constantFrom('', '\u{feff}'),
        fc.boolean(),
        fc.integer({ min: 1, max: 200 }),
        (kinds, ending, mark, last, piece) => expectSame(textOf(kinds, ending, mark, last), piece),
      ),
      { numRuns: 2_000 },
    );
  });

  test('of more rows than were expected', () => {
    const rows = Array.from({ length: 5_000 }, (_, minute) => {
      const time = new Date(Date.UTC(2024, 0, 1) + minute * 60_000).toISOString();
      return `${time},${minute + 1},${minute + 1},${minute + 1},${minute + 1},${minute}`;
    });
    const reader = new CandleColumnReader('f.csv');
    reader.push(new TextEncoder().encode(csv(...rows)));
    const { columns } = reader.end();
    expect(columns.length).toBe(5_000);
    expect([columns.open[4_999], columns.volume[1_024]]).toEqual([5_000, 1_024]);
  });

  test('a line without an end is not held for ever', () => {
    const reader = new CandleColumnReader('f.csv');
    const piece = new Uint8Array(2 ** 19).fill(65);
    expect(() => {
      for (let pieces = 0; pieces < 4; pieces += 1) reader.push(piece);
    }).toThrow(expect.objectContaining({ name: 'BadCandleFile', message: 'f.csv: line 1 does not end' }));
  });
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
