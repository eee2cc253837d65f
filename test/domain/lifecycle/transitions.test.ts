import { describe, expect, it } from 'vitest';
import {
  type StrategyStatus,
  type TransitionName,
  nextStatus,
  strategyStatuses,
} from '../../../src/domain/lifecycle/transitions.ts';

const names = ['backtest', 'promote', 'demote', 'pause', 'resume', 'revise', 'archive'] as const;

/** Written out, so that a change of the table has to be meant: where each name leads from each status. */
const expected: Readonly<Record<StrategyStatus, Partial<Record<TransitionName, StrategyStatus>>>> = {
  draft: { backtest: 'backtested', revise: 'draft', archive: 'archived' },
  backtested: { backtest: 'backtested', promote: 'paper', revise: 'draft', archive: 'archived' },
  paper: { promote: 'active', revise: 'draft', archive: 'archived' },
  active: { demote: 'paper', pause: 'paused', archive: 'archived' },
  paused: { resume: 'active', archive: 'archived' },
  archived: {},
};

const pairs = strategyStatuses.flatMap((from) =>
  names.map((name) => [from, name, expected[from][name] ?? null] as const),
);

describe('where a strategy can go', () => {
  it.each(pairs)('%s, %s → %s', (from, name, to) => {
    if (to !== null) expect(nextStatus(from, name)).toBe(to);
    else expect(() => nextStatus(from, name)).toThrow(expect.objectContaining({ name: 'IllegalTransition' }));
  });

  it('insists on the status it is asked to lead to', () => {
    expect(nextStatus('paper', 'promote', 'active')).toBe('active');
    expect(() => nextStatus('backtested', 'promote', 'active')).toThrow(/it cannot promote to active/);
  });

  it('says what is possible, and that archived is the end', () => {
    expect(() => nextStatus('paused', 'pause')).toThrow(
      expect.objectContaining({
        next: 'from paused it can: resume (to active), archive (to archived)',
        details: { status: 'paused', requested: 'pause', to: null },
      }),
    );
    expect(() => nextStatus('archived', 'resume')).toThrow(
      expect.objectContaining({ next: expect.stringContaining('stays archived') as string }),
    );
  });
});
