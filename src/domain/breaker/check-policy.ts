import { type PolicyProblem, badPolicy } from './bad-policy.ts';
import {
  type BreakerAction,
  type BreakerPolicy,
  type StoppedState,
  type TriggerPolicy,
  breakerActions,
  tradingStates,
} from './policy.ts';

/** How much a state forbids: HALTED more than REDUCING. */
export const strictness = (state: StoppedState): number => tradingStates.indexOf(state);

export const stricter = (a: StoppedState, b: StoppedState): StoppedState => (strictness(a) < strictness(b) ? b : a);

/** Both, each once, in the order in which an incident carries them out. */
export const allActions = (a: readonly BreakerAction[], b: readonly BreakerAction[]): readonly BreakerAction[] =>
  breakerActions.filter((action) => a.includes(action) || b.includes(action));

/** A volatility is compared with at least so many earlier windows. */
export const leastWindows = 20;

const minutesPerDay = 1_440;

const problemsOf = (path: string, trigger: TriggerPolicy | null): readonly PolicyProblem[] => {
  if (!trigger?.escalation) return [];
  const { threshold, state, escalation } = trigger;
  const at = `${path}.escalation`;
  const beyond = { path: `${at}.threshold`, found: escalation.threshold, allowed: `above the threshold ${threshold}` };
  const laxer = { path: `${at}.state`, found: escalation.state, allowed: `no less strict than ${state}` };
  return [
    ...(escalation.threshold > threshold ? [] : [beyond]),
    ...(strictness(escalation.state) < strictness(state) ? [laxer] : []),
  ];
};

/**
 * What the shape of a policy cannot say: an escalation lies beyond its trigger's threshold and forbids no less, and the history of
 * a volatility is long enough for it to be defined.
 * @throws DomainError `BadPolicy`
 */
export const checkPolicy = (policy: BreakerPolicy, source: string): void => {
  const { drawdown, lossStreak, volatilitySpike: spike } = policy;
  const windows = spike === null ? leastWindows : Math.floor((spike.historyDays * minutesPerDay) / spike.windowMinutes);
  const short: PolicyProblem = {
    path: 'volatilitySpike.historyDays',
    found: spike?.historyDays,
    allowed: `enough days for ${leastWindows} windows of ${spike?.windowMinutes} minutes`,
  };
  const [first, ...others] = [
    ...problemsOf('drawdown', drawdown),
    ...problemsOf('lossStreak', lossStreak),
    ...problemsOf('volatilitySpike', spike),
    ...(windows < leastWindows ? [short] : []),
  ];
  if (first) throw badPolicy(source, [first, ...others]);
};
