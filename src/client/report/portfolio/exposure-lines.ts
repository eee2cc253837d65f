import type { EquityPoint } from '../../../adapters/postgres/portfolio-history.ts';
import { thinLine } from '../thin-line.ts';
import type { ThinLine } from '../thin-line.ts';

const mostSymbols = 6;

/** One symbol's share of the stack, US dollars. */
export interface ExposureLine extends ThinLine {
  readonly symbol: string;
}

/**
 * Exposure by symbol at the same times for all, so that they can be stacked: at most `most` of them, each stretch by its least and its greatest
 * total. The symbols with the most exposure over time stand for themselves, the others are one.
 */
export const exposureLines = (
  points: readonly EquityPoint[],
  most: number,
): { readonly lines: readonly ExposureLine[]; readonly together: number } => {
  const symbols = byWeight(points);
  const single = symbols.length <= mostSymbols ? symbols : symbols.slice(0, mostSymbols - 1);
  const rest = new Set(symbols.slice(single.length));
  const byTime = new Map(points.map((point) => [point.at, point]));
  const totals = Float64Array.from(points, ({ exposure }) =>
    Object.values(exposure).reduce((total, value) => total + Math.abs(value), 0),
  );
  const { time } = thinLine(
    Float64Array.from(points, ({ at }) => at),
    totals,
    most,
  );
  const line = (symbol: string, isOf: (name: string) => boolean): ExposureLine => ({
    symbol,
    time,
    value: time.map((at) =>
      Object.entries(byTime.get(at)!.exposure).reduce(
        (sum, [name, value]) => sum + (isOf(name) ? Math.abs(value) : 0),
        0,
      ),
    ),
  });
  const lines = [
    ...single.map((symbol) => line(symbol, (name) => name === symbol)),
    ...(rest.size > 0 ? [line(`${rest.size} others`, (name) => rest.has(name))] : []),
  ];
  return { lines, together: rest.size };
};

const byWeight = (points: readonly EquityPoint[]): readonly string[] => {
  const weights = new Map<string, number>();
  for (const { exposure } of points) {
    for (const [symbol, value] of Object.entries(exposure)) {
      if (value !== 0) weights.set(symbol, (weights.get(symbol) ?? 0) + Math.abs(value));
    }
  }
  return [...weights].toSorted(([a, x], [b, y]) => y - x || (a < b ? -1 : 1)).map(([symbol]) => symbol);
};
