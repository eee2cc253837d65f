import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dec, text } from '../../../src/domain/decimal.ts';
import { neutralSettings } from '../../../src/domain/goals/risk-settings.ts';
import { scaledStake } from '../../../src/domain/orders/scaled-stake.ts';
import { sizeEntry, stakeInQuote } from '../../../src/domain/orders/sizing.ts';
import type { PositionSize, RiskParams } from '../../../src/domain/strategy/definition.ts';

const riskOf = (position_size: PositionSize, stop_loss_pct: number | null = null): RiskParams => ({
  side: 'LONG',
  position_size,
  stop_loss_pct,
});
const at = (riskScale: number, riskTolerance: number | null = 0.02) => ({
  ...neutralSettings,
  riskScale,
  riskTolerance,
});
const free = dec('10000');
const scaled = (risk: RiskParams, riskScale: number, riskTolerance: number | null = 0.02) => {
  const { factor, risk: after } = scaledStake(risk, at(riskScale, riskTolerance), free);
  return { factor, value: after.position_size.value };
};

const sizes = fc.oneof(
  fc.record({ type: fc.constant('equity_fraction' as const), value: fc.double({ min: 0.001, max: 1, noNaN: true }) }),
  fc.record({ type: fc.constant('fixed_quote' as const), value: fc.double({ min: 1, max: 20_000, noNaN: true }) }),
  fc.record({ type: fc.constant('risk_fraction' as const), value: fc.double({ min: 0.0001, max: 0.1, noNaN: true }) }),
);
const stops = fc.double({ min: 0.1, max: 90, noNaN: true });

describe('a stake', () => {
  it('is itself where nothing is scaled, whatever the tolerance', () => {
    fc.assert(
      fc.property(sizes, stops, fc.double({ min: 0.0001, max: 0.25, noNaN: true }), (size, stop, tolerance) => {
        const risk = riskOf(size, stop);
        expect(scaledStake(risk, at(1, tolerance), free)).toEqual({ risk, factor: '1' });
        expect(scaledStake(risk, at(1, tolerance), free).risk).toBe(risk);
      }),
    );
  });

  it.each([
    [
      'without a stop is multiplied',
      riskOf({ type: 'fixed_quote', value: 1_000 }),
      1.5,
      { factor: '1.5', value: 1_500 },
    ],
    [
      'is lowered whatever its own risk',
      riskOf({ type: 'risk_fraction', value: 0.05 }, 2),
      0.5,
      { factor: '0.5', value: 0.025 },
    ],
    [
      'is raised up to the tolerance',
      riskOf({ type: 'risk_fraction', value: 0.016 }, 2),
      1.5,
      { factor: '1.25', value: 0.02 },
    ],
    [
      'above the tolerance is left as it is',
      riskOf({ type: 'risk_fraction', value: 0.03 }, 2),
      1.5,
      { factor: '1', value: 0.03 },
    ],
    // 4000 of 10000 lose 4 % of them at the stop: 1.6 %.
    [
      'in quote counts what it loses of what is free',
      riskOf({ type: 'fixed_quote', value: 4_000 }, 4),
      1.5,
      { factor: '1.25', value: 5_000 },
    ],
    [
      'of a share of equity counts its stop',
      riskOf({ type: 'equity_fraction', value: 0.4 }, 4),
      1.5,
      { factor: '1.25', value: 0.5 },
    ],
  ])('%s', (_name, risk, scale, expected) => {
    expect(scaled(risk, scale)).toEqual(expected);
  });

  it('raised never loses more at its stop than the tolerance or than its own, and never is more than what is free', () => {
    const scale = fc.integer({ min: 10_000, max: 30_000 }).map((value) => value / 10_000);
    fc.assert(
      fc.property(sizes, stops, scale, fc.integer({ min: 1, max: 2_500 }), (size, stop, riskScale, tolerance) => {
        const own = riskOf(size, stop);
        const { risk } = scaledStake(own, at(riskScale, tolerance / 10_000), free);
        const lossOf = (risked: RiskParams): number =>
          risked.position_size.type === 'risk_fraction'
            ? risked.position_size.value
            : (Number(text(stakeInQuote({ riskParams: risked, freeQuote: free, takerFee: dec('0') }))) * stop) / 1e6;
        expect(lossOf(risk)).toBeLessThanOrEqual(Math.max(tolerance / 10_000, lossOf(own)) + 1e-9);
        expect(lossOf(risk)).toBeGreaterThanOrEqual(lossOf(own) - 1e-12);
        const order = { freeQuote: free, referencePrice: dec('100'), takerFee: dec('0.001'), stepSize: dec('0.001') };
        expect(Number(text(sizeEntry({ riskParams: risk, ...order })))).toBeLessThanOrEqual(100);
      }),
    );
  });

  it('has nothing to be a share of where nothing is free', () => {
    const risk = riskOf({ type: 'fixed_quote', value: 100 }, 2);
    expect(scaledStake(risk, at(1.5), dec('0')).factor).toBe('1.5');
  });
});
