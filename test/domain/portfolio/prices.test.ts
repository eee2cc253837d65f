import { describe, expect, it } from 'vitest';
import { dec, text } from '../../../src/domain/decimal.ts';
import { type PriceFacts, assetsOf, priceOf, pricingSymbols } from '../../../src/domain/portfolio/prices.ts';
import { valuationOf } from '../../../src/domain/portfolio/valuation.ts';
import { factsOf, holdingsOf, positionOf } from './valuations.ts';

const found = (asset: string, facts: PriceFacts) => {
  const price = priceOf(asset, facts);
  return price && [text(price.price), price.source];
};

describe('the price of an asset', () => {
  const mark = { base: 'XYZ', quote: 'BTC', price: dec('0.5') };
  const last = new Map([['XYZ', { price: dec('7'), at: 0 }]]);

  it('is its close in dollars, else through BTC, else the last known one, else the mark of what is held', () => {
    const btc = { BTCUSDT: '100' };
    expect(found('XYZ', factsOf({ ...btc, XYZBTC: '0.2', XYZUSDC: '30' }, { last, marks: [mark] }))).toEqual([
      '30',
      'candle',
    ]);
    expect(found('XYZ', factsOf({ ...btc, XYZBTC: '0.2' }, { last, marks: [mark] }))).toEqual(['20', 'bridge']);
    expect(found('XYZ', factsOf(btc, { last, marks: [mark] }))).toEqual(['7', 'last']);
    expect(found('XYZ', factsOf(btc, { marks: [mark] }))).toEqual(['50', 'mark']);
    expect(found('XYZ', factsOf({ XYZBTC: '0.2' }, { marks: [mark] }))).toBeNull();
    expect(found('FDUSD', factsOf({ FDUSDUSDT: '0.9' }))).toEqual(['1', 'unit']);
  });

  it('is the newest close of several, and that of the usual dollar where they are of one time', () => {
    const closes = new Map([
      ['XYZUSDT', { price: dec('1'), at: 5 }],
      ['XYZUSDC', { price: dec('2'), at: 5 }],
      ['XYZTUSD', { price: dec('3'), at: 4 }],
    ]);
    expect(found('XYZ', factsOf({}, { closes }))).toEqual(['1', 'candle']);
    closes.set('XYZTUSD', { price: dec('3'), at: 6 });
    expect(found('XYZ', factsOf({}, { closes }))).toEqual(['3', 'candle']);
  });

  it('is not that of candles which were stored later and are older than what is known', () => {
    const stored = (at: number) => new Map([['XYZUSDT', { price: dec('50'), at }]]);
    const known = { last: new Map([['XYZ', { price: dec('7'), at: 10 }]]) };
    expect(found('XYZ', factsOf({}, { closes: stored(9), ...known }))).toEqual(['7', 'last']);
    expect(found('XYZ', factsOf({}, { closes: stored(10), ...known }))).toEqual(['50', 'candle']);
  });

  it('is looked for in no market where all is units of account', () => {
    expect(pricingSymbols(['USDT', 'USDC'], ['USDT', 'USDC'])).toEqual([]);
    expect(pricingSymbols(['USDT', 'ETH'], ['USDT'])).toEqual(['ETHUSDT', 'ETHBTC', 'BTCUSDT']);
  });
});

describe('the assets of a market whose orders are gone', () => {
  it.each([
    ['BTCUSDT', 'BTC', 'USDT'],
    ['BTCFDUSD', 'BTC', 'FDUSD'],
    ['ETHBTC', 'ETH', 'BTC'],
    ['ADABUSD', 'ADA', 'BUSD'],
  ])('%s are %s and %s', (symbol, base, quote) => expect(assetsOf(symbol)).toEqual({ base, quote }));
  it('are unknown of a name that ends with no quote', () => expect(assetsOf('MANUAL')).toBeNull());
});

describe('a valuation', () => {
  it('leaves out what has no price, and says so once', () => {
    const short = positionOf({ side: 'SHORT', symbol: 'ABCDEF', base: 'ABC', quote: 'DEF', collateral: dec('1') });
    const { equity, unpriced } = valuationOf(
      holdingsOf({ USDT: '5', XYZ: '1', NIL: '0' }, [short, { ...short, strategyId: 'b' }]),
      factsOf({}),
    );
    expect([text(equity), unpriced]).toEqual(['5', ['ABC', 'XYZ']]);
  });
});
