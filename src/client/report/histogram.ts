/** Values from `from` (included) up to `to`; the last bin includes its end. */
export interface Bin {
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

const mostBins = 40;
const fewestBins = 12;
/** Returns that are nearer to each other than this are one. */
const leastReach = 1e-6;

/**
 * Counts values in bins of one round width that meet at zero, so that no bin holds gains and losses. The width is Freedman and
 * Diaconis' (2·IQR·n^(−1/3)) rounded up to 1, 2 or 5 times a power of ten, between a twelfth of their reach and
 * what makes 40 bins.
 */
export const histogram = (values: readonly number[]): readonly Bin[] => {
  if (values.length === 0) return [];
  const sorted = values.toSorted((a, b) => a - b);
  const [low, high] = [sorted[0]!, sorted.at(-1)!];
  const quartiles = sorted[Math.floor((sorted.length - 1) * 0.75)]! - sorted[Math.floor((sorted.length - 1) * 0.25)]!;
  const reach = Math.max(Math.max(high, 0) - Math.min(low, 0), leastReach);
  const rule = (2 * quartiles) / Math.cbrt(values.length) || reach;
  const width = roundUp(Math.min(Math.max(rule, reach / (mostBins - 2)), reach / fewestBins));
  const first = Math.floor(low / width);
  const last = Math.max(first, Math.ceil(high / width) - 1);
  const counts = Array.from({ length: last - first + 1 }, () => 0);
  for (const value of values) {
    const bin = Math.min(Math.max(Math.floor(value / width), first), last);
    counts[bin - first]! += 1;
  }
  return counts.map((count, index) => ({
    from: edge(first + index, width),
    to: edge(first + index + 1, width),
    count,
  }));
};

/** The next of …, 1, 2, 5, 10, … */
const roundUp = (value: number): number => {
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5].map((step) => step * power).find((step) => step >= value) ?? 10 * power;
};

/** `index` · `width` without the digits that binary fractions add. */
const edge = (index: number, width: number): number => Number((index * width).toPrecision(12));
