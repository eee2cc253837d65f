import type { ActionTaken, IncidentView } from '../contracts/breaker.ts';
import { utc } from './output.ts';

/** An action as commands print it: its time as UTC text. */
export interface ShownAction extends Omit<ActionTaken, 'at'> {
  readonly at: string | null;
}

export const shownAction = (taken: ActionTaken): ShownAction => ({ ...taken, at: utc(taken.at) });

/** An incident as commands print it: times as UTC text. */
export const shownIncident = (view: IncidentView) => ({
  ...view,
  triggeredAt: utc(view.triggeredAt),
  resolvedAt: utc(view.resolvedAt),
  marketTime: utc(view.marketTime),
  coolDownUntil: utc(view.coolDownUntil),
  actions: view.actions.map(shownAction),
  escalations: view.escalations.map((each) => ({ ...each, at: utc(each.at) })),
});

export type ShownIncident = ReturnType<typeof shownIncident>;
