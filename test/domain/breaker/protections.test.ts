import { array, assert, boolean, double, integer, option, property, record, tuple } from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ClosedPosition } from '../../../src/domain/breaker/closed-position.ts';
import type { StrategyProtections } from '../../../src/domain/breaker/policy.ts';
import { type EntryHold, heldBackBy, protectionSpanMs } from '../../../src/domain/breaker/protections.ts';
import { dec } from '../../../src/domain/decimal.ts';

const hourMs = 3_600_000;
const off: StrategyProtections = { stopLossGuard: null, maxDrawdown: null, lowProfit: null, coolDown: null };

/** Of 100 put in, so that its P&L is its return in per cent. */
const closed = (hour: number, pnl: string, byStop = false): ClosedPosition => ({
  strategyId: 'a',
  symbol: 'BTCUSDT',
  endedAt: hour * hourMs,
  pnl: dec(pnl),
  paidIn: dec('100'),
  byStop,
});

const holdAt = (
  protections: Partial<StrategyProtections>,
  positions: readonly ClosedPosition[],
  hour: number,
): readonly [EntryHold['protection'], number] | null => {
  const hold = heldBackBy({ ...off, ...protections }, positions, hour * hourMs);
  return hold && [hold.protection, hold.until / hourMs];
};

describe('the stop-loss guard', () => {
  const guard = { stopLossGuard: { lookbackHours: 24, stops: 2, pauseHours: 6 } };

  it('holds entries back from the stop that is one too many, for as long as it says', () => {
    const positions = [closed(10, '-2', true), closed(20, '-1', true)];
    expect(holdAt(guard, positions.slice(0, 1), 20)).toBeNull();
    expect(holdAt(guard, positions, 20)).toEqual(['stopLossGuard', 26]);
    expect(holdAt(guard, positions, 25.9)).toEqual(['stopLossGuard', 26]);
    expect(holdAt(guard, positions, 26)).toBeNull();
  });

  it('counts no stop that won, no loss that no stop closed, and none that is out of the look-back', () => {
    expect(holdAt(guard, [closed(10, '3', true), closed(20, '-1', true)], 21)).toBeNull();
    expect(holdAt(guard, [closed(10, '-3'), closed(20, '-1', true)], 21)).toBeNull();
    expect(holdAt(guard, [closed(10, '-3', true), closed(34, '-1', true)], 35)).toBeNull();
    expect(holdAt(guard, [closed(10, '-3', true), closed(33.9, '-1', true)], 35)).not.toBeNull();
  });

  it('still holds when the first stop has left the look-back meanwhile, and whatever was closed since', () => {
    const positions = [closed(0, '-2', true), closed(23, '-1', true), closed(25, '9')];
    expect(holdAt(guard, positions, 28)).toEqual(['stopLossGuard', 29]);
  });
});

describe('the other protections', () => {
  it('of which max drawdown adds up returns from their peak, where it starts being one', () => {
    const protections = { maxDrawdown: { lookbackHours: 100, trades: 3, maxDrawdownPct: 10, pauseHours: 5 } };
    const fall = [closed(1, '4'), closed(2, '-8'), closed(3, '1'), closed(4, '-3.5')];
    expect(holdAt(protections, fall, 4)).toEqual(['maxDrawdown', 9]);
    expect(holdAt(protections, [closed(1, '-6'), closed(2, '-6')], 2)).toBeNull();
    expect(holdAt(protections, [closed(1, '-6'), closed(2, '-4'), closed(3, '9')], 3)).toBeNull();
    expect(holdAt(protections, [closed(1, '-6'), closed(2, '-4.01'), closed(3, '9')], 3)).toEqual(['maxDrawdown', 8]);
  });

  it('of which the low-profit pause asks for a profit over the look-back', () => {
    const protections = { lowProfit: { lookbackHours: 10, trades: 2, requiredPct: 1, pauseHours: 5 } };
    expect(holdAt(protections, [closed(1, '-9')], 2)).toBeNull();
    expect(holdAt(protections, [closed(1, '2'), closed(2, '-1')], 2)).toBeNull();
    expect(holdAt(protections, [closed(1, '2'), closed(2, '-1.5')], 2)).toEqual(['lowProfit', 7]);
  });

  it('of which the cool-down period follows every closed position, won or lost', () => {
    const protections = { coolDown: { pauseHours: 2 } };
    expect(holdAt(protections, [closed(1, '5')], 2.9)).toEqual(['coolDown', 3]);
    expect(holdAt(protections, [closed(1, '5')], 3)).toBeNull();
  });

  it('of which a position that ended after the close, and before that was handled, counts', () => {
    const protections = { ...off, coolDown: { pauseHours: 1 } };
    const late = [closed(2.01, '-1')];
    expect(heldBackBy(protections, late, 2 * hourMs)).toBeNull();
    expect(heldBackBy(protections, late, 2 * hourMs, 2.1 * hourMs)).toMatchObject({ until: 3.01 * hourMs });
  });

  it('that are on together hold as long as the longest', () => {
    const protections = {
      stopLossGuard: { lookbackHours: 24, stops: 1, pauseHours: 6 },
      coolDown: { pauseHours: 2 },
    };
    expect(holdAt(protections, [closed(1, '-5', true)], 1)).toEqual(['stopLossGuard', 7]);
    expect(holdAt(protections, [closed(1, '-5', true), closed(6, '1')], 6)).toEqual(['coolDown', 8]);
  });

  it('say what brought them about', () => {
    const policy = { ...off, lowProfit: { lookbackHours: 10, trades: 2, requiredPct: 1, pauseHours: 5 } };
    expect(heldBackBy(policy, [closed(1, '2'), closed(2, '-1.5')], 2 * hourMs)?.reason).toBe(
      '2 closed positions made 0.50 % within 10 h, less than 1.00 %',
    );
  });
});

