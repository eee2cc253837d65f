import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { dec, text, zero } from '../../../src/domain/decimal.ts';
import { quantityOfStake, sizeEntry, stakeInQuote } from '../../../src/domain/orders/sizing.ts';
import type { PositionSize } from '../../../src/domain/strategy/definition.ts';
import { entryQuantity, floorToStep } from '../../../src/domain/strategy/sizing.ts';

const sizes: fc.Arbitrary<PositionSize> = fc.oneof(
  fc.record({
    type: fc.constantFrom('equity_fraction' as const, 'risk_fraction' as const),
    value: fc.integer({ min: 1, max: 1_000 }).map((thousandths) => thousandths / 1_000),
  }),
  fc.record({
    type: fc.constant('fixed_quote' as const),
    value: fc.integer({ min: 100, max: 5_000_000 }).map((cents) => cents / 100),
  }),
);

test('an order is sized as a backtest sizes at the same price, fee and equity, to the step, but for its buffer', () => {
  const compared = { equal: 0 };
  fc.assert(
    fc.property(
      sizes,
      fc.integer({ min: 0, max: 10_000_000 }),
      fc.integer({ min: 100, max: 10_000_000 }),
      fc.constantFrom('0', '0.0002', '0.001', '0.01'),
      fc.constantFrom('0.001', '0.1', '1'),
      fc.integer({ min: 1, max: 99 }),
      (size, cashCents, priceCents, fee, step, stopPct) => {
        const risk = { side: 'LONG', position_size: size, stop_loss_pct: stopPct } as const;
        const cash = cashCents / 100;
        const price = priceCents / 100;
        const inBacktest = entryQuantity({ risk, equity: cash, cash, price, feeRate: Number(fee) });
        const asOrder = sizeEntry({
          riskParams: risk,
          freeQuote: dec(cash),
          referencePrice: dec(price),
          takerFee: dec(fee),
          stepSize: dec(step),
          bufferBps: 0,
        });
        // Within float64 of a whole step, number and decimal may come down on either side of it.
        const steps = inBacktest / Number(step);
        fc.pre(steps < 1e7 && Math.abs(steps - Math.round(steps)) > 1e-8);
        expect(Number(text(asOrder))).toBe(floorToStep(inBacktest, Number(step)));
        const takerFee = dec(fee);
        const stake = stakeInQuote({ riskParams: risk, freeQuote: dec(cash), takerFee });
        const onPaper = quantityOfStake({
          stake,
          price: dec(price),
          feeRate: takerFee,
          stepSize: dec(step),
          maxQuantity: zero,
        });
        expect(text(onPaper)).toBe(text(asOrder));
        compared.equal += asOrder.gt('0') ? 1 : 0;
      },
    ),
    { numRuns: 1_000 },
  );
  expect(compared.equal).toBeGreaterThan(250);
});

test.each([
  [{ type: 'equity_fraction', value: 0.5 }, '49.95'],
  [{ type: 'fixed_quote', value: 999 }, '9.98'],
  [{ type: 'risk_fraction', value: 0.01 }, '20'],
] as const)('%o of 10 000 at 100 with a fee of 0.1 %% and a stop of 5 %% is %s', (size, quantity) => {
  const risk = { side: 'LONG', position_size: size, stop_loss_pct: 5 } as const;
  const order = {
    riskParams: risk,
    freeQuote: dec('10000'),
    referencePrice: dec('100'),
    takerFee: dec('0.001'),
    stepSize: dec('0.01'),
  };
  const inBacktest = entryQuantity({ risk, equity: 10_000, cash: 10_000, price: 100, feeRate: 0.001 });
  expect([text(sizeEntry({ ...order, bufferBps: 0 })), String(floorToStep(inBacktest, 0.01))]).toEqual([
    quantity,
    quantity,
  ]);
});
