import type { GoalHistory } from '../../../adapters/postgres/portfolio-goals.ts';
import type { IncidentRecord } from '../../../adapters/postgres/portfolio-incidents.ts';
import type { ExposureRecord } from '../../../adapters/postgres/portfolio-now.ts';
import { utc } from '../../output.ts';
import { goalPath } from './goal-path.ts';
import { marketEnd } from './incident-span.ts';
import type { PortfolioReport } from './report.ts';

/** The report as data: times ISO 8601, sums US dollars, what ends in `Pct` per cent. */
export const portfolioAnswer = (report: PortfolioReport): Readonly<Record<string, unknown>> => {
  const { history, shown, newest, returnPct, monthPct, drawdownPct, breakerPct, worst, months } = report;
  const { at, ...risk } = history.figures;
  return {
    environment: history.environment,
    at: utc(newest.at),
    since: utc(shown[0]!.at),
    readings: shown.length,
    equity: newest.equity,
    netFlows: newest.netFlows,
    returnPct,
    monthReturnPct: monthPct,
    drawdownPct,
    breakerDrawdownPct: breakerPct,
    worstDrawdown: worst === null ? null : { pct: worst.pct, at: utc(worst.at) },
    unpriced: newest.unpriced,
    trading: history.state,
    balances: history.balances,
    exposure: shownExposure(history.exposure),
    risk: { at: utc(at), ...risk },
    months,
    flows: history.flows.map((flow) => ({ ...flow, at: utc(flow.at) })),
    incidents: history.incidents.map(shownIncident),
    goals: history.goals.map(shownGoal),
  };
};

const shownExposure = ({ bySymbol, byStrategy, bySide }: ExposureRecord) => ({ bySymbol, byStrategy, bySide });

const shownIncident = (incident: IncidentRecord) => {
  const { eventId, trigger, state, reason, threshold, actual, taken, escalations, resumed } = incident;
  return {
    eventId,
    trigger,
    state,
    reason,
    threshold,
    actual,
    triggeredAt: utc(incident.triggeredAt),
    resolvedAt: utc(incident.resolvedAt),
    marketTime: utc(incident.marketTime),
    coolDownUntil: utc(incident.coolDownUntil),
    endedMarketTime: utc(marketEnd(incident)),
    actions: taken.map((action) => ({ ...action, at: utc(action.at) })),
    escalations: escalations.map((escalation) => ({ ...escalation, at: utc(escalation.at) })),
    resumed,
  };
};

const shownGoal = (history: GoalHistory) => {
  const { goal, progress, adjustments } = history;
  const last = progress.at(-1);
  return {
    goalId: goal.goalId,
    type: goal.type,
    target: goal.target,
    status: goal.status,
    current: last?.current ?? null,
    expected: last === undefined ? null : goalPath(history).expected.at(-1)!,
    progress: last?.status ?? null,
    at: utc(last?.at ?? null),
    adjustments: adjustments.map((adjustment) => ({ ...adjustment, at: utc(adjustment.at) })),
  };
};
