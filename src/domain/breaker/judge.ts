import { allActions, stricter } from './check-policy.ts';
import {
  type AutomaticTrigger,
  type BreakerAction,
  type BreakerPolicy,
  type BreakerTrigger,
  type StoppedState,
  type TriggerPolicy,
  type VolatilityTrigger,
  automaticTriggers,
  triggerPolicy,
} from './policy.ts';

/** What a trigger goes by. */
export interface Measured {
  /** In the trigger's unit, four digits; null where it is not defined. */
  readonly value: number | null;
  /** For a person: what was found, or why there is no value. */
  readonly says: string;
}

export type BreakerFacts = Readonly<Record<AutomaticTrigger, Measured>>;

/** The greatest that a row holds. */
const mostFigure = 999_999;

/** A figure as a row holds it, four digits after the point: what is judged is what is written. */
export const figureOf = (value: number): number => Math.min(Math.round(value * 1e4) / 1e4, mostFigure);

/** An event that has not ended, as far as it is judged. */
export interface OpenEvent {
  readonly eventId: number;
  readonly trigger: BreakerTrigger;
  readonly state: StoppedState;
  readonly actions: readonly BreakerAction[];
  readonly isEscalated: boolean;
  /** What it fired by; null by hand. */
  readonly policy: TriggerPolicy | null;
}

interface Judgement {
  readonly trigger: AutomaticTrigger;
  readonly threshold: number;
  readonly actual: number;
  readonly state: StoppedState;
  readonly actions: readonly BreakerAction[];
  readonly reason: string;
}
/** A trigger that has no open event fires. */
export interface Firing extends Judgement {
  readonly kind: 'fire';
}
/** An open event gets worse, once; `state` and `actions` are all that it has from then on. */
export interface Escalating extends Judgement {
  readonly kind: 'escalate';
  readonly eventId: number;
}
export type Verdict = Firing | Escalating;

const units = { drawdown: ' %', loss_streak: '', volatility_spike: ' times' } as const;

/** A threshold as a person reads it. */
export const thresholdText = (trigger: AutomaticTrigger, threshold: number): string => `${threshold}${units[trigger]}`;

/** A value that has come to a threshold. Where it fires it never clears: a share of the threshold is below it. */
export const reaches = (value: number | null, threshold: number): value is number =>
  value !== null && value >= threshold;

/** Volatility is back under where an event ends. */
export const isCalm = ({ threshold, clearShare }: VolatilityTrigger, value: number | null): boolean =>
  value !== null && value < threshold * clearShare;

const fires = (trigger: AutomaticTrigger, policy: TriggerPolicy, { value, says }: Measured): Verdict | null =>
  reaches(value, policy.threshold)
    ? {
        kind: 'fire',
        trigger,
        threshold: policy.threshold,
        actual: value,
        state: policy.state,
        actions: allActions(policy.actions, []),
        reason: `${says}; the limit is ${thresholdText(trigger, policy.threshold)}`,
      }
    : null;

const escalates = (trigger: AutomaticTrigger, event: OpenEvent, { value, says }: Measured): Verdict | null => {
  const { escalation } = event.policy ?? {};
  if (!escalation || event.isEscalated || !reaches(value, escalation.threshold)) return null;
  return {
    kind: 'escalate',
    eventId: event.eventId,
    trigger,
    threshold: escalation.threshold,
    actual: value,
    state: stricter(event.state, escalation.state),
    actions: allActions(event.actions, escalation.actions),
    reason: `${says}; it gets worse from ${thresholdText(trigger, escalation.threshold)} on`,
  };
};

/**
 * What fires and what gets worse. A trigger with an open event does not fire again; that event escalates once, by the policy that it
 * fired by. What has no value does neither.
 */
export const judgeTriggers = (
  policy: BreakerPolicy,
  facts: BreakerFacts,
  open: readonly OpenEvent[],
): readonly Verdict[] =>
  automaticTriggers.flatMap((trigger) => {
    const event = open.find((candidate) => candidate.trigger === trigger);
    const current = triggerPolicy(policy, trigger);
    const verdict = event
      ? escalates(trigger, event, facts[trigger])
      : current && fires(trigger, current, facts[trigger]);
    return verdict ? [verdict] : [];
  });
