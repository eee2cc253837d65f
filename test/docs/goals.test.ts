import { expect, it } from 'vitest';
import { boundRules, defaultBounds } from '../../src/domain/goals/bounds.ts';
import { goalMoves } from '../../src/domain/goals/goal-terms.ts';
import { goalStatuses } from '../../src/domain/goals/goal.ts';
import { markdownTable, markedTable, readDoc } from './markdown.ts';

const printed = (name: string): string | undefined => markedTable(readDoc('docs/goals.md'), name);

it('docs/goals.md prints the bounds as the code judges them', () => {
  const rows = Object.entries(boundRules).map(([name, { asks }]) => [
    `\`${name}\``,
    String(defaultBounds[name as keyof typeof defaultBounds] ?? 'none'),
    asks,
  ]);
  expect(printed('goal bounds')).toBe(markdownTable(['bound', 'default', 'may be'], rows));
});

it('docs/goals.md prints what a goal may become', () => {
  const rows = goalStatuses.map((status) => [status, goalMoves[status].join(', ') || 'nothing: it is set anew']);
  expect(printed('goal statuses')).toBe(markdownTable(['status', 'a person makes it'], rows));
});
