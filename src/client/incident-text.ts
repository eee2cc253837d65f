import { actionsText, stoppedByText, triggerNames } from './breaker-text.ts';
import type { EndedRecord, IncidentRecord } from './incident-record.ts';
import { cell, facts, table } from './output.ts';

const orderColumns = {
  order: 'orderId',
  strategy: 'strategy',
  market: 'symbol',
  side: 'side',
  status: 'status',
  quantity: 'quantity',
  filled: 'filledQuantity',
  'average price': 'averageFillPrice',
  note: 'note',
};
const strategyColumns = { strategy: 'name', market: 'symbol', status: 'status', 'held by': 'holders' };
const auditColumns = { at: 'at', who: 'actor', what: 'action', 'what it says': 'says' };
const escalationColumns = { at: 'at', value: 'actual', reason: 'reason' };

const names = (strategies: EndedRecord['resumed']): string => strategies.map(({ name }) => name).join(', ');

/** The fields of an audit row, one after the other. */
const fieldsOf = (row: Readonly<Record<string, unknown>> | null): string =>
  Object.entries(row ?? {})
    .filter(([, value]) => value !== null && value !== '' && !(Array.isArray(value) && value.length === 0))
    .map(([name, value]) => `${name} ${Array.isArray(value) ? value.join(' ') : cell(value)}`)
    .join(', ');

/** Everything about an event. */
export const incidentText = (incident: IncidentRecord): string => {
  const { strategies, orders, audit, actions, escalations, waitsFor, endedBy, trigger, threshold, actual } = incident;
  const isOpen = incident.resolvedAt === null;
  const shown = facts({
    event: incident.eventId,
    environment: incident.environment,
    trigger: triggerNames[trigger],
    state: isOpen ? incident.state : `ended (was ${incident.state})`,
    reason: incident.reason,
    ...(trigger !== 'manual' && { value: `${actual}, fires from ${threshold}` }),
    fired: incident.triggeredAt,
    'fired, market time': incident.marketTime,
    'cool-down until': incident.coolDownUntil,
    'market time now': incident.marketNow,
    ended: incident.resolvedAt,
    'waits for': waitsFor.join('; ') || null,
    'ended by': endedBy,
    workflow: incident.workflowId,
  });
  const held = strategies.map(({ heldBy, ...strategy }) => ({ ...strategy, holders: heldBy.join(', ') || null }));
  const changes = audit.map(({ at, actor, action, to }) => ({ at, actor, action, says: fieldsOf(to) }));
  return [
    shown,
    `Actions:\n${actionsText(actions)}`,
    ...(escalations.length === 0 ? [] : [`Got worse:\n${table(escalations, escalationColumns)}`]),
    `${isOpen ? 'Strategies that it holds' : 'Strategies that its end let go on'}:\n${table(held, strategyColumns)}`,
    `Orders that close positions for it:\n${table(orders, orderColumns)}`,
    `What happened to it:\n${table(changes, auditColumns)}`,
  ].join('\n');
};

/** What the end of an event has brought. */
export const endedText = (ended: EndedRecord): string => {
  const { environment, eventId, trigger, state, resumed, stoppedBy } = ended;
  return [
    `Event ${eventId} (${triggerNames[trigger]}, ${environment}) has ended.`,
    ...(resumed.length === 0 ? [] : [`What only it had paused goes on: ${names(resumed)}.`]),
    stoppedBy.length === 0 ? `${environment} is ${state}.` : stoppedByText(ended, stoppedBy),
  ].join('\n');
};
