import { assert, constant, property, shuffledSubarray, tuple } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { foldOrder } from '../../../src/domain/accounting/order-fold.ts';
import { sum, text } from '../../../src/domain/decimal.ts';
import { trade, tradesArbitrary } from './trades.ts';

describe('what an order’s trades say of it', () => {
  it('is nothing before the first fill', () => {
    expect(foldOrder([])).toMatchObject({ averageFillPrice: null, commission: null, lastFillAt: null });
  });

  it('averages by volume: 1 at 100 and 2 at 103 are 3 at 102', () => {
    const fold = foldOrder([trade('BUY', '1', '100'), trade('BUY', '2', '103')]);
    expect([text(fold.filledQuantity), text(fold.averageFillPrice!)]).toEqual(['3', '102']);
  });

  it('adds fees of one asset, and says nothing in one number of fees in two', () => {
    const first = trade('BUY', '1', '100', { fee: ['0.1', 'BNB'] });
    const one = foldOrder([first, trade('BUY', '1', '100', { fee: ['0.2', 'BNB'] })]);
    expect([text(one.commission!), one.commissionAsset]).toEqual(['0.3', 'BNB']);
    const two = foldOrder([first, trade('BUY', '1', '100', { fee: ['0.001', 'BTC'] })]);
    expect([two.commission, two.commissionAsset]).toEqual([null, null]);
    expect([...two.commissionByAsset].map(([asset, amount]) => [asset, text(amount)])).toEqual([
      ['BNB', '0.1'],
      ['BTC', '0.001'],
    ]);
  });

  it('is the same in any order, fills what the trades add up to, and averages within their prices', () => {
    assert(
      property(
        tradesArbitrary(['BUY']).chain((trades) =>
          tuple(
            constant(trades),
            shuffledSubarray([...trades], { minLength: trades.length, maxLength: trades.length }),
          ),
        ),
        ([trades, shuffled]) => {
          const fold = foldOrder(trades);
          const again = foldOrder(shuffled);
          expect(text(again.filledQuantity)).toBe(text(sum(trades.map((one) => one.quantity))));
          expect(text(again.averageFillPrice!)).toBe(text(fold.averageFillPrice!));
          expect(again.lastFillAt).toBe(fold.lastFillAt);
          const prices = trades.map((one) => one.price).sort((a, b) => a.cmp(b));
          expect(fold.averageFillPrice!.gte(prices[0]!.minus('0.00000001'))).toBe(true);
          expect(fold.averageFillPrice!.lte(prices.at(-1)!.plus('0.00000001'))).toBe(true);
        },
      ),
    );
  });
});
