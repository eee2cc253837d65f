import { array, assert, constantFrom, integer, property, record } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Decimal, dec, text } from '../../../src/domain/decimal.ts';
import {
  type CarriedIndex,
  type EquityState,
  type Flow,
  carryIndex,
  unpricedHoldings,
} from '../../../src/domain/portfolio/equity-index.ts';
import { type Valuation, valuationOf } from '../../../src/domain/portfolio/valuation.ts';
import { factsOf, holdingsOf } from './valuations.ts';

interface Book {
  readonly state: EquityState | null;
  readonly carried: CarriedIndex;
}

const carried = (before: EquityState | null, valuation: Valuation, flows: readonly Flow[]): Book => {
  const found = carryIndex(before, valuation, flows);
  const state = { ...found, equity: valuation.equity, unpriced: unpricedHoldings(valuation), peakAt: 0, at: 0 };
  return { state: before || valuation.equity.gt('0') ? state : null, carried: found };
};

const step = record({
  kind: constantFrom('price', 'trade', 'deposit', 'withdrawal', 'first price of XYZ'),
  asset: constantFrom('USDT', 'BTC', 'XYZ'),
  amount: integer({ min: 1, max: 500 }),
});

describe('the equity index over any history', () => {
  it('is what prices and trades alone have made, whatever came and went', () => {
    assert(
      property(array(step, { maxLength: 30 }), (steps) => {
        const held: Record<string, Decimal> = { USDT: dec('1000'), BTC: dec('3'), XYZ: dec('7') };
        let btc = dec('100');
        let isPriced = false;
        const value = (): Valuation =>
          valuationOf(holdingsOf(held), factsOf({ BTCUSDC: text(btc), ...(isPriced && { XYZBTC: '0.5' }) }));
        let { state } = carried(null, value(), [{ id: 0, asset: 'USDT', amount: dec('1000') }]);
        let own = 1;
        let flowed = dec('1000');
        for (const [id, { kind, asset, amount }] of steps.entries()) {
          const before = value().equity;
          const flows: Flow[] = [];
          if (kind === 'price') btc = dec(amount);
          if (kind === 'trade') held['USDT'] = held['USDT']!.plus(dec(amount));
          if (kind === 'first price of XYZ') isPriced = true;
          if (kind === 'deposit' || (kind === 'withdrawal' && held[asset]!.gt(dec(amount)))) {
            const moved = dec(kind === 'deposit' ? amount : -amount);
            held[asset] = held[asset]!.plus(moved);
            flows.push({ id, asset, amount: moved });
          }
          const after = value();
          if (kind === 'price' || kind === 'trade') own *= Number(text(after.equity)) / Number(text(before));
          else flowed = flowed.plus(after.equity.minus(before));
          state = carried(state, after, flows).state;
        }
        expect(Math.abs(state!.index / own - 1)).toBeLessThan(1e-12);
        expect(text(state!.netFlows)).toBe(text(flowed));
        expect(state!.peakIndex).toBeGreaterThanOrEqual(state!.index);
      }),
    );
  });

  it('is the same for an account a million times as large', () => {
    assert(
      property(array(integer({ min: -900, max: 900 }), { maxLength: 20 }), (moves) => {
        const indexOf = (size: string): number => {
          let equity = dec('1000').times(size);
          let state: EquityState | null = null;
          for (const move of [0, ...moves]) {
            equity = equity.plus(dec(move).times(size));
            if (!equity.gt('0')) equity = dec(size);
            ({ state } = carried(state, valuationOf(holdingsOf({ USDT: equity }), factsOf({})), []));
          }
          return state!.index;
        };
        expect(Math.abs(indexOf('1000000') / indexOf('1') - 1)).toBeLessThan(1e-12);
      }),
    );
  });

  it('has not begun while nothing is there, and is 0 where more is owed than held', () => {
    const empty = valuationOf(holdingsOf({ USDT: '0' }), factsOf({}));
    expect(carried(null, empty, [])).toMatchObject({ state: null, carried: { index: 1, drawdownPct: null } });
    const { state } = carried(null, valuationOf(holdingsOf({ USDT: '5' }), factsOf({})), []);
    const ruined = { ...empty, equity: dec('-5') };
    expect(carryIndex(state, ruined, [])).toMatchObject({ index: 0, peakIndex: 1, drawdownPct: 100 });
  });
});
