import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { BacktestRun } from '../../../../src/domain/backtest/backtest-run.ts';
import { monteCarlo } from '../../../../src/domain/backtest/validation/monte-carlo.ts';
import { draw, equityFactors } from '../../../../src/domain/backtest/validation/resampling.ts';
import { createRandom } from '../../../../src/domain/random.ts';
import { flat, levels } from '../markets.ts';
import { inputOf } from './inputs.ts';

/** A run of which nothing is looked at but the P&L of its trades; the capital is 1,000. */
const runOf = (pnl: readonly number[]): Pick<BacktestRun, 'input' | 'trades'> => {
  const input = inputOf(levels(0, 0), flat([1, 1]));
  return { input, trades: pnl.map((each) => ({ pnl: each })) as unknown as BacktestRun['trades'] };
};

const losing = fc.array(fc.integer({ min: -20, max: 30 }), { minLength: 2, maxLength: 40 });

test('shuffling keeps every trade, and with it the return of all', () => {
  fc.assert(
    fc.property(losing, fc.nat(), (pnl, seed) => {
      const factors = equityFactors(1_000, pnl);
      const order = factors.slice();
      const random = createRandom(seed);
      for (let sample = 0; sample < 5; sample += 1) draw(order, factors, random);
      expect(order.toSorted()).toEqual(factors.toSorted());
      const product = order.reduce((left, right) => left * right, 1);
      expect(product).toBeCloseTo(1 + pnl.reduce((left, right) => left + right, 0) / 1_000, 10);
    }),
  );
});

test('every order is as likely as every other, and so is every draw', () => {
  const factors = Float64Array.of(2, 3, 5);
  const random = createRandom(3);
  const orders = new Map<string, number>();
  const products = new Map<number, number>();
  for (let sample = 0; sample < 27_000; sample += 1) {
    const order = factors.slice();
    const product = draw(order, factors, random);
    orders.set(order.join(), (orders.get(order.join()) ?? 0) + 1);
    products.set(product, (products.get(product) ?? 0) + 1);
  }
  expect(orders.size).toBe(6);
  for (const count of orders.values()) expect(Math.abs(count - 4_500)).toBeLessThan(250);
  expect(products.size).toBe(10);
  expect(Math.abs(products.get(8)! - 1_000)).toBeLessThan(120);
  expect(Math.abs(products.get(30)! - 6_000)).toBeLessThan(300);
});

test('the same seed gives the same numbers, another one others', () => {
  const run = runOf([10, -20, 30, -15, 5, 5, -40, 60]);
  expect(monteCarlo(run)).toEqual(monteCarlo(run));
  expect(monteCarlo(run, { seed: 7 })).toEqual(monteCarlo(run, { seed: 7 }));
  expect(monteCarlo(run, { seed: 7 })?.return_pct).not.toEqual(monteCarlo(run)?.return_pct);
});

test('percentiles are in order, within what the trades can come to, and probabilities are fractions', () => {
  fc.assert(
    fc.property(losing, fc.nat(), (pnl, seed) => {
      const result = monteCarlo(runOf(pnl), { seed, samples: 50 });
      const { drawdown_pct: drawdown, return_pct: total } = result!;
      for (const { p5, p50, p95 } of [drawdown, total]) {
        expect(p5).toBeLessThanOrEqual(p50);
        expect(p50).toBeLessThanOrEqual(p95);
      }
      const factors = [...equityFactors(1_000, pnl)];
      const allLosses = factors.filter((factor) => factor < 1).reduce((left, right) => left * right, 1);
      expect(drawdown.p95).toBeLessThanOrEqual((1 - allLosses) * 100 + 1e-9);
      // Whatever the order, equity ends where it ends: a loss of all trades together is in every drawdown.
      expect(drawdown.p5).toBeGreaterThanOrEqual(-pnl.reduce((left, right) => left + right, 0) / 10 - 1e-9);
      expect(total.p5).toBeGreaterThanOrEqual((Math.min(...factors) ** pnl.length - 1) * 100 - 1e-9);
      expect(total.p95).toBeLessThanOrEqual((Math.max(...factors) ** pnl.length - 1) * 100 + 1e-9);
      for (const each of [result!.loss_probability, result!.greater_drawdown_probability]) {
        expect(each).toBeGreaterThanOrEqual(0);
        expect(each).toBeLessThanOrEqual(1);
      }
    }),
  );
});

describe('of trades that can be worked out', () => {
  test('the drawdown of losses alone is that of all of them in any order', () => {
    const result = monteCarlo(runOf([-100, -90, -81]));
    expect(result).toMatchObject({
      trades: 3,
      samples: 1_000,
      seed: 1,
      loss_probability: 1,
      greater_drawdown_probability: 0,
    });
    const all = (1 - 0.9 ** 3) * 100;
    expect(Object.values(result!.drawdown_pct)).toEqual(Array(3).fill(expect.closeTo(all, 9)));
    expect(result?.trade_drawdown_pct).toBeCloseTo(all, 9);
  });

  test('a gain of 10 % and a loss of 10 % drawn twice lose in three of four cases', () => {
    const result = monteCarlo(runOf([100, -110]), { samples: 20_000 });
    expect(result?.loss_probability).toBeCloseTo(0.75, 1);
    expect(result?.return_pct.p5).toBeCloseTo(-19, 9);
    expect(result?.return_pct.p50).toBeCloseTo(-1, 9);
    expect(result?.return_pct.p95).toBeCloseTo(21, 9);
  });

  test('two losses apart are worse together, which happens in two of three orders', () => {
    const result = monteCarlo(runOf([-100, 225, -112.5]), { samples: 20_000 });
    expect(result?.trade_drawdown_pct).toBeCloseTo(10, 9);
    expect(result?.greater_drawdown_probability).toBeCloseTo(2 / 3, 1);
    expect(result?.drawdown_pct.p95).toBeCloseTo(19, 9);
  });

  test('nothing is earned any more after a loss of everything', () => {
    expect(monteCarlo(runOf([-1_200, 50]))).toMatchObject({
      trade_drawdown_pct: 100,
      drawdown_pct: { p5: 100, p95: 100 },
    });
    expect([...equityFactors(1_000, [500, -1_500, 50])]).toEqual([1.5, 0, 1]);
  });

  test('is null under two trades, and draws fewer samples of very many', () => {
    expect(monteCarlo(runOf([]))).toBeNull();
    expect(monteCarlo(runOf([5]))).toBeNull();
    expect(monteCarlo(runOf(Array<number>(4_000).fill(0.01)))?.samples).toBe(250);
    expect(monteCarlo(runOf(Array<number>(9_000).fill(0.01)))?.samples).toBe(200);
  });
});
