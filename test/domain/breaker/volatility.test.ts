import { array, assert, double, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type VolatilityQuestion, fittingIntervals, volatilityRatio } from '../../../src/domain/breaker/volatility.ts';

const minute = 60_000;

/** Minutes that move up and down by `steps[window]`, ten a window, oldest first. */
const walk = (steps: readonly number[]): Pick<VolatilityQuestion, 'times' | 'closes'> => {
  const closes = [100];
  for (const step of steps) for (let i = 0; i < 10; i += 1) closes.push(i % 2 === 0 ? 100 * Math.exp(step) : 100);
  return { times: closes.map((_, i) => i * minute), closes };
};

const ask = (walked: Pick<VolatilityQuestion, 'times' | 'closes'>, over: Partial<VolatilityQuestion> = {}) =>
  volatilityRatio({
    ...walked,
    candleMs: minute,
    windowMs: 10 * minute,
    historyMs: 300 * minute,
    since: null,
    ...over,
  });

const calm = Array.from({ length: 24 }, () => 0.001);

describe('the volatility ratio', () => {
  it('is how many times as much the newest window moves as the median of those before it', () => {
    expect(ask(walk([...calm, 0.004])).ratio).toBeCloseTo(4, 9);
    expect(ask(walk([...calm, 0.001])).ratio).toBeCloseTo(1, 9);
    expect(ask(walk([...calm, 0.1, 0.004])).ratio).toBeCloseTo(4, 9);
  });

  it('does not change with the price level', () => {
    const steps = array(double({ min: 0.0001, max: 0.05, noNaN: true }), { minLength: 22, maxLength: 30 });
    assert(
      property(steps, double({ min: 0.01, max: 1_000, noNaN: true }), (moves, scale) => {
        const { times, closes } = walk(moves);
        const scaled = Array.from(closes, (close) => close * scale);
        expect(ask({ times, closes: scaled }).ratio).toBeCloseTo(ask({ times, closes }).ratio ?? Number.NaN, 6);
      }),
    );
  });

  it('is not defined under 20 earlier windows, in a market that stands still, and where the newest window has holes', () => {
    expect(ask(walk([...calm.slice(5), 0.004]))).toEqual({ ratio: null, reason: '19 earlier windows, 20 are needed' });
    expect(ask(walk([...calm.slice(4), 0.004])).ratio).not.toBeNull();
    expect(ask(walk([...calm.map(() => 0), 0.004]))).toMatchObject({ ratio: null });
    const { times, closes } = walk([...calm, 0.004]);
    const hole = (keep: (i: number) => boolean) => ({
      times: Array.from(times).filter((_, i) => keep(i)),
      closes: Array.from(closes).filter((_, i) => keep(i)),
    });
    expect(ask(hole((i) => i < times.length - 6 || i === times.length - 1))).toMatchObject({
      ratio: null,
      reason: 'the newest window has too few candles',
    });
    expect(ask(hole((i) => i !== 15)).ratio).toBeCloseTo(4, 9);
    expect(ask({ times: [], closes: [] })).toMatchObject({ ratio: null });
  });

  it('counts no window that reaches back before what has been set aside', () => {
    const walked = walk([...calm, 0.004]);
    const end = (walked.times.length - 1) * minute + minute;
    expect(ask(walked, { since: end - 10 * minute }).ratio).toBeCloseTo(4, 9);
    expect(ask(walked, { since: end - 10 * minute + 1 })).toMatchObject({ ratio: null });
  });

  it('looks back no further than its history', () => {
    expect(ask(walk([...calm, 0.004]), { historyMs: 190 * minute })).toMatchObject({ ratio: null });
  });
});

describe('intervals that fit a window', () => {
  it('make it up in a whole number of candles, four at least, the shortest first', () => {
    expect(fittingIntervals(60 * minute)).toEqual(['1m', '3m', '5m', '15m']);
    expect(fittingIntervals(5 * minute)).toEqual(['1m']);
    expect(fittingIntervals(7 * minute)).toEqual(['1m']);
  });
});
