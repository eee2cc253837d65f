import {
  condition,
  continueAsNew,
  setCurrentDetails,
  setHandler,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import { goalChangedSignal, goalQuery, type GoalView } from '../contracts/goals.ts';
import { environmentKey, statusKey } from '../contracts/search-attributes.ts';
import { hourMs } from '../domain/market/interval.ts';
import { goals } from './activity-proxies.ts';
import { isFinal } from './failures.ts';
import { goalDetails, type LastAdjustment } from './goal-details.ts';

export interface GoalLoopInput {
  readonly goalId: number;
  /** Carried from run to run for those who read about it. */
  readonly adjustment?: LastAdjustment | null;
}

/** How soon a look that the database did not answer is tried again. */
const retryMs = 5 * 60_000;
/** About seven events each: a run stays well under what a history may hold. */
const ticksPerRun = 500;

/** A tick at the very hour waits for the next one. */
const untilNextHourMs = (): number => hourMs - (Date.now() % hourMs);
const hasEnded = ({ goal }: GoalView): boolean => goal.status === 'achieved' || goal.status === 'cancelled';

/** Null where the database did not answer for a while. @throws ActivityFailure where the goal is refused, as one that is gone */
const look = async (goalId: number): Promise<GoalView | null> => {
  try {
    return await goals.tickGoal({ goalId, at: Date.now() });
  } catch (error) {
    if (isFinal(error)) throw error;
    return null;
  }
};

/**
 * Looks at one goal at its start, on every full hour (UTC), and as soon as its row was changed. While the goal is paused it waits
 * for that alone; with a goal that is achieved or cancelled it ends, and whoever makes it active again starts it again.
 * All it goes by is read from the rows each time: a look that was missed is a row of progress less, and nothing else.
 */
export async function goalLoop({ goalId, adjustment = null }: GoalLoopInput): Promise<GoalView> {
  const state: { view: GoalView | null; changed: boolean; adjustment: LastAdjustment | null } = {
    view: null,
    changed: false,
    adjustment,
  };
  setHandler(goalChangedSignal, () => {
    state.changed = true;
  });
  setHandler(goalQuery, () => state.view);

  const keep = (view: GoalView): void => {
    const { environment, status } = view.goal;
    if (environment !== state.view?.goal.environment || status !== state.view.goal.status) {
      upsertSearchAttributes([
        { key: environmentKey, value: environment },
        { key: statusKey, value: status },
      ]);
    }
    state.view = view;
    if (view.adjusted) state.adjustment = { at: view.at, note: view.note };
  };

  for (let ticks = 1; ; ticks += 1) {
    state.changed = false;
    const view = await look(goalId);
    if (view !== null) keep(view);
    setCurrentDetails(
      goalDetails({ goalId, view: state.view, isAnswered: view !== null, adjustment: state.adjustment }),
    );
    if (view !== null && hasEnded(view) && !state.changed) return view;
    if (view?.goal.status === 'paused') await condition(() => state.changed);
    else await condition(() => state.changed, view === null ? retryMs : untilNextHourMs());
    // The next run looks at once: a change that was just heard of is not lost.
    if (ticks >= ticksPerRun || workflowInfo().continueAsNewSuggested) {
      await continueAsNew<typeof goalLoop>({ goalId, adjustment: state.adjustment });
    }
  }
}
