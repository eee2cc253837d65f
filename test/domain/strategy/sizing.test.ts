import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { entryQuantity, fitQuantity, noFilters, numericFilters } from '../../../src/domain/strategy/sizing.ts';
import type { PositionSize } from '../../../src/domain/strategy/definition.ts';

test('what is spent, fees included, never exceeds the cash', () => {
  const sizes: fc.Arbitrary<PositionSize> = fc.oneof(
    fc.record({ type: fc.constant('equity_fraction' as const), value: fc.double({ min: 0.01, max: 1, noNaN: true }) }),
    fc.record({ type: fc.constant('fixed_quote' as const), value: fc.double({ min: 1, max: 1e6, noNaN: true }) }),
    fc.record({ type: fc.constant('risk_fraction' as const), value: fc.double({ min: 0.001, max: 1, noNaN: true }) }),
  );
  const amounts = fc.double({ min: 0.01, max: 1e6, noNaN: true });
  fc.assert(
    fc.property(
      sizes,
      amounts,
      amounts,
      fc.double({ min: 0, max: 0.01, noNaN: true }),
      (size, cash, price, feeRate) => {
        const risk = { position_size: size, stop_loss_pct: 1 };
        const quantity = entryQuantity({ risk, equity: cash, cash, price, feeRate });
        expect(quantity * price * (1 + feeRate)).toBeLessThanOrEqual(cash * (1 + 1e-12));
        expect(quantity).toBeGreaterThan(0);
      },
    ),
  );
});

test.each([
  ['kelly', { position_size: { type: 'kelly', value: 0.5 } }],
  ['risk_fraction without a stop', { position_size: { type: 'risk_fraction', value: 0.5 } }],
] as const)('sizing by %s is refused', (_what, risk) => {
  expect(() => entryQuantity({ risk, equity: 1, cash: 1, price: 1, feeRate: 0 })).toThrow(
    expect.objectContaining({ name: 'BadStrategy' }),
  );
});

test.each([
  [0.3, 0.1, 0.3],
  [0.1 * 3, 0.1, 0.3],
  [0.299_999, 0.1, 0.2],
  [1.234_567_89, 0.000_01, 1.234_56],
  [17, 5, 15],
])('%d floored to a step of %d is %d', (quantity, stepSize, fitted) => {
  expect(fitQuantity(quantity, 1, { ...noFilters, stepSize })).toBe(fitted);
});

test('a filter that is no number is refused', () => {
  const filters = { tickSize: 'x', stepSize: '0', minQuantity: '0', maxQuantity: '0', minNotional: '0' };
  expect(() => numericFilters(filters)).toThrow(expect.objectContaining({ name: 'BadInput' }));
});
