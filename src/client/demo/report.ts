import type { BacktestSummary, StrategyView } from '../../contracts/messages.ts';
import { dec, zero } from '../../domain/decimal.ts';
import type { GatePolicy, GateReport } from '../../domain/lifecycle/gates.ts';
import { table } from '../output.ts';
import type { CrashOutcome } from './crash.ts';
import type { LedgerAudit } from './ledger-audit.ts';
import type { FallOutcome } from './market-fall.ts';
import type { DemoRecords } from './records.ts';

/** Everything that the demo found out, for the table, the summary and the exit code. */
export interface DemoOutcome {
  readonly strategy: StrategyView;
  readonly backtest: BacktestSummary;
  readonly gates: readonly GateReport[];
  readonly approvedBy: string;
  readonly records: DemoRecords;
  readonly audit: LedgerAudit;
  readonly crash: CrashOutcome | null;
  readonly fall: FallOutcome | null;
  readonly seconds: number;
}

const asked = (value: number | null, of: (shown: number) => string): string[] => (value === null ? [] : [of(value)]);

/** The policy in a few lines, before anything is judged by it. */
export const policyLines = ({ name, backtest, paper }: GatePolicy): string[] => [
  `Policy '${name}': one day of candles can't meet production gates; these prove the path, not the strategy.`,
  `to paper: ${[
    `closed trades ≥ ${backtest.minTrades}`,
    ...asked(backtest.minSharpe, (value) => `Sharpe ≥ ${value}`),
    ...asked(backtest.minProfitFactor, (value) => `profit factor ≥ ${value}`),
    `max drawdown ≤ ${backtest.maxDrawdownPct} %`,
  ].join(', ')}`,
  `to live: ${[
    `market days on paper ≥ ${paper.minMarketDays}`,
    `trades on paper ≥ ${paper.minTrades}`,
    ...(paper.requiresApproval ? ['approval by an admin'] : []),
  ].join(', ')}`,
];

/** A line a criterion: what was found, and what was asked. */
export const gateLines = (gate: GateReport): string[] =>
  gate.criteria.map(
    ({ name, required, actual, pass }) => `${pass ? '✓' : '✗'} ${name}: ${actual} (required ${required})`,
  );

const shownPct = (value: number | null): string => (value === null ? 'none' : `${value.toFixed(2)} %`);

export const backtestLine = (summary: BacktestSummary): string =>
  `${summary.bars} bars, ${summary.trades} trades, return ${shownPct(summary.totalReturnPct)}, ` +
  `max drawdown ${shownPct(summary.maxDrawdownPct)}`;

const signedMoney = (value: string): string => {
  const amount = dec(value);
  return `${amount.gt(zero) ? '+' : ''}${amount.toFixed(2)}`;
};

const why = ({ gates, approvedBy }: DemoOutcome, from: string, to: string): string => {
  const gate = gates.find((each) => each.gate === `${from}→${to}`);
  if (gate === undefined) return '';
  const found = gate.criteria.map(({ name, actual, required }) => `${name} ${actual} (${required})`);
  return [...found, ...(to === 'active' ? [`approved by ${approvedBy}`] : [])].join('\n');
};

const stageTable = (outcome: DemoOutcome): string =>
  table(
    outcome.strategy.transitions.map(({ from, to, by, reason }) => ({
      stage: `${from} → ${to}`,
      by,
      why: why(outcome, from, to) || (to === 'backtested' ? backtestLine(outcome.backtest) : reason),
    })),
    { stage: 'stage', by: 'by', why: 'why' },
  );

const tradingTable = ({ records }: DemoOutcome): string =>
  table(
    (['paper', 'live'] as const).map((environment) => {
      const { orders, filled, trades, realizedPnl } = records.environments[environment];
      return { environment, orders, filled, trades, pnl: signedMoney(realizedPnl) };
    }),
    { '': 'environment', orders: 'orders', filled: 'filled', fills: 'trades', 'P&L, realised': 'pnl' },
  );

const crashLine = ({ crash, audit }: DemoOutcome): string =>
  crash === null
    ? 'Crash: no worker was killed, because no live entry came up.'
    : `Crash: worker ${crash.killedPid} killed while order ${crash.orderId} was '${crash.statusAtKill ?? 'unwritten'}'; ` +
      `'${crash.statusAfter}' ${crash.recoverySeconds.toFixed(1)} s later. The venue's ledger against our rows: ` +
      `${audit.duplicateOrders} duplicate orders, ${audit.missingTrades} trades missing, ${audit.surplusTrades} too many.`;

const fallLine = ({ fall }: DemoOutcome): string => {
  if (fall === null) return 'Breaker: it did not fire.';
  const { incident, halted, after } = fall;
  return (
    `Breaker: a drawdown of ${incident.actual} % (limit ${incident.threshold} %); ${halted.seconds.toFixed(1)} s later trading was ` +
    `${halted.state}, ${halted.positions} positions held, the strategy ${halted.strategy}; after its cool-down ${after.state} and ${after.strategy}.`
  );
};

/** The table at the end. */
export const outcomeText = (outcome: DemoOutcome): string =>
  [
    '',
    `Strategy ${outcome.strategy.strategyId}: ${outcome.strategy.status}`,
    stageTable(outcome),
    tradingTable(outcome),
    crashLine(outcome),
    fallLine(outcome),
    `Open positions ${outcome.records.counts.positions}, alerts ${outcome.records.counts.alerts}, ` +
      `audit rows ${outcome.records.counts.audit_rows}, ${outcome.seconds.toFixed(1)} s in all.`,
    table(outcome.records.alerts, { 'alerts of': 'alert_type', severity: 'severity', number: 'number', last: 'last' }),
  ].join('\n');

const fallShortcomings = (fall: FallOutcome | null): string[] => {
  if (fall === null) return ['the breaker did not meet the fall of the market'];
  const { halted, after } = fall;
  return [
    ...(halted.state === 'HALTED' ? [] : [`trading was ${halted.state} after the fall, not halted`]),
    ...(halted.positions === 0 ? [] : [`${halted.positions} positions were held after the fall`]),
    ...(after.state === 'ACTIVE' ? [] : [`trading is ${after.state} after the cool-down`]),
  ];
};

/** What keeps the demo from having shown what it is for; empty where all of it was shown. */
export const shortcomings = ({ strategy, records, crash, audit, fall }: DemoOutcome): string[] => [
  ...(strategy.status === 'active' ? [] : [`the strategy is ${strategy.status}, not active`]),
  ...(records.environments.live.orders > 0 ? [] : ['no live order came up']),
  ...(crash === null ? ['no worker was killed'] : []),
  ...(crash === null || crash.statusAfter === 'filled' ? [] : [`the order of the crash is ${crash.statusAfter}`]),
  ...(audit.duplicateOrders === 0 ? [] : [`${audit.duplicateOrders} duplicate orders at the venue`]),
  ...(audit.missingTrades === 0 ? [] : [`${audit.missingTrades} of the venue's trades are not on record`]),
  ...(audit.surplusTrades === 0 ? [] : [`${audit.surplusTrades} trades on record more than the venue has`]),
  ...fallShortcomings(fall),
];
