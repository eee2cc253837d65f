import { describe, expect, it } from 'vitest';
import {
  type BacktestEvidence,
  type GateReport,
  type PaperEvidence,
  gatePolicies,
  judgeBacktest,
  judgeOrderSupport,
  judgePaper,
} from '../../../src/domain/lifecycle/gates.ts';

const { production, demo } = gatePolicies;

/** At the production thresholds exactly. */
const backtest: BacktestEvidence = {
  trades: 30,
  sharpe: 1,
  profitFactor: 1.2,
  maxDrawdownPct: 25,
  outOfSampleShare: 0.2,
  outOfSampleReturnPct: 0,
  profitableWindows: 0.5,
  shuffledDrawdownPct: 37.5,
  lookaheadMismatches: 0,
  returnPctPerDay: 0.5,
  winRate: 0.5,
};
const paper: PaperEvidence = {
  marketDays: 14,
  trades: 10,
  returnPctPerDay: 1.5,
  winRate: 0.25,
  openCriticalAlerts: 0,
  tradingState: 'ACTIVE',
};

const failed = (report: GateReport): readonly string[] =>
  report.criteria.filter((criterion) => !criterion.pass).map((criterion) => criterion.name);

describe('the gate from backtested to paper', () => {
  it('passes at its thresholds and shows each', () => {
    const report = judgeBacktest(production, backtest);
    expect(report).toMatchObject({ gate: 'backtested→paper', policy: 'production', pass: true });
    expect(report.criteria.map(({ name, required, actual }) => [name, required, actual])).toEqual([
      ['closed trades', '≥ 30', '30'],
      ['Sharpe ratio', '≥ 1', '1'],
      ['profit factor', '≥ 1.2', '1.2'],
      ['max drawdown %', '≤ 25', '25'],
      ['out-of-sample share', '≥ 0.2', '0.2'],
      ['out-of-sample return %', '≥ 0', '0'],
      ['profitable walk-forward windows', '≥ 0.5', '0.5'],
      ['drawdown % of shuffled trades', '≤ 37.5', '37.5'],
      ['lookahead check', 'passed', 'passed'],
    ]);
  });

  it.each([
    ['trades', 29, 'closed trades'],
    ['sharpe', 0.9999, 'Sharpe ratio'],
    ['profitFactor', 1.1999, 'profit factor'],
    ['maxDrawdownPct', 25.0001, 'max drawdown %'],
    ['outOfSampleShare', 0.1999, 'out-of-sample share'],
    ['outOfSampleReturnPct', -0.0001, 'out-of-sample return %'],
    ['profitableWindows', 0.4, 'profitable walk-forward windows'],
    ['shuffledDrawdownPct', 37.5001, 'drawdown % of shuffled trades'],
    ['lookaheadMismatches', 1, 'lookahead check'],
    ['sharpe', null, 'Sharpe ratio'],
    ['profitFactor', null, 'profit factor'],
    ['maxDrawdownPct', null, 'max drawdown %'],
    ['outOfSampleShare', null, 'out-of-sample share'],
    ['outOfSampleReturnPct', null, 'out-of-sample return %'],
    ['profitableWindows', null, 'profitable walk-forward windows'],
    ['shuffledDrawdownPct', null, 'drawdown % of shuffled trades'],
    ['lookaheadMismatches', null, 'lookahead check'],
    ['sharpe', Number.NaN, 'Sharpe ratio'],
  ] as const)('fails by %s = %s, and by that alone', (metric, value, criterion) => {
    const report = judgeBacktest(production, { ...backtest, [metric]: value });
    expect(report.pass).toBe(false);
    expect(failed(report)).toEqual([criterion]);
  });

  it('fails without a backtest of the current version', () => {
    expect(judgeBacktest(demo, null).pass).toBe(false);
  });

  it('asks nothing of a metric that the policy leaves out', () => {
    expect(
      judgeBacktest(demo, {
        ...backtest,
        trades: 3,
        sharpe: null,
        profitFactor: null,
        outOfSampleShare: null,
        outOfSampleReturnPct: null,
        profitableWindows: null,
        shuffledDrawdownPct: null,
      }),
    ).toMatchObject({ policy: 'demo', pass: true });
  });

  it('takes no backtest, under any policy, that looks ahead or was not looked through for it', () => {
    for (const [lookaheadMismatches, actual] of [
      [null, 'none'],
      [3, '3 mismatches'],
    ] as const) {
      const report = judgeBacktest(demo, { ...backtest, lookaheadMismatches });
      expect(report.pass).toBe(false);
      expect(report.criteria).toContainEqual({ name: 'lookahead check', required: 'passed', actual, pass: false });
    }
  });
});

describe('what orders can not carry out', () => {
  const judged = judgeBacktest(production, backtest);
  it('fails the gate by name', () => {
    const report = judgeOrderSupport(judged, ['partial targets', 'sizing by kelly']);
    expect(report).toMatchObject({ gate: 'backtested→paper', pass: false });
    expect(report.criteria.slice(0, -1)).toEqual(judged.criteria);
    expect(report.criteria.at(-1)).toEqual({
      name: 'what orders can carry out',
      required: 'all',
      actual: 'not partial targets, not sizing by kelly',
      pass: false,
    });
  });
  it('passes where there is nothing of it, and does not make up for another failure', () => {
    expect(judgeOrderSupport(judged, [])).toMatchObject({ pass: true });
    expect(judgeOrderSupport(judgeBacktest(demo, null), [])).toMatchObject({ pass: false });
  });
});

describe('the gate from paper to active', () => {
  it('passes at its thresholds', () => {
    expect(failed(judgePaper(production, paper, backtest))).toEqual([]);
    expect(judgePaper(production, paper, backtest).pass).toBe(true);
  });

  it.each([
    ['marketDays', 13.99, 'market days on paper'],
    ['trades', 9, 'trades on paper'],
    ['returnPctPerDay', 1.51, 'return gap to backtest, points a day'],
    ['returnPctPerDay', -0.51, 'return gap to backtest, points a day'],
    ['returnPctPerDay', null, 'return gap to backtest, points a day'],
    ['winRate', 0.24, 'win-rate gap to backtest'],
    ['winRate', null, 'win-rate gap to backtest'],
    ['openCriticalAlerts', 1, 'open critical alerts'],
    ['tradingState', 'REDUCING', 'trading state of live'],
    ['tradingState', 'HALTED', 'trading state of live'],
  ] as const)('fails by %s = %s, and by that alone', (metric, value, criterion) => {
    const report = judgePaper(production, { ...paper, [metric]: value }, backtest);
    expect(report.pass).toBe(false);
    expect(failed(report)).toEqual([criterion]);
  });

  it('fails where there is no backtest to compare with', () => {
    expect(failed(judgePaper(production, paper, null))).toEqual([
      'return gap to backtest, points a day',
      'win-rate gap to backtest',
    ]);
  });

  it.each([production, demo])('$name wants no open critical alert and a person’s approval', (policy) => {
    const report = judgePaper(policy, { ...paper, openCriticalAlerts: 1 }, backtest);
    expect(failed(report)).toEqual(['open critical alerts']);
    expect(policy.paper.requiresApproval).toBe(true);
  });
});
