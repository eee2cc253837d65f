import { array, assert, double, integer, property, record } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { percentile, tailMean } from '../../../src/domain/backtest/statistics.ts';
import { dec } from '../../../src/domain/decimal.ts';
import { dayMs } from '../../../src/domain/market/interval.ts';
import { portfolioExposure } from '../../../src/domain/portfolio/exposure.ts';
import { type IndexPoint, dailyReturns } from '../../../src/domain/portfolio/index-series.ts';
import { fitFigures, riskReport } from '../../../src/domain/portfolio/risk-figures.ts';
import reference from './risk-values.json' with { type: 'json' };
import { positionOf, valued } from './valuations.ts';

const start = Date.UTC(2024, 0, 1);
/** One reading a day, late in the evening. */
const endOfDays = (index: readonly number[]): readonly IndexPoint[] =>
  index.map((value, i) => ({ at: start + i * dayMs + 86_000_000, index: value }));
const closesOf = (btc: readonly number[]) => new Map(btc.map((close, i) => [start + (i - 1) * dayMs, close]));
const none = new Map<number, number>();

const expectClose = (found: number | null, wanted: number, what: string): void => {
  const scale = Math.max(Math.abs(wanted), 1e-3);
  expect(Math.abs((found ?? Number.NaN) - wanted) / scale, `${what}: ${found}, not ${wanted}`).toBeLessThan(1e-9);
};

describe.each(reference.series)('of $name', ({ index, btc, empyrical, quantstats, numpy }) => {
  const { figures, reasons } = riskReport({
    valuation: valued({ USDT: '2000' }),
    points: endOfDays(index),
    btcCloses: closesOf(btc),
  });

  it.each([
    ['value at risk, in dollars', figures.var95! / -2000, [empyrical.var]],
    ['conditional value at risk, in dollars', figures.cvar95! / -2000, [empyrical.cvar]],
    ['volatility', figures.volatility, [empyrical.volatility, quantstats.volatility]],
    ['Sharpe', figures.sharpe, [empyrical.sharpe, quantstats.sharpe]],
    ['greatest drawdown', figures.maxDrawdownPct! / -100, [empyrical.max_drawdown, quantstats.max_drawdown]],
    ['correlation with BTC', figures.correlationBtc, [numpy.correlation]],
  ])('%s is what the libraries say', (what, found, wanted) => {
    for (const each of wanted) expectClose(found, each, what);
    expect(reasons).toEqual({});
  });
});

describe('a figure that is not defined', () => {
  it('is null, and says why', () => {
    const { figures, reasons } = riskReport({ valuation: valued({}), points: [], btcCloses: none });
    expect(figures).toEqual({
      var95: null,
      cvar95: null,
      volatility: null,
      sharpe: null,
      maxDrawdownPct: null,
      correlationBtc: null,
      diversification: null,
      positions: 0,
      largestPosition: 0,
    });
    expect(reasons).toEqual({
      var95: 'there is no daily return yet',
      cvar95: 'there is no daily return yet',
      volatility: 'it takes two daily returns',
      sharpe: 'it takes two daily returns',
      maxDrawdownPct: 'the index has not been read yet',
      correlationBtc: 'it takes two days on which candles of BTC are stored',
      diversification: 'nothing that has a price is held',
    });
  });

  it('comes with equal returns, a BTC that stands still, and an equity that is gone', () => {
    const points = endOfDays([1, 1, 1]);
    const still = riskReport({ valuation: valued({ USDT: '1' }), points, btcCloses: closesOf([5, 5, 5, 5]) });
    expect(still.figures).toMatchObject({ volatility: 0, sharpe: null, correlationBtc: null, var95: 0, cvar95: 0 });
    expect(still.reasons).toEqual({
      sharpe: 'all daily returns are equal',
      correlationBtc: 'one of the two has not moved',
    });
    const short = positionOf({ side: 'SHORT', collateral: dec('200') });
    const gone = riskReport({ valuation: valued({ USDT: '50' }, [short]), points, btcCloses: none });
    expect(gone.reasons).toMatchObject({
      var95: 'equity is not above zero',
      cvar95: 'equity is not above zero',
      largestPosition: 'equity is not above zero',
    });
  });
});

describe('the daily returns of the index', () => {
  it('take the last reading of a UTC day, carry it over days without one, and begin at 1', () => {
    const at = (day: number, hour: number, index: number) => ({ at: start + day * dayMs + hour * 3_600_000, index });
    const found = dailyReturns([at(0, 1, 2), at(0, 23, 1.1), at(2, 0, 0.55), at(3, 5, 0.66)]);
    expect(found.map(({ day, value }) => [(day - start) / dayMs, Number(value.toFixed(12))])).toEqual([
      [0, 0.1],
      [1, 0],
      [2, -0.5],
      [3, 0.2],
    ]);
  });

  it('end with what lost everything, and begin again after it', () => {
    expect(dailyReturns(endOfDays([0.5, 0, 0, 1, 1.5])).map(({ value }) => value)).toEqual([-0.5, -1, 0.5]);
  });
});

