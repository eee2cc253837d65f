import { dec } from '../../../src/domain/decimal.ts';
import { type Arbitrary, array, boolean, constantFrom, integer, record } from 'fast-check';
import type { PositionContext } from '../../../src/domain/accounting/position-fold.ts';
import type { PositionTrade, TradedOrder } from '../../../src/domain/accounting/trade.ts';

export const context: PositionContext = { base: 'BTC', quote: 'USDT', borrows: false };
export const onPaper: PositionContext = { ...context, borrows: true };

/** An order that is over, on a market with steps of 0.001 and no other limit. */
export const endedOrder: Omit<TradedOrder, 'orderId'> = {
  isEnded: true,
  reduceOnly: false,
  stepSize: dec('0.001'),
  minQuantity: dec('0'),
  minNotional: dec('0'),
  borrowPct: dec('0'),
};

let next = 0;

/** `trade('BUY', '2', '100')`: later than every one made before, all of its order, without a fee unless one is given. */
export const trade = (
  side: PositionTrade['side'],
  quantity: string,
  price: string,
  over: {
    tradeId?: string;
    fee?: readonly [amount: string, asset: string];
    executedAt?: number;
    order?: Partial<TradedOrder>;
  } = {},
): PositionTrade => {
  next += 1;
  return {
    tradeId: over.tradeId ?? String(next),
    side,
    quantity: dec(quantity),
    price: dec(price),
    commission: dec(over.fee?.[0] ?? '0'),
    commissionAsset: over.fee?.[1] ?? 'USDT',
    executedAt: over.executedAt ?? next * 1_000,
    order: { ...endedOrder, orderId: `order ${next}`, ...over.order },
  };
};

const thousandths = (max: number) => integer({ min: 1, max }).map((n) => dec(String(n / 1_000)));

/** Trades with unique ids, some at the same instant or of one order, fees in base, quote or a third asset. */
export const tradesArbitrary = (
  sides: readonly PositionTrade['side'][] = ['BUY', 'SELL'],
  market: Partial<TradedOrder> = {},
): Arbitrary<readonly PositionTrade[]> =>
  array(
    record({
      side: constantFrom(...sides),
      quantity: thousandths(5_000),
      price: thousandths(200_000),
      feeBps: integer({ min: 0, max: 30 }),
      commissionAsset: constantFrom('BTC', 'USDT', 'BNB'),
      executedAt: integer({ min: 0, max: 20 }).map((days) => days * 86_400_000),
      order: record({ number: integer({ min: 1, max: 4 }), isEnded: boolean(), reduceOnly: boolean() }),
    }),
    { minLength: 1, maxLength: 12 },
  ).map((rows) =>
    rows.map(({ feeBps, order: { number, ...of }, ...row }, index) => ({
      ...row,
      tradeId: String(index + 95),
      commission: (row.commissionAsset === 'BTC' ? row.quantity : row.quantity.times(row.price)).times(
        dec(String(feeBps / 10_000)),
      ),
      order: { ...endedOrder, ...of, ...market, orderId: `${row.side} ${number}` },
    })),
  );

/** No remainder is ever dust. */
export const anyQuantity: Partial<TradedOrder> = { stepSize: dec('0') };
