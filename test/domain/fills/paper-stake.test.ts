import { assert, constantFrom, integer, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dec } from '../../../src/domain/decimal.ts';
import { paperOutcome } from '../../../src/domain/fills/paper-fills.ts';
import type { PaperOrder } from '../../../src/domain/fills/paper-order.ts';
import type { Candle } from '../../../src/domain/market/candle.ts';

const at = (open: string, volume = '1000'): Candle => ({ time: 0, open, high: open, low: open, close: open, volume });
const costs = { maker: '0.001', taker: '0.001', slippageBps: 0, quote: 'USDT' };
const staked = (stake: string, over: Partial<PaperOrder> = {}): PaperOrder => ({
  clientOrderId: 'a',
  side: 'BUY',
  type: 'MARKET',
  quantity: '1',
  price: null,
  budget: null,
  stake,
  stepSize: '0.001',
  from: 0,
  cancelledAt: null,
  ...over,
});

describe('an entry with a stake', () => {
  it.each([
    ['1001', '100', '10'],
    ['1001', '50', '20'],
    ['1000.9', '100', '9.999'],
  ])('of %s fills whole at %s: %s', (stake, open, quantity) => {
    const { status, fills, ...outcome } = paperOutcome(staked(stake), [at(open)], costs);
    expect([status, outcome.quantity, fills[0]?.quantity]).toEqual(['filled', quantity, quantity]);
  });

  it('has no quantity of its own before it fills', () => {
    expect(paperOutcome(staked('1001'), [], costs)).toEqual({ status: 'open', fills: [] });
  });

  it('takes no more than the market takes of one order, and what is too little expires', () => {
    expect(paperOutcome(staked('1001', { maxQuantity: '4' }), [at('100')], costs)).toMatchObject({ quantity: '4' });
    const minimum = { quantity: '0.001', notional: '5' };
    expect(paperOutcome(staked('5', { minimum }), [at('100')], costs)).toEqual({ status: 'expired', fills: [] });
  });

  it('of which a candle gives a part says what the whole came to; the rest expires', () => {
    const outcome = paperOutcome(staked('1001'), [at('100', '8')], { ...costs, volumeShare: 0.5 });
    expect(outcome).toMatchObject({ status: 'expired', quantity: '10', fills: [{ quantity: '4' }] });
  });

  it('is never overspent, its fee as it is charged included, and never by a step less than it buys', () => {
    assert(
      property(
        integer({ min: 1, max: 10 ** 9 }),
        integer({ min: 1, max: 10 ** 7 }),
        constantFrom('0', '0.00075', '0.001', '0.0033333333'),
        constantFrom('0.00001', '0.001', '1'),
        (micros, cents, rate, stepSize) => {
          const stake = dec(micros).div('1000000');
          const price = dec(cents).div('100');
          const order = staked(stake.toFixed(), { stepSize });
          const { fills } = paperOutcome(order, [at(price.toFixed())], { ...costs, taker: rate });
          const quantity = dec(fills[0]?.quantity ?? '0');
          expect(
            quantity
              .times(price)
              .plus(fills[0]?.commission ?? '0')
              .lte(stake),
          ).toBe(true);
          const more = quantity.plus(stepSize).times(price);
          expect(more.plus(more.times(rate)).plus('0.00000001').gt(stake)).toBe(true);
        },
      ),
    );
  });
});
