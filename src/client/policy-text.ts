import type { BreakerPolicy, Escalation, Response } from '../domain/breaker/policy.ts';
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

/** A policy as a table of its triggers, and what else it says. */
export const policyText = (policy: BreakerPolicy): string => {
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
