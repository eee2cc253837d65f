import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { dec, roundToTick, text } from '../../../src/domain/decimal.ts';
import { entryLimit } from '../../../src/domain/fills/entry-limit.ts';

test.each([
  ['BUY', 100, 50, 0.01, 99.5],
  ['SELL', 100, 50, 0.01, 100.5],
  ['BUY', 10, 5, 0.01, 10],
  ['SELL', 42_000.1, 0, 0.1, 42_000.1],
  ['BUY', 3, 100, 0, 2.97],
] as const)(
  '%s at a close of %d, %d basis points better on a tick of %d, rests at %d',
  (side, close, offset, tick, limit) => {
    expect(entryLimit(close, side, { offset_bps: offset }, tick)).toBeCloseTo(limit, 12);
  },
);

test('is a multiple of the tick to the last digit of its text, so that orders rest at the very number of the backtest', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 9_000_000 }),
      fc.integer({ min: 0, max: 9_000 }),
      fc.constantFrom('0.01', '0.05', '0.1', '0.5', '1'),
      fc.constantFrom('BUY' as const, 'SELL' as const),
      (cents, offset, tick, side) => {
        const limit = dec(entryLimit(cents / 100, side, { offset_bps: offset }, Number(tick)));
        expect(text(roundToTick(limit, dec(tick)))).toBe(text(limit));
      },
    ),
  );
});
