import { describe, expect, it } from 'vitest';
import { robustnessChecks } from '../../../src/client/report/robustness.ts';
import { runBacktest } from '../../../src/domain/backtest/engine.ts';
import { validateBacktest } from '../../../src/domain/backtest/validation/validate-backtest.ts';
import { flat, levels } from '../../domain/backtest/markets.ts';

const run = runBacktest({
  definition: levels(104, 97),
  columns: flat(Array.from({ length: 600 }, (_, bar) => 100 + Math.sin(bar / 9) * 10)),
  capital: 10_000,
  feeRates: { maker: 0.001, taker: 0.001 },
  slippageBps: 0,
});

describe('the checks against overfitting', () => {
  it('are laid out, each of them, as the validation leaves them', () => {
    const checks = robustnessChecks({ validation: JSON.parse(JSON.stringify(validateBacktest(run))) });
    expect(checks.map(({ title }) => title)).toEqual(['Out of sample', 'Walk-forward', 'Monte Carlo', 'Lookahead']);
    expect(checks.every(({ summary }) => summary !== null)).toBe(true);
    const [split, walk, monteCarlo, lookahead] = checks;
    expect(split?.tables[0]?.rows.map(([name]) => name)).toContain('Sharpe ratio');
    expect(walk?.tables[0]?.rows).toHaveLength(5);
    expect(monteCarlo?.tables[0]?.rows).toHaveLength(2);
    expect(lookahead?.facts).toContainEqual({ label: 'Mismatches', value: '0' });
  });

  it('are none where nothing was checked, or a check could not be done', () => {
    expect(robustnessChecks({})).toEqual([]);
    expect(robustnessChecks({ validation: { walkForward: null } })).toEqual([]);
  });

  it('of a shape that is not known are shown as they are', () => {
    const [split, other] = [
      ...robustnessChecks({ outOfSample: { share: 0.3, total_return_pct: -20.5 } }),
      ...robustnessChecks({
        validation: { noiseTest: { runs: [{ seed: 1, ok: true }], worst: { sharpe_ratio: 0.5 } } },
      }),
    ];
    expect(split).toMatchObject({
      title: 'Out of sample',
      facts: [
        { label: 'Share', value: '0.3' },
        { label: 'Total return %', value: '−20.5' },
      ],
    });
    expect(other).toMatchObject({
      title: 'Noise test',
      facts: [{ label: 'Worst · Sharpe ratio', value: '0.5' }],
      tables: [{ title: 'Runs', columns: ['Seed', 'Ok'], rows: [['1', 'yes']] }],
    });
  });
});
