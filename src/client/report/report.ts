import type { GateReport } from '../../domain/lifecycle/gates.ts';
import { buyAndHoldOf, metricRows } from './comparison.ts';
import type { MetricRow } from './comparison.ts';
import { gateOf } from './gate.ts';
import type { EquityFigures } from '../../domain/backtest/equity-figures.ts';
import type { ReportSource } from './report-source.ts';
import { robustnessChecks } from './robustness.ts';
import type { RobustnessCheck } from './robustness-check.ts';

/** What is said of a backtest, on a page and in a terminal. */
export interface Report {
  readonly source: ReportSource;
  readonly hold: EquityFigures;
  readonly metrics: readonly MetricRow[];
  readonly gate: GateReport;
  readonly robustness: readonly RobustnessCheck[];
}

export const reportOf = (source: ReportSource): Report => {
  const hold = buyAndHoldOf(source);
  return {
    source,
    hold,
    metrics: metricRows(source, hold),
    gate: gateOf(source.policy, source.definition, source.result),
    robustness: robustnessChecks(source.result.metadata),
  };
};