const hours = integer({ min: 1, max: 48 });
const trades = integer({ min: 1, max: 5 });
const percent = double({ min: -10, max: 30, noNaN: true });
const anyProtections = record({
  stopLossGuard: option(record({ lookbackHours: hours, stops: trades, pauseHours: hours })),
  maxDrawdown: option(record({ lookbackHours: hours, trades, maxDrawdownPct: percent, pauseHours: hours })),
  lowProfit: option(record({ lookbackHours: hours, trades, requiredPct: percent, pauseHours: hours })),
  coolDown: option(record({ pauseHours: hours })),
});
const hourOfWeek = integer({ min: 0, max: 120 });
const anyPosition = tuple(hourOfWeek, integer({ min: -900, max: 900 }), boolean()).map(([hour, cents, byStop]) =>
  closed(hour, String(cents / 100), byStop),
);
const inOrder = (positions: readonly ClosedPosition[]): readonly ClosedPosition[] =>
  positions.toSorted((a, b) => a.endedAt - b.endedAt);
const anyPositions = array(anyPosition, { maxLength: 20 }).map(inOrder);
const untilOf = (hold: EntryHold | null): number => hold?.until ?? 0;

describe('any protections of any positions', () => {
  it('hold no shorter for one more position that a stop closed with a loss', () => {
    const losing = tuple(hourOfWeek, integer({ min: 1, max: 900 })).map(([hour, cents]) =>
      closed(hour, String(-cents / 100), true),
    );
    assert(
      property(anyProtections, anyPositions, losing, hourOfWeek, (protections, positions, loss, hour) => {
        const at = hour * hourMs;
        const more = heldBackBy(protections, inOrder([...positions, loss]), at);
        expect(untilOf(more)).toBeGreaterThanOrEqual(untilOf(heldBackBy(protections, positions, at)));
      }),
      { numRuns: 500 },
    );
  });

  it('say the same whatever is closed afterwards, and from what is within their span alone', () => {
    assert(
      property(anyProtections, anyPositions, hourOfWeek, (protections, positions, hour) => {
        const at = hour * hourMs;
        const hold = heldBackBy(protections, positions, at);
        const span = protectionSpanMs(protections);
        const known = positions.filter(({ endedAt }) => endedAt <= at && endedAt > at - (span ?? 0));
        expect(heldBackBy(protections, known, at)).toEqual(hold);
        expect(untilOf(hold) - at).toBeLessThanOrEqual(span ?? 0);
        if (span === null) expect(hold).toBeNull();
      }),
      { numRuns: 500 },
    );
  });

  it('say at every look the same end until it is reached, unless another position is closed', () => {
    assert(
      property(anyProtections, anyPositions, hourOfWeek, (protections, positions, hour) => {
        const at = hour * hourMs;
        const hold = heldBackBy(protections, positions, at);
        if (!hold) return;
        const known = positions.filter(({ endedAt }) => endedAt <= at);
        for (const later of [at + 1, (at + hold.until) / 2, hold.until - 1]) {
          expect(heldBackBy(protections, known, later)).toEqual(hold);
        }
        const after = heldBackBy(protections, known, hold.until);
        expect(after).toBeNull();
      }),
      { numRuns: 500 },
    );
  });
});
