import { dec } from '../../../src/domain/decimal.ts';
import type { Trade } from '../../../src/domain/accounting/trade.ts';
import type { PositionContext } from '../../../src/domain/accounting/position-fold.ts';
import { type Arbitrary, array, constantFrom, integer, record } from 'fast-check';

export const context: PositionContext = { base: 'BTC', quote: 'USDT', stepSize: dec('0.001') };
/** No remainder is ever dust. */
export const exactContext: PositionContext = { ...context, stepSize: dec('0') };

let next = 0;

/** `trade('BUY', '2', '100')`: later than every one made before, without a fee unless one is given. */
export const trade = (
  side: Trade['side'],
  quantity: string,
  price: string,
  over: { tradeId?: string; fee?: readonly [amount: string, asset: string]; executedAt?: number } = {},
): Trade => {
  next += 1;
  return {
    tradeId: over.tradeId ?? String(next),
    side,
    quantity: dec(quantity),
    price: dec(price),
    commission: dec(over.fee?.[0] ?? '0'),
    commissionAsset: over.fee?.[1] ?? 'USDT',
    executedAt: over.executedAt ?? next * 1_000,
  };
};

const thousandths = (max: number) => integer({ min: 1, max }).map((n) => dec(String(n / 1_000)));

/** Trades with unique ids, some at the same instant, fees in base, quote or a third asset. */
export const tradesArbitrary = (sides: readonly Trade['side'][] = ['BUY', 'SELL']): Arbitrary<readonly Trade[]> =>
  array(
    record({
      side: constantFrom(...sides),
      quantity: thousandths(5_000),
      price: thousandths(200_000),
      feeBps: integer({ min: 0, max: 30 }),
      commissionAsset: constantFrom('BTC', 'USDT', 'BNB'),
      executedAt: integer({ min: 0, max: 20 }),
    }),
    { minLength: 1, maxLength: 12 },
  ).map((rows) =>
    rows.map(({ feeBps, ...row }, index) => ({
      ...row,
      tradeId: String(index + 95),
      commission: (row.commissionAsset === 'BTC' ? row.quantity : row.quantity.times(row.price)).times(
        dec(String(feeBps / 10_000)),
      ),
    })),
  );
