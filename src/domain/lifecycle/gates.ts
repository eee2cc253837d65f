/** One line of a gate: what was asked, what was found, and whether it was enough. */
export interface GateCriterion {
  readonly name: string;
  readonly required: string;
  readonly actual: string;
  readonly pass: boolean;
}

export interface GateReport {
  readonly gate: 'backtested→paper' | 'paper→active';
  readonly policy: string;
  readonly pass: boolean;
  readonly criteria: readonly GateCriterion[];
}

/** Thresholds for backtested→paper. Per cent where the name says so; null asks nothing. */
export interface BacktestGate {
  readonly minTrades: number;
  readonly minSharpe: number | null;
  readonly minProfitFactor: number | null;
  readonly maxDrawdownPct: number;
  /** Smallest share (fraction) of the bars kept out of sample, null asks nothing. */
  readonly minOutOfSampleShare: number | null;
  /** Smallest return of the run over those bars alone; null asks nothing. */
  readonly minOutOfSampleReturnPct: number | null;
  /** Smallest fraction of the walk-forward windows out of sample that earn something; null asks nothing. */
  readonly minProfitableWindows: number | null;
  /** Greatest drawdown that 95 of 100 other orders of the trades stay within; null asks nothing. */
  readonly maxShuffledDrawdownPct: number | null;
  /** Asks that results stay the same where the candles after them are taken away. */
  readonly lookaheadCheck: boolean;
}

/** Thresholds for paper→active. Days are days of market (candle) time. */
export interface PaperGate {
  readonly minMarketDays: number;
  readonly minTrades: number;
  /** Greatest difference between paper and backtest return per day, in percentage points; null asks nothing. */
  readonly maxReturnGapPctPerDay: number | null;
  /** Greatest difference between paper and backtest win rate, as a fraction; null asks nothing. */
  readonly maxWinRateGap: number | null;
  readonly requiresApproval: boolean;
  /** How long an approval may be waited for, in hours, before the promotion lapses. */
  readonly approvalWindowHours: number;
}

export interface GatePolicy {
  readonly name: string;
  readonly backtest: BacktestGate;
  readonly paper: PaperGate;
}

export const gatePolicies = {
  production: {
    name: 'production',
    backtest: {
      minTrades: 30,
      minSharpe: 1,
      minProfitFactor: 1.2,
      maxDrawdownPct: 25,
      minOutOfSampleShare: 0.2,
      minOutOfSampleReturnPct: 0,
      minProfitableWindows: 0.5,
      maxShuffledDrawdownPct: 37.5,
      lookaheadCheck: true,
    },
    paper: {
      minMarketDays: 14,
      minTrades: 10,
      maxReturnGapPctPerDay: 1,
      maxWinRateGap: 0.25,
      requiresApproval: true,
      approvalWindowHours: 72,
    },
  },
  /** For one day of candles, which can't meet production gates. It proves the path, not the strategy. */
  demo: {
    name: 'demo',
    backtest: {
      minTrades: 3,
      minSharpe: null,
      minProfitFactor: null,
      maxDrawdownPct: 50,
      minOutOfSampleShare: null,
      minOutOfSampleReturnPct: null,
      minProfitableWindows: null,
      maxShuffledDrawdownPct: null,
      lookaheadCheck: true,
    },
    paper: {
      minMarketDays: 0.05,
      minTrades: 2,
      maxReturnGapPctPerDay: null,
      maxWinRateGap: null,
      requiresApproval: true,
      approvalWindowHours: 1,
    },
  },
} as const satisfies Record<string, GatePolicy>;

export type GatePolicyName = keyof typeof gatePolicies;

/** What a backtest's validation found; null where it was left out or could not be done. */
export interface ValidationEvidence {
  readonly outOfSampleShare: number | null;
  readonly outOfSampleReturnPct: number | null;
  /** Fraction of the walk-forward windows out of sample. */
  readonly profitableWindows: number | null;
  /** 95th percentile. */
  readonly shuffledDrawdownPct: number | null;
  readonly lookaheadMismatches: number | null;
}

/** Evidence from the newest backtest of the current version. */
export interface BacktestEvidence extends ValidationEvidence {
  readonly trades: number;
  readonly sharpe: number | null;
  readonly profitFactor: number | null;
  readonly maxDrawdownPct: number | null;
  readonly returnPctPerDay: number | null;
  readonly winRate: number | null;
}

