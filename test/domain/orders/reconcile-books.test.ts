import { array, assert, boolean, nat, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { diffBalances, lastingDifferences, movedAssets } from '../../../src/domain/orders/reconcile-balances.ts';
import { nextCursor } from '../../../src/domain/orders/reconcile-cursor.ts';
import { recoveryOf } from '../../../src/domain/orders/reconcile-recovery.ts';

const none = new Set<string>();

describe('balances', () => {
  it('differ by their amounts, not by how these are written', () => {
    expect(diffBalances({ USDT: '1.50', BNB: '0' }, { USDT: '1.5' }, none)).toEqual([]);
  });

  it('that one side does not name are zero there', () => {
    expect(diffBalances({ USDT: '2' }, { BTC: '0.1' }, none)).toEqual([
      { asset: 'BTC', ours: '0', venue: '0.1', difference: '0.1' },
      { asset: 'USDT', ours: '2', venue: '0', difference: '-2' },
    ]);
  });

  it('of an asset that is moving are not compared', () => {
    expect(diffBalances({ USDT: '2' }, { BTC: '1' }, new Set(['USDT', 'BTC']))).toEqual([]);
    expect(movedAssets({ USDT: '2', BTC: '1' }, { USDT: '2.0', BTC: '0.9' })).toEqual(['BTC']);
  });

  it('differ for good only where two looks say the same', () => {
    const first = diffBalances({ USDT: '2', BTC: '1' }, { USDT: '3', BTC: '2' }, none);
    const second = diffBalances({ USDT: '2', BTC: '1' }, { USDT: '3', BTC: '1.5', BNB: '1' }, none);
    expect(lastingDifferences(first, second).map(({ asset }) => asset)).toEqual(['USDT']);
  });
});

describe('the cursor of a market', () => {
  const trades = [10, 11, 12, 13].map((id, index) => ({ tradeId: String(id), executedAt: index * 100 }));

  it('passes what the books have and is old enough', () => {
    expect(nextCursor(null, trades, () => true, 250)).toBe('12');
    expect(nextCursor('9', trades, () => true, 0)).toBe('9');
  });

  it('never passes a trade that the books do not have', () => {
    assert(
      property(array(boolean(), { minLength: 4, maxLength: 4 }), nat(400), (has, until) => {
        const cursor = nextCursor('9', trades, ({ tradeId }) => has[Number(tradeId) - 10] === true, until);
        const passed = trades.filter(({ tradeId }) => Number(tradeId) <= Number(cursor));
        expect(passed.every(({ tradeId, executedAt }) => has[Number(tradeId) - 10] && executedAt < until)).toBe(true);
      }),
    );
  });
});

describe('an order that no workflow carries', () => {
  const order = { kind: 'entry', reduceOnly: false, ageMs: 10 } as const;
  it.each([
    [{ status: 'open' }, 'carry_on'],
    [{ status: 'partially_filled' }, 'carry_on'],
    [{ status: 'submitting' }, 'leave'],
    [{ status: 'submitting', ageMs: 1_000 }, 'carry_on'],
    [{ status: 'pending' }, 'leave'],
    [{ status: 'pending', ageMs: 1_000 }, 'give_up'],
    [{ status: 'pending', ageMs: 1_000, kind: 'exit', reduceOnly: true }, 'carry_on'],
    [{ status: 'pending', ageMs: 1_000, kind: 'manual' }, 'give_up'],
    [{ status: 'open', kind: 'protection' }, 'leave'],
    [{ status: 'open', kind: null }, 'leave'],
    [{ status: 'unknown', ageMs: 1_000 }, 'leave'],
    [{ status: 'filled', ageMs: 1_000 }, 'leave'],
  ] as const)('%o: %s', (over, expected) => {
    expect(recoveryOf({ ...order, ...over }, 1_000)).toBe(expected);
  });
});
