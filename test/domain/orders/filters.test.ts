import { assert, bigInt, boolean, integer, pre, property, tuple } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dec, zero } from '../../../src/domain/decimal.ts';
import type { Market } from '../../../src/domain/market/market-filters.ts';
import { checkOrder, isClientOrderId, type OrderDraft } from '../../../src/domain/orders/filters.ts';

const market: Market = {
  symbol: 'BTCUSDT',
  base: 'BTC',
  quote: 'USDT',
  filters: { tickSize: '0.01', stepSize: '0.00001', minQuantity: '0.00001', maxQuantity: '9000', minNotional: '5' },
};
const limit = (over: Partial<OrderDraft>): OrderDraft => ({
  type: 'LIMIT',
  side: 'BUY',
  quantity: '0.5',
  price: '100.25',
  referencePrice: null,
  ...over,
});
const marketOrder = (over: Partial<OrderDraft>): OrderDraft =>
  limit({ type: 'MARKET', price: null, referencePrice: '100', ...over });

describe('checkOrder', () => {
  it('floors the quantity to the step and keeps the price', () => {
    expect(checkOrder(limit({ quantity: '0.123459999' }), market)).toEqual({
      ok: true,
      quantity: '0.12345',
      price: '100.25',
      stopPrice: null,
    });
  });

  it('values a market order at the reference price and gives it no price', () => {
    expect(checkOrder(marketOrder({ quantity: '0.05' }), market)).toMatchObject({
      ok: true,
      quantity: '0.05',
      price: null,
    });
    expect(checkOrder(marketOrder({ quantity: '0.04999' }), market)).toMatchObject({ ok: false, rule: 'NOTIONAL' });
  });

  it.each([
    ['NaN', 'QUANTITY'],
    ['Infinity', 'QUANTITY'],
    ['', 'QUANTITY'],
    ['1e3', 'QUANTITY'],
    ['-1', 'QUANTITY'],
    ['0', 'QUANTITY'],
    ['0.000', 'QUANTITY'],
    ['0.000009', 'LOT_SIZE'],
    ['9000.00001', 'LOT_SIZE'],
  ])('refuses the quantity %j by %s', (quantity, rule) => {
    expect(checkOrder(limit({ quantity }), market)).toMatchObject({ ok: false, rule });
  });

  it.each([
    ['NaN', 'PRICE'],
    ['-5', 'PRICE'],
    ['0', 'PRICE'],
    [null, 'PRICE'],
    ['100.251', 'PRICE_FILTER'],
    ['100.000000001', 'PRECISION'],
    ['1e2', 'PRICE'],
    ['9.99', 'NOTIONAL'],
  ])('refuses the limit price %j by %s', (price, rule) => {
    expect(checkOrder(limit({ price }), market)).toMatchObject({ ok: false, rule });
  });

  it('refuses a market order with a price, or without anything to value it by', () => {
    expect(checkOrder(marketOrder({ price: '90' }), market)).toMatchObject({ ok: false, rule: 'PRICE' });
    expect(checkOrder(marketOrder({ referencePrice: null }), market)).toMatchObject({ rule: 'REFERENCE_PRICE' });
  });

  it('refuses a ninth decimal where the venue has no step or tick of its own', () => {
    const free = { ...market, filters: { ...market.filters, stepSize: '0', tickSize: '0', minQuantity: '0' } };
    expect(checkOrder(limit({ quantity: '1.123456789' }), free)).toMatchObject({ ok: false, rule: 'PRECISION' });
    expect(checkOrder(limit({ price: '100.123456789' }), free)).toMatchObject({ ok: false, rule: 'PRECISION' });
    expect(checkOrder(limit({ quantity: '1.12345678', price: '100.12345678' }), free)).toMatchObject({ ok: true });
  });

  it.each([
    ['LIMIT', { stopPrice: '99' }, 'STOP_PRICE'],
    ['MARKET', { price: null, stopPrice: '99' }, 'STOP_PRICE'],
    ['MARKET', { price: null, timeInForce: 'GTC' }, 'TIME_IN_FORCE'],
    ['STOP_LOSS', { price: null }, 'STOP_PRICE'],
    ['STOP_LOSS', { price: null, stopPrice: '-1' }, 'STOP_PRICE'],
    ['STOP_LOSS', { price: null, stopPrice: 'NaN' }, 'STOP_PRICE'],
    ['STOP_LOSS', { price: null, stopPrice: '99.001' }, 'PRICE_FILTER'],
    ['STOP_LOSS', { price: '98.001', stopPrice: '99' }, 'PRICE_FILTER'],
    ['STOP_LOSS', { price: null, stopPrice: '9.99' }, 'NOTIONAL'],
    ['STOP_LOSS', { price: null, stopPrice: '99', timeInForce: 'IOC' }, 'TIME_IN_FORCE'],
    ['TAKE_PROFIT', { price: null }, 'PRICE'],
    ['TAKE_PROFIT', { price: null, stopPrice: '0' }, 'STOP_PRICE'],
    ['TAKE_PROFIT', { price: '110', timeInForce: 'GTC' }, 'TIME_IN_FORCE'],
  ] as const)('refuses a %s with %o by %s', (type, over, rule) => {
    expect(checkOrder(limit({ type, ...over }), market)).toMatchObject({ ok: false, rule });
  });

  it.each([
    ['STOP_LOSS', { price: null, stopPrice: '99' }],
    ['STOP_LOSS', { price: '98', stopPrice: '99', timeInForce: 'GTC' }],
    ['TAKE_PROFIT', { price: '110' }],
    ['TAKE_PROFIT', { price: null, stopPrice: '110' }],
    ['TAKE_PROFIT', { price: '109', stopPrice: '110', timeInForce: 'FOK' }],
    ['LIMIT', { price: '110', timeInForce: 'IOC' }],
  ] as const)('passes a %s with %o', (type, over) => {
    const draft = limit({ type, ...over });
    const { quantity, price, stopPrice = null } = draft;
    expect(checkOrder(draft, market)).toEqual({ ok: true, quantity, price, stopPrice });
  });

  it('values a stop without a limit where it triggers, one with a limit there', () => {
    const stop = { type: 'STOP_LOSS', quantity: '0.05', stopPrice: '99.99' } as const;
    expect(checkOrder(limit({ ...stop, price: null, referencePrice: '200' }), market)).toMatchObject({
      rule: 'NOTIONAL',
    });
    expect(checkOrder(limit({ ...stop, price: '100' }), market)).toMatchObject({ ok: true });
  });

  it.each([
    ['0.123456789', 'PRECISION'],
    ['0.123456', 'LOT_SIZE'],
    ['0.000001', 'LOT_SIZE'],
    ['9000.00001', 'LOT_SIZE'],
    ['1e-2', 'QUANTITY'],
    ['-0.5', 'QUANTITY'],
    ['NaN', 'QUANTITY'],
  ])('never changes the quantity %s of a person, but refuses it by %s', (quantity, rule) => {
    expect(checkOrder(limit({ quantity }), market, 'person')).toMatchObject({ ok: false, rule });
  });

  it('takes the quantity of a person that is on the step as it is', () => {
    expect(checkOrder(limit({ quantity: '0.12345' }), market, 'person')).toMatchObject({
      ok: true,
      quantity: '0.12345',
    });
  });

  it('whatever passes satisfies every filter, and never exceeds what was asked by a step or more', () => {
    const decimalText = tuple(bigInt({ min: 1n, max: 10n ** 12n }), integer({ min: 0, max: 10 })).map(
      ([digits, scale]) => dec(digits.toString()).div(dec('10').pow(scale)).toFixed(scale),
    );
    assert(
      property(decimalText, decimalText, boolean(), (quantity, price, isLimit) => {
        const draft = isLimit ? limit({ quantity, price }) : marketOrder({ quantity, referencePrice: price });
        const checked = checkOrder(draft, market);
        pre(checked.ok);
        const { stepSize, tickSize, minQuantity, maxQuantity, minNotional } = market.filters;
        const fitted = dec(checked.quantity);
        expect(fitted.mod(dec(stepSize)).eq(zero)).toBe(true);
        expect(fitted.gte(dec(minQuantity)) && fitted.lte(dec(maxQuantity))).toBe(true);
        expect(fitted.lte(dec(quantity)) && dec(quantity).minus(fitted).lt(dec(stepSize))).toBe(true);
        expect(fitted.times(dec(price)).gte(dec(minNotional))).toBe(true);
        if (checked.price !== null) expect(dec(checked.price).mod(dec(tickSize)).eq(zero)).toBe(true);
      }),
    );
  });

  it('never refuses an order that sits on the grid and within the limits', () => {
    assert(
      property(integer({ min: 1, max: 900_000_000 }), integer({ min: 1, max: 10_000_000 }), (steps, ticks) => {
        const quantity = dec(steps).times(dec('0.00001'));
        const price = dec(ticks).times(dec('0.01'));
        pre(quantity.times(price).gte(dec('5')));
        expect(checkOrder(limit({ quantity: quantity.toFixed(), price: price.toFixed() }), market)).toEqual({
          ok: true,
          quantity: quantity.toFixed(),
          price: price.toFixed(),
          stopPrice: null,
        });
      }),
    );
  });
});

describe('a client order id', () => {
  it.each([
    ['0123456789abcdef0123456789abcdef', true],
    ['a'.repeat(36), true],
    ['a'.repeat(37), false],
    ['', false],
    ['a b', false],
    ['a.b', false],
  ])('%j fits: %s', (id, fits) => {
    expect(isClientOrderId(id)).toBe(fits);
  });
});
