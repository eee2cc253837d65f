import type { ShownDesk } from './breaker-desk.ts';
import { triggerNames } from './breaker-text.ts';
import { table } from './output.ts';
import type { ShownIncident } from './shown-incident.ts';

const stateColumns = {
  environment: 'environment',
  state: 'state',
  since: 'since',
  reason: 'reason',
  'market time': 'marketTime',
};
const openColumns = {
  event: 'eventId',
  environment: 'environment',
  trigger: 'trigger',
  state: 'state',
  fired: 'triggeredAt',
  'waits for': 'waits',
  'ended by': 'endedBy',
};
const lastColumns = {
  event: 'eventId',
  environment: 'environment',
  trigger: 'trigger',
  state: 'state',
  fired: 'triggeredAt',
  ended: 'resolvedAt',
  reason: 'reason',
};

/** The state of each environment, what is open, and the last events. */
export const desksText = (all: {
  readonly environments: readonly ShownDesk[];
  readonly last: readonly ShownIncident[];
}): string => {
  const open = all.environments.flatMap((desk) => desk.open);
  const shownOpen = open.map(({ trigger, waitsFor, ...event }) => ({
    ...event,
    trigger: triggerNames[trigger],
    waits: waitsFor.join('; '),
  }));
  const last = all.last.map(({ trigger, ...event }) => ({ ...event, trigger: triggerNames[trigger] }));
  return [
    table(
      all.environments.map((desk) => ({ ...desk })),
      stateColumns,
    ),
    `Open events:\n${table(shownOpen, openColumns)}`,
    `The last events:\n${table(last, lastColumns)}`,
  ].join('\n');
};
