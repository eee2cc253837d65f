import { array, assert, constantFrom, integer, property, record } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Balance, changed, release, reserve, totalOf } from '../../../src/domain/accounting/balance.ts';
import { dec, text, zero } from '../../../src/domain/decimal.ts';

const balance = (free: string, locked: string): Balance => ({ free: dec(free), locked: dec(locked) });
const shown = (of: Balance | null): readonly string[] | null => of && [text(of.free), text(of.locked)];

describe('a balance', () => {
  it('reserves what is free and no more', () => {
    expect(shown(reserve(balance('100', '0'), dec('60')))).toEqual(['40', '60']);
    expect(shown(reserve(balance('100', '0'), dec('100')))).toEqual(['0', '100']);
    expect(reserve(balance('100', '50'), dec('100.00000001'))).toBeNull();
  });

  it('frees what is neither spent nor locked any more', () => {
    const spent = changed(balance('10', '60'), { total: dec('-25'), locked: dec('-40') });
    expect(shown(spent)).toEqual(['25', '20']);
    expect(shown(changed(balance('10', '60'), { total: dec('-10'), locked: zero }))).toEqual(['0', '60']);
    expect(changed(balance('10', '60'), { total: dec('-11'), locked: zero })).toBeNull();
    expect(changed(balance('10', '60'), { total: zero, locked: dec('10.5') })).toBeNull();
  });

  it('releases at most what is locked', () => {
    expect(shown(release(balance('1', '5'), dec('7')))).toEqual(['6', '0']);
  });
});

const amount = integer({ min: 0, max: 1_000_000 }).map((n) => dec(String(n / 1_000)));
const step = record({ kind: constantFrom('reserve', 'release', 'change'), amount, other: amount });

describe('any run of reserving, releasing, spending and receiving', () => {
  it('keeps free and locked at zero or more, and the total changes by what is spent and received alone', () => {
    assert(
      property(amount, array(step, { maxLength: 30 }), (opening, steps) => {
        let held: Balance = { free: opening, locked: zero };
        let expected = opening;
        for (const { kind, amount: moved, other } of steps) {
          if (kind === 'reserve') held = reserve(held, moved) ?? held;
          if (kind === 'release') held = release(held, moved);
          if (kind === 'change') {
            const total = moved.minus(other);
            const after = changed(held, { total, locked: other.minus(moved) });
            if (after) expected = expected.plus(total);
            held = after ?? held;
          }
          expect(held.free.gte(zero) && held.locked.gte(zero)).toBe(true);
          expect(text(totalOf(held))).toBe(text(expected));
        }
      }),
    );
  });
});
