import { createRandom } from '../domain/random.ts';

/** How a fault disfigures a list of trades; the seed makes it the same each time. */
export interface ReportDisorder {
  readonly duplicate: boolean;
  readonly shuffle: boolean;
  readonly seed: number;
}

const shuffled = (rows: readonly unknown[], seed: number): unknown[] => {
  const random = createRandom(seed);
  return rows
    .map((row) => ({ row, at: random.fraction() }))
    .sort((a, b) => a.at - b.at)
    .map(({ row }) => row);
};

const disordered = (rows: readonly unknown[], { duplicate, shuffle, seed }: ReportDisorder): readonly unknown[] => {
  const repeated = duplicate ? rows.flatMap((row) => [row, row]) : rows;
  return shuffle ? shuffled(repeated, seed) : repeated;
};

/** An answer with its trades repeated or out of order: a list of trades as it is, or the `fills` of a placed order. */
export const withDisorder = (view: unknown, disorder: ReportDisorder): unknown => {
  if (Array.isArray(view)) return disordered(view, disorder);
  if (typeof view !== 'object' || view === null || !('fills' in view) || !Array.isArray(view.fills)) return view;
  return { ...view, fills: disordered(view.fills, disorder) };
};
