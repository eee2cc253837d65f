import { array, assert, constantFrom, integer, option, property, record } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Money, dec, sum } from '../../../src/domain/decimal.ts';
import { type CapInput, type Exposure, type OrderCaps, breachOf } from '../../../src/domain/orders/caps.ts';

const none: OrderCaps = { openOrders: null, symbolPct: null, strategyPct: null, totalPct: null };
const exposure = (amount: string, symbol = 'BTCUSDT', strategyId = 'a'): Exposure => ({
  symbol,
  strategyId,
  amount: dec(amount),
});
const input = (caps: Partial<OrderCaps>, over: Partial<CapInput> = {}): CapInput => ({
  caps: { ...none, ...caps },
  openOrders: 0,
  equity: dec('1000'),
  exposures: [exposure('100'), exposure('50', 'ETHUSDT'), exposure('30', 'BTCUSDT', 'b')],
  order: exposure('120'),
  ...over,
});

describe('a cap', () => {
  it('on strategies at a time counts this one beside the others, before every other cap', () => {
    expect(breachOf(input({}, { strategies: { most: 3, others: 2 } }))).toBeNull();
    expect(breachOf(input({ openOrders: 0 }, { strategies: { most: 3, others: 3 } }))).toEqual({
      cap: 'strategies at a time',
      most: '3',
      wouldBe: '4',
      pct: null,
    });
    expect(breachOf(input({}, { strategies: null }))).toBeNull();
  });

  it.each([
    ['exposure per symbol', { symbolPct: 25 }, { symbolPct: 24.9 }, '249', '250'],
    ['exposure per strategy', { strategyPct: 27 }, { strategyPct: 26 }, '260', '270'],
    ['exposure', { totalPct: 30 }, { totalPct: 29 }, '290', '300'],
  ])('on %s lets an order reach it and nothing pass it', (cap, reached, passed, most, wouldBe) => {
    expect(breachOf(input(reached))).toBeNull();
    expect(breachOf(input(passed))).toMatchObject({ cap, most, wouldBe });
  });

  it('on open orders counts the order itself', () => {
    expect(breachOf(input({ openOrders: 3 }, { openOrders: 2 }))).toBeNull();
    expect(breachOf(input({ openOrders: 3 }, { openOrders: 3 }))).toEqual({
      cap: 'open orders',
      most: '3',
      wouldBe: '4',
      pct: null,
    });
  });

  it('that is not set stops nothing, and an order that puts nothing at stake passes any exposure', () => {
    expect(breachOf(input({}, { order: exposure('1000000') }))).toBeNull();
    expect(breachOf(input({ totalPct: 1 }, { order: exposure('0') }))).toBeNull();
  });

  it('is never passed by any sequence of orders, and an order it refuses would have passed it', () => {
    const share = option(integer({ min: 1, max: 150 }));
    const asked = record({
      symbol: constantFrom('BTCUSDT', 'ETHUSDT', 'SOLUSDT'),
      strategyId: constantFrom('a', 'b', 'c'),
      amount: integer({ min: 1, max: 60_000 }).map((cents) => dec(cents).div('100')),
    });
    const caps = record({
      openOrders: option(integer({ min: 0, max: 12 })),
      symbolPct: share,
      strategyPct: share,
      totalPct: share,
    });
    assert(
      property(caps, array(asked, { maxLength: 25 }), integer({ min: 0, max: 200_000 }), (set, orders, cents) => {
        const equity = dec(cents).div('100');
        const of = (exposures: readonly Exposure[], key: 'symbol' | 'strategyId', name: string) =>
          sum(exposures.filter((each) => each[key] === name).map(({ amount }) => amount));
        const isWithin = (exposures: readonly Exposure[]): boolean => {
          const within = (amount: Money, pct: number | null) =>
            pct === null || amount.times('100').lte(equity.times(dec(pct)));
          return (
            (set.openOrders === null || exposures.length <= set.openOrders) &&
            within(sum(exposures.map(({ amount }) => amount)), set.totalPct) &&
            ['BTCUSDT', 'ETHUSDT', 'SOLUSDT'].every((name) => within(of(exposures, 'symbol', name), set.symbolPct)) &&
            ['a', 'b', 'c'].every((name) => within(of(exposures, 'strategyId', name), set.strategyPct))
          );
        };
        let taken: readonly Exposure[] = [];
        for (const order of orders) {
          const breach = breachOf({ caps: set, openOrders: taken.length, equity, exposures: taken, order });
          expect(isWithin([...taken, order])).toBe(breach === null);
          if (breach === null) taken = [...taken, order];
        }
      }),
    );
  });
});
