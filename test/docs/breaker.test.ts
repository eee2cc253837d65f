import { expect, it } from 'vitest';
import { letThrough } from '../../src/domain/breaker/let-through.ts';
import {
  type BreakerPolicy,
  type Response,
  type TradingState,
  defaultPolicies,
  tradingStates,
} from '../../src/domain/breaker/policy.ts';
import { markdownTable, markedTable, readDoc } from './markdown.ts';

const { paper, live } = defaultPolicies;
const names = ['drawdown', 'lossStreak', 'volatilitySpike', 'manual'] as const;
const units = { drawdown: ' %', lossStreak: '', volatilitySpike: '', manual: '' } as const;

const endOf = (policy: NonNullable<BreakerPolicy[(typeof names)[number]]>): string => {
  if ('coolDownHours' in policy) return `after ${policy.coolDownHours} hours`;
  return 'clearShare' in policy ? `below ${policy.clearShare * 100} % of the threshold` : 'when a person says so';
};

const worse = (policy: NonNullable<BreakerPolicy[(typeof names)[number]]>): string => {
  if (!('escalation' in policy)) return 'when a person asks for more';
  const { escalation } = policy;
  return escalation ? `${escalation.threshold}: ${escalation.state}, ${escalation.actions.join(', ')}` : 'never';
};

it('docs/breaker.md prints the default policies', () => {
  const rows = names.map((name) => {
    const policy = live[name];
    if (!policy) return [`\`${name}\``, 'off', '', '', '', ''];
    return [
      `\`${name}\``,
      'threshold' in policy ? `${policy.threshold}${units[name]}` : 'none',
      policy.state,
      policy.actions.join(', '),
      `${endOf(policy)}${policy.requiresApproval ? '; on live money an admin' : ''}`,
      worse(policy),
    ];
  });
  const header = ['trigger', 'threshold', 'state', 'actions', 'ends', 'gets worse at'];
  expect(markedTable(readDoc('docs/breaker.md'), 'breaker defaults')).toBe(markdownTable(header, rows));
});

it('paper differs from it in who ends a drawdown, and in nothing else', () => {
  const alike = (policy: Response | null) => ({ ...policy, requiresApproval: false });
  for (const name of names) expect(alike(paper[name])).toEqual(alike(live[name]));
  expect(paper.drawdown?.requiresApproval).toBe(false);
});

it('docs/breaker.md prints what goes through', () => {
  const rows = Object.values(letThrough).map(({ says, passes }: { says: string; passes: readonly TradingState[] }) => [
    says,
    ...tradingStates.map((state) => (passes.includes(state) ? 'yes' : 'no')),
  ]);
  expect(markedTable(readDoc('docs/breaker.md'), 'let through')).toBe(markdownTable(['order', ...tradingStates], rows));
});
