import { array, assert, constantFrom, integer, property, record } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Balance, receive, release, reserve, spend, totalOf } from '../../../src/domain/accounting/balance.ts';
import { dec, text, zero } from '../../../src/domain/decimal.ts';

const balance = (free: string, locked: string): Balance => ({ free: dec(free), locked: dec(locked) });
const shown = (of: Balance | null): readonly string[] | null => of && [text(of.free), text(of.locked)];

describe('a balance', () => {
  it('reserves what is free and no more', () => {
    expect(shown(reserve(balance('100', '0'), dec('60')))).toEqual(['40', '60']);
    expect(shown(reserve(balance('100', '0'), dec('100')))).toEqual(['0', '100']);
    expect(reserve(balance('100', '50'), dec('100.00000001'))).toBeNull();
  });

  it('spends an order’s own reservation first and never another order’s', () => {
    const spent = spend(balance('10', '60'), dec('25'), dec('20'))!;
    expect([...shown(spent.balance)!, text(spent.reserved)]).toEqual(['5', '40', '0']);
    expect(spend(balance('10', '60'), dec('31'), dec('20'))).toBeNull();
  });

  it('releases at most what is locked', () => {
    expect(shown(release(balance('1', '5'), dec('7')))).toEqual(['6', '0']);
  });
});

const amount = integer({ min: 0, max: 1_000_000 }).map((n) => dec(String(n / 1_000)));
const step = record({ kind: constantFrom('reserve', 'release', 'spend', 'receive'), amount, reserved: amount });

describe('any run of reserving, releasing, spending and receiving', () => {
  it('keeps free and locked at zero or more, and the total changes by what is spent and received alone', () => {
    assert(
      property(amount, array(step, { maxLength: 30 }), (opening, steps) => {
        let held: Balance = { free: opening, locked: zero };
        let expected = opening;
        for (const { kind, amount: moved, reserved } of steps) {
          if (kind === 'reserve') held = reserve(held, moved) ?? held;
          if (kind === 'release') held = release(held, moved);
          if (kind === 'receive') {
            held = receive(held, moved);
            expected = expected.plus(moved);
          }
          if (kind === 'spend') {
            const spent = spend(held, moved, reserved);
            if (spent) {
              expect(spent.reserved.gte(zero)).toBe(true);
              expect(spent.reserved.lte(reserved)).toBe(true);
              held = spent.balance;
              expected = expected.minus(moved);
            }
          }
          expect(held.free.gte(zero) && held.locked.gte(zero)).toBe(true);
          expect(text(totalOf(held))).toBe(text(expected));
        }
      }),
    );
  });
});
