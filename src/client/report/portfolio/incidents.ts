import type { IncidentRecord } from '../../../adapters/postgres/portfolio-incidents.ts';
import { triggerNames } from '../../breaker-text.ts';
import { formatCount, formatTime } from '../format.ts';
import { html } from '../html.ts';
import type { Html } from '../html.ts';
import { isReplayed, marketEnd } from './incident-span.ts';
import { durationText, figureText } from './names.ts';
import type { PortfolioReport } from './report.ts';
import { dataTable, section } from './table.ts';

const mostIncidents = 50;

/** What fired, when, what was done, and how long it lasted; the newest first. */
export const incidentsSection = ({ history: { incidents }, newest }: PortfolioReport): Html => {
  const listed = incidents.slice(0, mostIncidents);
  const left = incidents.length - listed.length;
  return section(
    'Incidents',
    incidents.length === 0
      ? 'The breaker has never fired.'
      : `The newest first.${left > 0 ? ` ${formatCount(left)} earlier ones are not listed.` : ''}`,
    listed.map((incident) => incidentOf(incident, newest.at)),
    'incidents',
  );
};

const incidentOf = (incident: IncidentRecord, now: number): Html => {
  const { eventId, trigger, state, reason, triggeredAt, resolvedAt, taken, escalations, resumed } = incident;
  return html`<article class="incident">
    <h3>
      ${triggerNames[trigger]} · ${state.toLowerCase()}
      <span class="${resolvedAt === null ? 'down' : 'quiet'}">${lastedText(incident, now)}</span>
    </h3>
    <p>
      Event ${eventId}, ${periodText(triggeredAt, resolvedAt)} UTC.
      ${isReplayed(incident) ? `It was ${periodText(incident.marketTime, marketEnd(incident))} in the market. ` : null}
      ${reason === '' ? limitText(incident) : reason}.
      ${escalations.map(({ at, reason: why }) => `It got worse at ${formatTime(at)}: ${why}. `)}
      ${resumed.length === 0 ? null : `Its end let ${strategies(resumed.length)} go on.`}
    </p>
    ${taken.length === 0 ? null : actionsTable(incident)}
  </article>`;
};

const periodText = (from: number, to: number | null): string =>
  to === null ? formatTime(from) : `${formatTime(from)} – ${formatTime(to)}`;

const strategies = (count: number): string => `${formatCount(count)} ${count === 1 ? 'strategy' : 'strategies'}`;

/** `23.1% where 20% is the limit` */
const limitText = ({ trigger, actual, threshold }: IncidentRecord): string =>
  `${figureText(trigger, actual)} where ${figureText(trigger, threshold)} is the limit`;

/** In market time: `open for 14 h`, `over after 1 d`. @param now market time, epoch ms */
export const lastedText = (incident: IncidentRecord, now: number): string => {
  const end = marketEnd(incident);
  const ms = (end ?? now) - incident.marketTime;
  if (end !== null) return `over after ${durationText(ms)}`;
  return ms > 0 ? `open for ${durationText(ms)}` : 'open';
};

const actionsTable = ({ eventId, taken }: IncidentRecord): Html =>
  dataTable({
    label: `What event ${eventId} did`,
    columns: ['Action', '<Outcome', '<When (UTC)'],
    rows: taken.map(({ action, status, at, outcome }) => [
      action.replaceAll('_', ' '),
      {
        text: outcome === '' ? status : `${status}: ${outcome}`,
        tone: status === 'done' ? 'wrap' : 'wrap down',
      },
      { text: at === null ? '–' : formatTime(at), tone: 'when' },
    ]),
  });
