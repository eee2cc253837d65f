import { validationEvidence } from '../../contracts/validation-evidence.ts';
import type { BacktestMetrics } from '../../domain/backtest/metrics.ts';
import { judgeBacktest, judgeOrderSupport } from '../../domain/lifecycle/gates.ts';
import type { BacktestEvidence, GatePolicy, GateReport } from '../../domain/lifecycle/gates.ts';
import { dayMs } from '../../domain/market/interval.ts';
import type { StrategyDefinition } from '../../domain/strategy/definition.ts';
import { unsupportedByOrders } from '../../domain/strategy/order-support.ts';

/** Judges a backtest by the gate that stands before paper trading. */
export const gateOf = (policy: GatePolicy, definition: StrategyDefinition, result: BacktestMetrics): GateReport =>
  judgeOrderSupport(judgeBacktest(policy, evidenceOf(result)), unsupportedByOrders(definition, 'paper'));

const evidenceOf = (result: BacktestMetrics): BacktestEvidence => {
  const days = (Date.parse(result.end_date) - Date.parse(result.start_date)) / dayMs;
  return {
    trades: result.total_trades,
    sharpe: result.sharpe_ratio,
    profitFactor: result.profit_factor,
    maxDrawdownPct: result.max_drawdown_pct,
    ...validationEvidence(result.metadata),
    returnPctPerDay: days > 0 ? result.total_return_pct / days : null,
    winRate: result.win_rate,
  };
};
