import type { Config } from '../config.ts';
import type { Goal } from '../domain/goals/goal.ts';
import { type Told, tellWorkflows } from './tell-workflows.ts';

const followsBy: Readonly<Record<Told['temporal'], string>> = {
  told: '',
  'no worker': 'the goal is looked at as soon as one does',
  unreachable: "the change is stored, and the goal's loop reads it on its next full hour, or when a worker starts",
};

/** Tells a goal's loop of a change that the database has already; the note says what follows when. Never throws. */
export const tellGoal = async (config: Pick<Config, 'temporal'>, goal: Goal): Promise<Told> => {
  const { temporal, note } = await tellWorkflows(config, (trading) => trading.goalChanged(goal));
  return { temporal, note: temporal === 'told' ? '' : `${note}: ${followsBy[temporal]}` };
};
