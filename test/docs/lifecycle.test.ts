import { describe, expect, it } from 'vitest';
import { gatePolicies, judgeBacktest, judgeOrderSupport, judgePaper } from '../../src/domain/lifecycle/gates.ts';
import { transitions } from '../../src/domain/lifecycle/transitions.ts';
import { isTerminal, orderStatuses, orderTransitions } from '../../src/domain/orders/order.ts';
import { markdownTable, markedTable, readDoc } from './markdown.ts';

const printed = (name: string): string | undefined => markedTable(readDoc('docs/lifecycle.md'), name);

const noEvidence = {
  marketDays: 0,
  trades: 0,
  returnPctPerDay: null,
  winRate: null,
  openCriticalAlerts: 0,
  tradingState: 'ACTIVE',
} as const;

const backtestEvidence = {
  trades: 0,
  sharpe: null,
  profitFactor: null,
  maxDrawdownPct: null,
  outOfSampleShare: null,
  outOfSampleReturnPct: null,
  profitableWindows: null,
  shuffledDrawdownPct: null,
  lookaheadMismatches: null,
  returnPctPerDay: null,
  winRate: null,
};

const gateRows = (): string[][] =>
  Object.values(gatePolicies).flatMap((policy) =>
    [judgeBacktest(policy, backtestEvidence), judgePaper(policy, noEvidence, null)].flatMap((judged) => {
      const report = judgeOrderSupport(judged, []);
      return report.criteria.map((criterion) => [policy.name, report.gate, criterion.name, criterion.required]);
    }),
  );

describe('docs/lifecycle.md', () => {
  it('prints the transitions of a strategy as the code judges them', () => {
    expect(printed('strategy transitions')).toBe(
      markdownTable(
        ['from', 'request', 'to'],
        transitions.map(({ from, name, to }) => [from, name, to]),
      ),
    );
  });

  it('prints the gates as the policies ask them', () => {
    expect(printed('gates')).toBe(markdownTable(['policy', 'gate', 'criterion', 'required'], gateRows()));
  });

  it('prints the order statuses and where each can go', () => {
    const rows = orderStatuses.map((status) => [
      status,
      isTerminal(status) ? 'nowhere: it has ended' : orderTransitions[status].join(', '),
    ]);
    expect(printed('order transitions')).toBe(markdownTable(['status', 'can become'], rows));
  });
});
