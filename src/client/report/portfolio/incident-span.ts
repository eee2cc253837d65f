import type { IncidentRecord } from '../../../adapters/postgres/portfolio-incidents.ts';
import { dayMs } from '../../../domain/market/interval.ts';
import { triggerNames } from '../../breaker-text.ts';
import type { Span } from './panes.ts';
import type { Scale } from './scale.ts';

/** When an incident was open, on the market's clock; null where that is not on the chart. */
export const incidentSpan = (incident: IncidentRecord, { start, end, seconds }: Scale): Span | null => {
  const from = incident.marketTime;
  const to = marketEnd(incident) ?? end;
  if (from > end || to < start) return null;
  return {
    from: seconds(Math.max(from, start)),
    to: seconds(Math.min(Math.max(to, from), end)),
    label: triggerNames[incident.trigger],
  };
};

/** Whether the market's clock was another than the wall's. */
export const isReplayed = ({ marketTime, triggeredAt }: Pick<IncidentRecord, 'marketTime' | 'triggeredAt'>): boolean =>
  Math.abs(marketTime - triggeredAt) > dayMs;

/**
 * When it ended in market time, epoch ms; null while it is open. The wall's clock says it best where the market runs with it. In a replayed
 * market it is what the market had come to, or the cool-down's end where nobody wrote that down.
 */
export const marketEnd = ({
  triggeredAt,
  resolvedAt,
  marketTime,
  coolDownUntil,
  endedAt,
}: IncidentRecord): number | null => {
  if (resolvedAt === null) return null;
  return isReplayed({ marketTime, triggeredAt }) ? (endedAt ?? coolDownUntil ?? marketTime) : resolvedAt;
};
