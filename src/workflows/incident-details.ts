import type { ActionTaken, IncidentView } from '../contracts/breaker.ts';
import { utcMinute } from '../domain/utc-minute.ts';

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

const row = ({ action, status, at, outcome }: ActionTaken): string =>
  `| ${action} | **${status}** | ${cell(outcome) || '-'} | ${at === null ? '-' : utcMinute(at)} |`;

/** What an incident waits for, in a person's words. */
const waitsFor = (view: IncidentView): string => {
  if (view.resolvedAt !== null) return `nothing: it ended ${utcMinute(view.resolvedAt)}`;
  const unfinished = view.actions.filter(({ status }) => status !== 'done').map(({ action }) => action);
  if (unfinished.length > 0) return `${unfinished.join(', ')} to be done; it tries again by itself`;
  if (view.waitsForApproval) return `an admin: \`mastertrade breaker resolve ${view.eventId}\``;
  if (view.isOver) return 'nothing: it ends now';
  if (view.coolDownUntil !== null) return `the market's time to pass ${utcMinute(view.coolDownUntil)}`;
  return view.trigger === 'manual' ? 'a person: `mastertrade resume`' : 'its value to fall back under where it clears';
};

/** Markdown for the Web UI: what fired, what was done about it, and what it waits for. */
export const describeIncident = (view: IncidentView): string =>
  [
    `**${view.trigger}** on ${view.environment}: **${view.resolvedAt === null ? view.state : 'resolved'}** (event ${view.eventId}, fired ${utcMinute(view.triggeredAt)})`,
    `${view.reason} (value ${view.actual}, threshold ${view.threshold})`,
    `Waits for ${waitsFor(view)}`,
    ...(view.coolDownUntil === null
      ? []
      : [`Cool-down until ${utcMinute(view.coolDownUntil)} of market time; it fired at ${utcMinute(view.marketTime)}`]),
    ...(view.actions.length === 0
      ? []
      : [['| action | | outcome | since |', '|---|---|---|---|', ...view.actions.map(row)].join('\n')]),
    ...(view.strategies.length === 0
      ? []
      : [
          `${view.resolvedAt === null ? 'Holds' : 'Let go on'}: ${view.strategies.map((id) => `\`strategy/${id}\``).join(', ')}`,
        ]),
    ...view.escalations.map(({ at, actual, reason }) => `Escalated ${utcMinute(at)} at ${actual}: ${reason}`),
  ].join('\n\n');