/** Evidence from the paper stage. Market days are counted from the candles, never from the wall clock. */
export interface PaperEvidence {
  readonly marketDays: number;
  readonly trades: number;
  readonly returnPctPerDay: number | null;
  readonly winRate: number | null;
  readonly openCriticalAlerts: number;
  readonly tradingState: 'ACTIVE' | 'REDUCING' | 'HALTED';
}

const shown = (value: number | null): string => (value === null ? 'none' : String(Math.round(value * 10_000) / 10_000));

/** A null metric fails the criterion that asks for it. */
const atLeast = (name: string, actual: number | null, required: number | null): GateCriterion[] =>
  required === null
    ? []
    : [{ name, required: `≥ ${shown(required)}`, actual: shown(actual), pass: actual !== null && actual >= required }];

const atMost = (name: string, actual: number | null, required: number | null): GateCriterion[] =>
  required === null
    ? []
    : [{ name, required: `≤ ${shown(required)}`, actual: shown(actual), pass: actual !== null && actual <= required }];

const lookaheadCriterion = (mismatches: number | null): GateCriterion => ({
  name: 'lookahead check',
  required: 'passed',
  actual: mismatches === null ? 'none' : mismatches === 0 ? 'passed' : `${mismatches} mismatches`,
  pass: mismatches === 0,
});

const gap = (a: number | null, b: number | null): number | null => (a === null || b === null ? null : Math.abs(a - b));

const report = (gate: GateReport['gate'], policy: GatePolicy, criteria: readonly GateCriterion[]): GateReport => ({
  gate,
  policy: policy.name,
  pass: criteria.every((criterion) => criterion.pass),
  criteria,
});

/** Judges backtested→paper; without a backtest of the current version it cannot pass. */
export const judgeBacktest = (policy: GatePolicy, evidence: BacktestEvidence | null): GateReport => {
  const gate = policy.backtest;
  if (!evidence) {
    return report('backtested→paper', policy, [
      { name: 'backtest of the current version', required: 'one', actual: 'none', pass: false },
    ]);
  }
  return report('backtested→paper', policy, [
    ...atLeast('closed trades', evidence.trades, gate.minTrades),
    ...atLeast('Sharpe ratio', evidence.sharpe, gate.minSharpe),
    ...atLeast('profit factor', evidence.profitFactor, gate.minProfitFactor),
    ...atMost('max drawdown %', evidence.maxDrawdownPct, gate.maxDrawdownPct),
    ...atLeast('out-of-sample share', evidence.outOfSampleShare, gate.minOutOfSampleShare),
    ...atLeast('out-of-sample return %', evidence.outOfSampleReturnPct, gate.minOutOfSampleReturnPct),
    ...atLeast('profitable walk-forward windows', evidence.profitableWindows, gate.minProfitableWindows),
    ...atMost('drawdown % of shuffled trades', evidence.shuffledDrawdownPct, gate.maxShuffledDrawdownPct),
    ...(gate.lookaheadCheck ? [lookaheadCriterion(evidence.lookaheadMismatches)] : []),
  ]);
};

/** Asks also that orders can carry out all of a strategy, so that nothing of it is silently left out. */
export const judgeOrderSupport = (judged: GateReport, unsupported: readonly string[]): GateReport => {
  const pass = unsupported.length === 0;
  const actual = pass ? 'all' : `not ${unsupported.join(', not ')}`;
  const criterion = { name: 'what orders can carry out', required: 'all', actual, pass };
  return { ...judged, pass: judged.pass && pass, criteria: [...judged.criteria, criterion] };
};

/** Judges paper→active, all but the person's approval. */
export const judgePaper = (policy: GatePolicy, paper: PaperEvidence, backtest: BacktestEvidence | null): GateReport => {
  const gate = policy.paper;
  return report('paper→active', policy, [
    ...atLeast('market days on paper', paper.marketDays, gate.minMarketDays),
    ...atLeast('trades on paper', paper.trades, gate.minTrades),
    ...atMost(
      'return gap to backtest, points a day',
      gap(paper.returnPctPerDay, backtest?.returnPctPerDay ?? null),
      gate.maxReturnGapPctPerDay,
    ),
    ...atMost('win-rate gap to backtest', gap(paper.winRate, backtest?.winRate ?? null), gate.maxWinRateGap),
    ...atMost('open critical alerts', paper.openCriticalAlerts, 0),
    {
      name: 'trading state of live',
      required: 'ACTIVE',
      actual: paper.tradingState,
      pass: paper.tradingState === 'ACTIVE',
    },
  ]);
};
