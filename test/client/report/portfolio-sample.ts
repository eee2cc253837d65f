import type { GoalHistory } from '../../../src/adapters/postgres/portfolio-goals.ts';
import type { EquityPoint, FlowRecord } from '../../../src/adapters/postgres/portfolio-history.ts';
import type { IncidentRecord } from '../../../src/adapters/postgres/portfolio-incidents.ts';
import type { PortfolioHistory } from '../../../src/client/report/portfolio/history.ts';
import type { Goal } from '../../../src/domain/goals/goal.ts';
import { monthOf } from '../../../src/domain/goals/period.ts';
import { goalOf } from '../../domain/goals/goal-desk.ts';

export const hourMs = 3_600_000;
export const historyStart = Date.UTC(2026, 0, 5);
const crashHour = 900;
const incidentHours = 26;

/** Numbers from −0.5 to 0.5, the same every time. */
const noiseOf = (seed: number): (() => number) => {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32 - 0.5;
  };
};

const depositHours: ReadonlyMap<number, number> = new Map([
  [400, 20_000],
  [1_300, -8_000],
]);

/** Hours of a portfolio of 50,000 dollars: a crash at hour 900 halts it, money comes at hour 400 and goes at hour 1,300. */
export const samplePoints = (hours: number): readonly EquityPoint[] => {
  const noise = noiseOf(11);
  let [equity, index, peak, breakerPeak, flows] = [50_000, 1, 1, 1, 50_000];
  return Array.from({ length: hours }, (_, hour): EquityPoint => {
    const isHalted = hour > crashHour + 2 && hour <= crashHour + incidentHours;
    const fall = hour >= crashHour && hour <= crashHour + 2 ? -0.085 : 0;
    const growth = hour === 0 || isHalted ? 0 : 0.00012 + noise() / 90 + Math.sin(hour / 70) / 1_600 + fall;
    const flow = depositHours.get(hour) ?? 0;
    equity = equity * (1 + growth) + flow;
    index *= 1 + growth;
    flows += flow;
    peak = Math.max(peak, index);
    breakerPeak = hour === crashHour + incidentHours ? index : Math.max(breakerPeak, index);
    const held = isHalted ? 0 : 0.5 + 0.3 * Math.sin(hour / 130);
    const share = 0.5 + 0.4 * Math.sin(hour / 211);
    const exposure: Record<string, number> = isHalted
      ? {}
      : {
          BTCUSDT: equity * held * share,
          ETHUSDT: equity * held * (1 - share) * 0.7,
          SOLUSDT: equity * held * (1 - share) * 0.3,
        };
    return {
      at: historyStart + hour * hourMs,
      equity: Number(equity.toFixed(2)),
      index,
      peakIndex: breakerPeak,
      netFlows: flows,
      unpriced: hour > hours - 40 ? ['WIBBLE'] : [],
      exposure,
    };
  });
};

export const sampleFlows: readonly FlowRecord[] = [
  { at: historyStart - hourMs, kind: 'opening', asset: 'USDT', amount: '50000' },
  { at: historyStart + 400 * hourMs - 60_000, kind: 'deposit', asset: 'USDT', amount: '20000' },
  { at: historyStart + 1_300 * hourMs - 60_000, kind: 'withdrawal', asset: 'USDC', amount: '8000.5' },
];

const at = (hour: number): number => historyStart + hour * hourMs;

export const sampleIncidents: readonly IncidentRecord[] = [
  {
    eventId: 3,
    trigger: 'loss_streak',
    state: 'REDUCING',
    reason: '6 closed positions in a row lost, and 6 is the limit',
    threshold: 6,
    actual: 6,
    triggeredAt: at(1_985),
    resolvedAt: null,
    marketTime: at(1_985),
    coolDownUntil: at(1_997),
    escalations: [],
    resumed: [],
    endedAt: null,
    taken: [
      { action: 'pause_trading', status: 'done', at: at(1_985), outcome: '2 strategies are paused' },
      { action: 'notify', status: 'pending', at: null, outcome: '' },
    ],
  },
  {
    eventId: 2,
    trigger: 'drawdown',
    state: 'HALTED',
    reason: 'equity is 23.10 % below its peak, and 20 % is the limit',
    threshold: 20,
    actual: 23.1,
    triggeredAt: at(crashHour + 2),
    resolvedAt: at(crashHour + incidentHours),
    marketTime: at(crashHour + 2),
    coolDownUntil: at(crashHour + incidentHours),
    escalations: [],
    resumed: [],
    endedAt: null,
    taken: [
      { action: 'pause_trading', status: 'done', at: at(crashHour + 2), outcome: '2 strategies are paused' },
      { action: 'cancel_orders', status: 'done', at: at(crashHour + 2), outcome: '3 orders are cancelled' },
      {
        action: 'close_positions',
        status: 'waiting',
        at: at(crashHour + 3),
        outcome: 'BTCUSDT and ETHUSDT are closed; SOLUSDT <b>0.4</b> waits for the venue to answer about its order',
      },
      { action: 'notify', status: 'done', at: at(crashHour + 2), outcome: 'alert raised' },
    ],
  },
];