const returns = array(double({ min: -0.9, max: 3, noNaN: true }), { minLength: 1, maxLength: 200 });
const indexOf = (growth: readonly number[]): readonly number[] => {
  let index = 1;
  return growth.map((each) => (index *= 1 + each));
};

describe('for any series of returns', () => {
  it('the tail loses at least as much as value at risk', () => {
    assert(
      property(returns, (growth) => {
        expect(-tailMean(growth, 0.05)).toBeGreaterThanOrEqual(-percentile(growth, 0.05) - 1e-12);
        const { figures } = riskReport({
          valuation: valued({ USDT: '1000' }),
          points: endOfDays(indexOf(growth)),
          btcCloses: none,
        });
        expect(figures.cvar95).toBeGreaterThanOrEqual(figures.var95! - 1e-9);
      }),
    );
  });

  it('an account a thousand times as large loses a thousand times as much, and has the same ratios', () => {
    assert(
      property(returns, integer({ min: 1, max: 1_000_000 }), (growth, size) => {
        const points = endOfDays(indexOf(growth));
        const of = (usdt: number) =>
          riskReport({ valuation: valued({ USDT: String(usdt), BTC: String(usdt) }), points, btcCloses: none }).figures;
        const { var95, cvar95, ...ratios } = of(size * 1000);
        const small = of(size);
        expect(small).toMatchObject(ratios);
        expect(var95! / 1000).toBeCloseTo(small.var95!, 6);
        expect(cvar95! / 1000).toBeCloseTo(small.cvar95!, 6);
      }),
    );
  });
});

describe('diversification', () => {
  const of = (free: Readonly<Record<string, string>>) =>
    riskReport({ valuation: valued(free), points: [], btcCloses: none }).figures.diversification;

  it('is 0 of one asset and 1 of an even spread, whatever the number', () => {
    expect(of({ USDT: '5' })).toBe(0);
    expect(of({ USDT: '100', BTC: '1' })).toBe(1);
    expect(of({ USDT: '100', BTC: '1', ETH: '10' })).toBeCloseTo(1, 12);
    // Weights 0.75 and 0.25: (1 − 0.625) / (1 − 1/2).
    expect(of({ USDT: '300', BTC: '1', ETH: '0' })).toBeCloseTo(0.75, 12);
  });

  it('is never outside of 0 to 1', () => {
    const amount = integer({ min: 0, max: 1_000_000_000 });
    assert(
      property(record({ USDT: amount, USDC: amount, BTC: amount, ETH: amount }), (amounts) => {
        const found = of(Object.fromEntries(Object.entries(amounts).map(([asset, held]) => [asset, String(held)])));
        if (found === null) return expect(Object.values(amounts).every((held) => held === 0)).toBe(true);
        expect(found).toBeGreaterThanOrEqual(0);
        expect(found).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('counts what a short owes as one of the things that are held', () => {
    const short = positionOf({ side: 'SHORT', quantity: dec('2'), collateral: dec('400') });
    const { figures } = riskReport({ valuation: valued({ USDT: '200' }, [short]), points: [], btcCloses: none });
    expect(figures.diversification).toBe(1);
  });
});

describe('positions and exposure', () => {
  const valuation = valued({ USDT: '900', BTC: '2', ETH: '1' }, [
    positionOf({ quantity: dec('2') }),
    positionOf({ strategyId: 'b', quantity: dec('1'), side: 'SHORT', collateral: dec('220') }),
    positionOf({ strategyId: 'b', symbol: 'ETHUSDT', base: 'ETH' }),
    positionOf({ strategyId: 'c', quantity: dec('1'), side: 'SHORT' }),
    positionOf({ strategyId: 'd', symbol: 'XYZUSDC', base: 'XYZ', quote: 'USDC' }),
  ]);

  it('count what is held or owed, at its price', () => {
    expect(portfolioExposure(valuation)).toEqual({
      bySymbol: { BTCUSDT: '300', ETHUSDT: '10', XYZUSDC: '0' },
      byStrategy: { a: '200', b: '110', d: '0' },
      bySide: { LONG: '210', SHORT: '100' },
    });
    const { figures } = riskReport({ valuation, points: [], btcCloses: none });
    expect(figures).toMatchObject({ positions: 4, largestPosition: 200 / 1010 });
  });
});

describe('what the columns cannot hold', () => {
  it('is clamped, and kept as it was', () => {
    const { figures } = riskReport({
      valuation: valued({ USDT: '10', BTC: '2' }, [
        positionOf({ quantity: dec('2') }),
        positionOf({ strategyId: 'b', quantity: dec('2.09'), side: 'SHORT', collateral: dec('400') }),
      ]),
      points: endOfDays([1, 1e9, 1]),
      btcCloses: none,
    });
    const { columns, raw } = fitFigures(figures);
    expect(columns).toMatchObject({ volatility: 999_999.9999, largestPosition: 9.9999, positions: 2 });
    expect(raw).toEqual({ volatility: figures.volatility, largestPosition: 209 });
  });
});
