import type { IncidentRecord } from '../../../adapters/postgres/portfolio-incidents.ts';
import { dayMs } from '../../../domain/market/interval.ts';
import { triggerName } from './names.ts';
import type { Span } from './panes.ts';

interface Scale {
  readonly start: number;
  readonly end: number;
  readonly seconds: (time: number) => number;
}

/**
 * When an incident was open, on the market's clock; null where that is not on the chart. Its end is known by the wall's clock, which counts where
 * the market runs with it; in a replayed market it is the end of the cool-down.
 */
export const incidentSpan = (incident: IncidentRecord, { start, end, seconds }: Scale): Span | null => {
  const from = incident.marketTime;
  const to = endOf(incident, from) ?? end;
  if (from > end || to < start) return null;
  return {
    from: seconds(Math.max(from, start)),
    to: seconds(Math.min(Math.max(to, from), end)),
    label: triggerName(incident.trigger),
  };
};

const endOf = ({ triggeredAt, resolvedAt, coolDownUntil }: IncidentRecord, from: number): number | null => {
  if (resolvedAt === null) return null;
  return Math.abs(from - triggeredAt) < dayMs ? resolvedAt : (coolDownUntil ?? from);
};