const sampleGoal = (over: Partial<Goal>): Goal => goalOf({ target: 5, startedAt: historyStart, ...over });

/** The goals' hours over the same equity. */
export const sampleGoals = (points: readonly EquityPoint[]): readonly GoalHistory[] => {
  const last = points.at(-1)!;
  const starts = new Map<number, EquityPoint>();
  for (const point of points) {
    const { from } = monthOf(point.at);
    if (!starts.has(from)) starts.set(from, point);
  }
  const startOf = (time: number): EquityPoint => starts.get(monthOf(time).from)!;
  const month = startOf(last.at);
  const monthly = sampleGoal({
    baseline: { at: month.at, equity: month.equity, index: month.index!, netFlows: month.netFlows! },
  });
  const target = sampleGoal({
    goalId: 3,
    type: 'portfolio_target_usd',
    target: 100_000,
    priority: 2,
    targetDate: Date.UTC(2026, 11, 31),
    baseline: { at: historyStart, equity: 50_000, index: 1, netFlows: 50_000 },
  });
  return [
    {
      goal: monthly,
      progress: points.map((point) => ({
        at: point.at,
        current: Number(((point.index! / startOf(point.at).index! - 1) * 100).toFixed(2)),
        target: 5,
        status: 'behind',
      })),
      adjustments: [300, 700, 1_400, 1_900]
        .filter((hour) => hour < points.length)
        .map((hour) => ({
          at: at(hour),
          kind: hour === 1_400 ? 'decrease_risk' : 'increase_risk',
          before: 1,
          after: hour === 1_400 ? 0.9 : 1.1,
          reason: `behind: ${hour / 1_000} % where 2.40 % was expected by now; the risk of a trade goes one step <up>`,
        })),
    },
    {
      goal: target,
      progress: points.map((point) => ({
        at: point.at,
        current: Number((point.equity - point.netFlows! + 50_000).toFixed(2)),
        target: 100_000,
        status: 'on_track',
      })),
      adjustments: [],
    },
    {
      goal: sampleGoal({ goalId: 2, type: 'monthly_profit_usd', target: 10_000, status: 'paused' }),
      progress: [],
      adjustments: [],
    },
  ];
};

/** All that a report is made of, over so many hours. */
export const samplePortfolio = (hours: number, over: Partial<PortfolioHistory> = {}): PortfolioHistory => {
  const points = samplePoints(hours);
  const last = points.at(-1)!;
  const exposure = {
    bySymbol: last.exposure,
    byStrategy: {
      'sma-cross': last.exposure['BTCUSDT']!,
      '<i>dips</i> on two symbols with a long name': last.exposure['ETHUSDT']!,
    },
    bySide: { LONG: Object.values(last.exposure).reduce((sum, value) => sum + value, 0) },
  };
  const before = ({ triggeredAt }: IncidentRecord): boolean => triggeredAt <= last.at;
  const incidents = sampleIncidents.filter(before);
  return {
    environment: 'paper',
    from: null,
    points,
    figures: {
      at: last.at,
      var95: 1_204.31,
      cvar95: 1_877.2,
      volatility: 0.4312,
      sharpe: 1.21,
      maxDrawdownPct: 23.1,
      correlationBtc: null,
      diversification: 0.71,
      positions: 3,
      largestPosition: 0.2214,
      reasons: { correlationBtc: 'no stored candles of BTC over these days' },
      ...exposure,
    },
    exposure,
    balances: [
      { asset: 'USDT', free: '24100.5', locked: '1200', total: '25300.5', value: 25_300.5 },
      { asset: 'BTC', free: '0.31214', locked: '0', total: '0.31214', value: 20_412.11 },
      { asset: 'WIBBLE', free: '1000000', locked: '0', total: '1000000', value: null },
    ],
    flows: sampleFlows.filter((flow) => flow.at <= last.at),
    state: { state: 'REDUCING', reason: 'loss streak: 6 closed positions in a row lost' },
    thresholds: [20],
    incidents,
    goals: sampleGoals(points),
    ...over,
  };
};
