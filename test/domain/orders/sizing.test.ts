import { assert, constantFrom, double, integer, property, record } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dec, text, zero } from '../../../src/domain/decimal.ts';
import {
  type SizingInput,
  marketBufferBps,
  reservationFor,
  sizeEntry,
  sizeExit,
} from '../../../src/domain/orders/sizing.ts';
import type { PositionSize } from '../../../src/domain/strategy/definition.ts';

const input = (size: PositionSize, over: Partial<SizingInput> = {}, stopPct: number | null = null): SizingInput => ({
  riskParams: { side: 'LONG', position_size: size, stop_loss_pct: stopPct },
  freeQuote: dec('1000'),
  referencePrice: dec('100'),
  takerFee: dec('0.001'),
  stepSize: dec('0.001'),
  ...over,
});

/** 100 with a fee of 0.1 % and the buffer of 0.5 % on top: 100.6005 for each unit. */
const allIn = 100 * 1.001 * (1 + marketBufferBps / 10_000);

describe('the size of an entry', () => {
  it.each([
    [{ type: 'equity_fraction', value: 0.5 }, 500],
    [{ type: 'equity_fraction', value: 1 }, 1_000],
    [{ type: 'fixed_quote', value: 250 }, 250],
    [{ type: 'fixed_quote', value: 5_000 }, 1_000],
  ] as const)('%o of 1000 spends %d at most, fee and buffer inside', (size, spendable) => {
    expect(text(sizeEntry(input(size)))).toBe(String(Math.floor((spendable / allIn) * 1_000) / 1_000));
  });

  it('risk_fraction loses that share of what is free at the stop: 1 % of 1000 at 5 % of 100 is 2', () => {
    expect(text(sizeEntry(input({ type: 'risk_fraction', value: 0.01 }, {}, 5)))).toBe('2');
  });

  it('refuses what it cannot size', () => {
    expect(() => sizeEntry(input({ type: 'risk_fraction', value: 0.01 }))).toThrow(/needs risk_params.stop_loss_pct/);
    expect(() => sizeEntry(input({ type: 'kelly', value: 1 }))).toThrow(
      expect.objectContaining({ name: 'BadStrategy' }),
    );
  });

  it('is zero with nothing free', () => {
    expect(text(sizeEntry(input({ type: 'fixed_quote', value: 10 }, { freeQuote: zero })))).toBe('0');
  });

  it('is never above what is free, with its fee, at a price up to the buffer higher; and a multiple of the step', () => {
    const cases = record({
      type: constantFrom('equity_fraction', 'fixed_quote', 'risk_fraction'),
      value: double({ min: 0.001, max: 1, noNaN: true }),
      free: integer({ min: 0, max: 10_000_000 }),
      price: integer({ min: 1, max: 10_000_000 }),
      fee: constantFrom('0', '0.001', '0.01'),
      step: constantFrom('0.00001', '0.001', '1', '0'),
      stopPct: integer({ min: 1, max: 99 }),
    });
    assert(
      property(cases, ({ type, value, free, price, fee, step, stopPct }) => {
        const freeQuote = dec(String(free / 100));
        const referencePrice = dec(String(price / 100));
        const amount = type === 'fixed_quote' ? value * 50_000 : value;
        const over = { freeQuote, referencePrice, takerFee: dec(fee), stepSize: dec(step) };
        const quantity = sizeEntry(input({ type, value: amount }, over, stopPct));
        const worst = referencePrice.times(String(1 + marketBufferBps / 10_000)).times(dec(fee).plus('1'));
        expect(quantity.gte(zero)).toBe(true);
        expect(quantity.times(worst).lte(freeQuote)).toBe(true);
        if (step !== '0') expect(quantity.mod(step).eq(zero)).toBe(true);
        const reserved = reservationFor({
          side: 'BUY',
          quantity,
          price: referencePrice,
          takerFee: dec(fee),
          freeQuote,
        });
        expect(reserved.lte(freeQuote)).toBe(true);
        expect(reserved.gte(quantity.times(referencePrice).times(dec(fee).plus('1')))).toBe(true);
      }),
    );
  });
});

describe('the size of an exit', () => {
  it.each([
    ['1', '5', '1'],
    ['1', '0.9995', '0.999'],
    ['0.0009', '5', '0'],
  ])('of %s held with %s free is %s', (held, free, expected) => {
    expect(text(sizeExit(dec(held), dec(free), dec('0.001')))).toBe(expected);
  });

  it.each([
    ['1000', '201.201'],
    ['200.5', '200.5'],
    ['100', '200.2'],
  ])(
    'with %s free reserves %s for 2 at 100: all it costs, and the buffer as far as there is',
    (freeQuote, reserved) => {
      const order = { side: 'BUY', quantity: dec('2'), price: dec('100'), takerFee: dec('0.001') } as const;
      expect(text(reservationFor({ ...order, freeQuote: dec(freeQuote) }))).toBe(reserved);
    },
  );

  it('reserves the base that it sells', () => {
    const sale = {
      side: 'SELL',
      quantity: dec('2'),
      price: dec('100'),
      takerFee: dec('0.001'),
      freeQuote: zero,
    } as const;
    expect(text(reservationFor(sale))).toBe('2');
  });
});
