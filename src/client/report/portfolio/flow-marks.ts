import type { PortfolioReport } from './report.ts';
import { rounded } from '../thin-line.ts';
import { quantityText } from './names.ts';
import type { PaneMarks } from './panes.ts';
import { mostMarks } from './scale.ts';
import type { Scale } from './scale.ts';

/** Deposits and withdrawals on the equity's line; openings where an account was opened after the first snapshot. */
export const flowMarks = (
  { shown, history }: PortfolioReport,
  { start, end, seconds }: Scale,
): { readonly marks: readonly PaneMarks[]; readonly leftOut: number } => {
  const inside = history.flows.filter(({ at, kind }) => at <= end && (kind === 'opening' ? at > start : at >= start));
  const drawn = inside.slice(-mostMarks);
  const marksOf = (isIn: boolean): PaneMarks['points'] =>
    drawn
      .filter(({ kind }) => (kind !== 'withdrawal') === isIn)
      .map(({ at, kind, asset, amount }) => {
        const point = shown.findLast((each) => each.at <= at) ?? shown[0]!;
        return [seconds(at), rounded(point.equity), `${kind} of ${quantityText(amount)} ${asset}`];
      });
  const marks: readonly PaneMarks[] = [
    { name: 'Money in', symbol: 'triangle', colour: 'up', points: marksOf(true) },
    { name: 'Money out', symbol: 'pin-down', colour: 'down', points: marksOf(false) },
  ];
  return { marks: marks.filter(({ points }) => points.length > 0), leftOut: inside.length - drawn.length };
};
