import { type Decimal, dec } from '../../../src/domain/decimal.ts';
import { type Close, type PriceFacts, dollars } from '../../../src/domain/portfolio/prices.ts';
import {
  type HeldPosition,
  type Holdings,
  type Valuation,
  valuationOf,
} from '../../../src/domain/portfolio/valuation.ts';

/** What prices things: closes by symbol, all of the same time. */
export const factsOf = (closes: Readonly<Record<string, string>>, over: Partial<PriceFacts> = {}): PriceFacts => ({
  units: dollars,
  closes: new Map(
    Object.entries(closes).map(([symbol, price]): [string, Close] => [symbol, { price: dec(price), at: 0 }]),
  ),
  marks: [],
  last: new Map(),
  ...over,
});

/** A position of 1 at 100 on BTCUSDT, but for what is given. */
export const positionOf = (over: Partial<HeldPosition> = {}): HeldPosition => ({
  strategyId: 'a',
  symbol: 'BTCUSDT',
  base: 'BTC',
  quote: 'USDT',
  side: 'LONG',
  quantity: dec('1'),
  mark: dec('100'),
  collateral: dec('0'),
  ...over,
});

export const holdingsOf = (
  free: Readonly<Record<string, string | Decimal>>,
  positions: readonly HeldPosition[] = [],
): Holdings => ({
  assets: Object.entries(free).map(([asset, amount]) => ({ asset, free: dec(amount), locked: dec('0') })),
  positions,
});

/** BTC at 100, ETH at 10. */
export const valued = (
  free: Readonly<Record<string, string | Decimal>>,
  positions: readonly HeldPosition[] = [],
): Valuation => valuationOf(holdingsOf(free, positions), factsOf({ BTCUSDT: '100', ETHUSDT: '10' }));
