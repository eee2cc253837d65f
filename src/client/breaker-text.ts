import type { ActionTaken, IncidentView } from '../contracts/breaker.ts';
import type { BreakerTrigger, TradingState } from '../domain/breaker/policy.ts';
import type { Environment } from '../domain/orders/order.ts';
import { table, utc } from './output.ts';
import type { ShownAction } from './shown-incident.ts';

/** The triggers as a person calls them. */
export const triggerNames: Readonly<Record<BreakerTrigger, string>> = {
  drawdown: 'drawdown',
  loss_streak: 'loss streak',
  volatility_spike: 'volatility spike',
  manual: 'by hand',
};

type Waiting = Pick<
  IncidentView,
  'eventId' | 'environment' | 'trigger' | 'resolvedAt' | 'actions' | 'coolDownUntil' | 'isOver' | 'waitsForApproval'
>;

export const isDone = ({ actions }: Pick<IncidentView, 'actions'>): boolean =>
  actions.every(({ status }) => status === 'done');

/** The command that ends an event; early where what made it fire is not over. */
export const endingCommand = ({ eventId, environment, trigger, isOver }: Waiting): string =>
  trigger === 'manual'
    ? `mastertrade resume --environment ${environment}`
    : `mastertrade breaker resolve ${eventId} --by ADMIN --reason TEXT${isOver ? '' : ' --early'}`;

/** What is left of an incident's actions, one entry each; those that it has not come to are one. */
export const actionsLeft = (
  actions: readonly Pick<ActionTaken, 'action' | 'status' | 'outcome'>[],
): readonly string[] => {
  const pending = actions.filter(({ status }) => status === 'pending').map(({ action }) => action);
  const waiting = actions.filter(({ status }) => status === 'waiting');
  return [
    ...waiting.map(({ action, outcome }) => `${action}: ${outcome}`),
    ...(pending.length > 0 ? [`${pending.join(', ')}: not come to yet`] : []),
  ];
};

const untilOver = ({ trigger, coolDownUntil }: Waiting, marketNow: number | null): string => {
  if (trigger === 'volatility_spike') return 'the market to calm down';
  if (coolDownUntil === null) return 'its cool-down';
  const now = marketNow === null ? '' : `, which is at ${utc(marketNow)}`;
  return `its cool-down, until ${utc(coolDownUntil)} in market time${now}`;
};

/** All that an event waits for before it ends, one entry each; empty where it has ended. @param marketNow epoch ms */
export const waitsFor = (event: Waiting, marketNow: number | null): readonly string[] => {
  if (event.resolvedAt !== null) return [];
  const left = actionsLeft(event.actions);
  if (event.trigger === 'manual') return [...left, `a person: ${endingCommand(event)}`];
  return [
    ...left,
    ...(event.isOver ? [] : [untilOver(event, marketNow)]),
    ...(event.waitsForApproval ? [`an admin: ${endingCommand(event)}`] : []),
  ];
};

const actionColumns = { action: 'action', status: 'status', at: 'at', outcome: 'outcome' };

/** The actions of an incident in their order. */
export const actionsText = (actions: readonly ShownAction[]): string =>
  table(
    actions.map((each) => ({ ...each })),
    actionColumns,
  );

interface StillStopped {
  readonly eventId: number;
  readonly trigger: BreakerTrigger;
  readonly reason: string;
  readonly waitsFor: readonly string[];
  readonly endedBy: string;
}

/** What a stopped environment is stopped by: which events, why, what each waits for, and what would end it. */
export const stoppedByText = (
  { environment, state }: { readonly environment: Environment; readonly state: TradingState },
  events: readonly StillStopped[],
): string =>
  [
    `${environment} STAYS ${state}:`,
    ...events.map(
      ({ eventId, trigger, reason, waitsFor: waits, endedBy }) =>
        `  event ${eventId} (${triggerNames[trigger]}): ${reason}; it waits for ${waits.join('; ')}. To end it now: ${endedBy}`,
    ),
  ].join('\n');
