import type { Store } from '../adapters/postgres/store.ts';
import type { GoalActivities } from '../contracts/goals.ts';
import { withMappedFailures } from './failures.ts';

export const createGoalActivities = ({ store }: { readonly store: Store }): GoalActivities =>
  withMappedFailures<GoalActivities>({ tickGoal: (request) => store.goals.tick(request) });
