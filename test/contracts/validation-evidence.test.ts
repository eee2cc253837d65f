import { describe, expect, it } from 'vitest';
import { validationEvidence } from '../../src/contracts/validation-evidence.ts';
import { runBacktest } from '../../src/domain/backtest/engine.ts';
import { validateBacktest } from '../../src/domain/backtest/validation/validate-backtest.ts';
import { flat, levels } from '../domain/backtest/markets.ts';

const nothing = {
  outOfSampleShare: null,
  outOfSampleReturnPct: null,
  profitableWindows: null,
  shuffledDrawdownPct: null,
  lookaheadMismatches: null,
};

/** As it comes back from a jsonb column. */
const stored = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

describe('what gates read of a stored validation', () => {
  it('is what the validation found', () => {
    const prices = Array.from({ length: 200 }, (_, bar) => 10 + Math.sin(bar / 3) + bar / 100);
    const run = runBacktest({
      definition: levels(10, 10),
      columns: flat(prices),
      capital: 1_000,
      feeRates: { maker: 0, taker: 0 },
      slippageBps: 0,
    });
    const validation = validateBacktest(run);
    const { outOfSample, walkForward, monteCarlo } = validation;
    expect(validationEvidence(stored({ bars: 200, validation }))).toEqual({
      outOfSampleShare: 0.3,
      outOfSampleReturnPct: outOfSample?.out_of_sample.total_return_pct,
      profitableWindows: walkForward?.profitable_share,
      shuffledDrawdownPct: monteCarlo?.drawdown_pct.p95,
      lookaheadMismatches: 0,
    });
    expect(monteCarlo).not.toBeNull();
  });

  it('is the share alone for rows of earlier versions, whose split was not a run of its own', () => {
    const metadata = { bars: 10, outOfSample: { share: 0.3, total_return_pct: 10, trades: 1 } };
    expect(validationEvidence(metadata)).toEqual({ ...nothing, outOfSampleShare: 0.3 });
    expect(validationEvidence({ ...metadata, validation: null })).toEqual({ ...nothing, outOfSampleShare: 0.3 });
  });

  it.each([
    ['no validation', {}],
    ['no metadata', null],
    [
      'checks that could not be done',
      {
        validation: {
          outOfSample: null,
          walkForward: null,
          monteCarlo: null,
          lookahead: { checked: 0, mismatches: [] },
        },
      },
    ],
    ['something else', { validation: 'yes' }],
  ])('is nothing where there is %s', (_what, metadata) => {
    expect(validationEvidence(metadata)).toEqual(nothing);
  });

  it('counts what looked ahead', () => {
    const lookahead = { checked: 20, mismatches: [{ cut: 3, bar: 2, what: 'equity' }], pass: false };
    expect(validationEvidence({ validation: { lookahead } })).toEqual({ ...nothing, lookaheadMismatches: 1 });
  });
});
