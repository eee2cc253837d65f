import type { BreakerPolicy, Escalation, Response } from '../domain/breaker/policy.ts';
import type { Environment } from '../domain/orders/order.ts';
import { facts, table } from './output.ts';

const columns = {
  trigger: 'trigger',
  threshold: 'threshold',
  becomes: 'state',
  actions: 'actions',
  'over when': 'over',
  approval: 'approval',
  'gets worse': 'worse',
};

const stepsOf = (response: Pick<Response, 'actions'>): string => response.actions.join(', ') || 'none';

const worse = (escalation: Escalation | null, unit: string): string | null =>
  escalation && `at ${escalation.threshold}${unit}: ${escalation.state}, ${stepsOf(escalation)}`;

interface ShownPolicy {
  readonly environment: Environment;
  readonly policy: BreakerPolicy;
  readonly updatedBy: string | null;
  /** UTC text. */
  readonly updatedAt: string | null;
  readonly problem: string | null;
}

const originOf = ({ environment, updatedBy, updatedAt, problem }: ShownPolicy): string => {
  if (updatedBy === null) return `${environment}, by default:`;
  const set = `set by ${updatedBy} at ${updatedAt}`;
  return problem === null
    ? `${environment}, ${set}:`
    : `${environment}: what was ${set} CANNOT BE READ (${problem}). The defaults hold:`;
};

/** A policy as a table of its triggers, what else it says, and where it comes from. */
export const policyText = (shown: ShownPolicy): string => `${originOf(shown)}\n${triggersText(shown.policy)}`;

const triggersText = (policy: BreakerPolicy): string => {
  const { drawdown, lossStreak, volatilitySpike, manual, remindHours, protections } = policy;
  const common = (response: Response) => ({
    state: response.state,
    actions: stepsOf(response),
    approval: response.requiresApproval ? 'an admin' : 'none',
  });
  const off = { threshold: 'off' };
  const rows = [
    {
      trigger: 'drawdown',
      ...(drawdown
        ? {
            ...common(drawdown),
            threshold: `${drawdown.threshold} %`,
            over: `${drawdown.coolDownHours} h of market time`,
            worse: worse(drawdown.escalation, ' %'),
          }
        : off),
    },
    {
      trigger: 'lossStreak',
      ...(lossStreak
        ? {
            ...common(lossStreak),
            threshold: `${lossStreak.threshold} losses`,
            over: `${lossStreak.coolDownHours} h of market time`,
            worse: worse(lossStreak.escalation, ' losses'),
          }
        : off),
    },
    {
      trigger: 'volatilitySpike',
      ...(volatilitySpike
        ? {
            ...common(volatilitySpike),
            threshold: `${volatilitySpike.threshold} × ${volatilitySpike.historyDays} d, over ${volatilitySpike.windowMinutes} min`,
            over: `under ${volatilitySpike.clearShare} of it`,
            worse: worse(volatilitySpike.escalation, ' ×'),
          }
        : off),
    },
    { trigger: 'manual', ...common(manual), threshold: null, over: 'a person resumes', worse: null },
  ];
  const paused = Object.entries(protections).map(([name, set]) => [name, set ?? 'off'] as const);
  return `${table(rows, columns)}\n${facts({ 'told again after (h)': remindHours, ...Object.fromEntries(paused) })}`;
};
