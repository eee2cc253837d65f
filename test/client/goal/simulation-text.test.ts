import { describe, expect, it } from 'vitest';
import type { SimulatedGoal } from '../../../src/client/goal-simulation.ts';
import { simulationAnswer, simulationText } from '../../../src/client/goal-simulation-text.ts';
import { defaultBounds } from '../../../src/domain/goals/bounds.ts';
import { goalOf } from '../../domain/goals/goal-desk.ts';

const june = Date.UTC(2026, 5, 1);
const simulated: SimulatedGoal = {
  goal: goalOf({ startedAt: 0 }),
  bounds: defaultBounds,
  source: 'the recorded equity of paper',
  capital: 10_000,
  simulation: {
    from: june,
    to: june + 199 * 3_600_000,
    looks: 200,
    behind: 50,
    onTrack: 149,
    ahead: 1,
    adjustments: [{ at: june + 91 * 3_600_000, kind: 'increase_risk', from: 1, to: 1.1, reason: 'behind: so far' }],
    months: [{ month: '2026-06', target: 10, expected: 2.7638888, reached: 3, status: 'on_track', scale: 1.1 }],
    finalScale: 1.1,
    achievedAt: null,
    withLoop: { final: 10_300, returnPct: 3, maxDrawdownPct: 0.5 },
    without: { final: 10_200, returnPct: 2, maxDrawdownPct: 0.4 },
  },
};

describe('a simulated goal', () => {
  it('is told to people: how often it was behind, the path by month, every adjustment with its reason, and what it came to', () => {
    const lines = simulationText(simulated)
      .split('\n')
      .map((line) => line.replaceAll(/ +/g, ' '));
    expect(lines).toEqual(
      expect.arrayContaining([
        'goal return of the month 10.00 % on paper',
        'hours 200, from 2026-06-01T00:00:00Z to 2026-06-09T07:00:00Z',
        'behind 50 h (25.0 %)',
        'ahead 1 h (0.5 %)',
        'final scale 1.1',
        'with the loop 10300.00 USD, 3.00 %, drawdown 0.50 %',
        'without 10200.00 USD, 2.00 %, drawdown 0.40 %',
        '│ 2026-06 │ 10.00 % │ 2.76 % │ 3.00 % │ on track │ 1.1 │',
        '│ 2026-06-04T19:00:00Z │ increase_risk │ 1 │ 1.1 │ behind: so far │',
      ]),
    );
    expect(lines.at(-1)).toContain('first order');
  });

  it('is told to programs in the same figures', () => {
    expect(simulationAnswer(simulated)).toMatchObject({
      goal: { type: 'monthly_return_pct', target: 10 },
      from: '2026-06-01T00:00:00Z',
      looks: 200,
      behind: 50,
      onTrack: 149,
      ahead: 1,
      finalScale: 1.1,
      achievedAt: null,
      withLoop: { final: 10_300 },
      adjustments: [{ at: '2026-06-04T19:00:00Z', to: 1.1, reason: 'behind: so far' }],
      months: [{ month: '2026-06', reached: 3 }],
    });
  });
});
