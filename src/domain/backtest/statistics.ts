/** Statistics on float64 series. Empty input gives NaN unless said otherwise. */

export const mean = (values: ArrayLike<number>): number => {
  let total = 0;
  for (let i = 0; i < values.length; i += 1) total += values[i]!;
  return total / values.length;
};

/** Sample standard deviation (ddof 1); exactly 0 where all values are equal. NaN under two values. */
export const sampleDeviation = (values: ArrayLike<number>): number => {
  if (values.length < 2) return Number.NaN;
  const centre = mean(values);
  let squares = 0;
  let equal = true;
  for (let i = 0; i < values.length; i += 1) {
    squares += (values[i]! - centre) ** 2;
    equal &&= values[i] === values[0];
  }
  return equal ? 0 : Math.sqrt(squares / (values.length - 1));
};

/** r_t = E_t / E_{t−1} − 1. */
export const simpleReturns = (equity: readonly number[]): readonly number[] =>
  equity.slice(1).map((value, index) => value / equity[index]! - 1);

export const periodsPerYear = 365;

/** mean(r)/std(r, ddof 1)·√365, risk-free 0; null under two returns or where they are all equal. */
export const sharpeRatio = (returns: readonly number[]): number | null => {
  const deviation = sampleDeviation(returns);
  return deviation > 0 ? (mean(returns) / deviation) * Math.sqrt(periodsPerYear) : null;
};

/** mean(r)/√(Σ min(r,0)²/N)·√365; null where no return is negative. */
export const sortinoRatio = (returns: readonly number[]): number | null => {
  let squares = 0;
  for (const value of returns) squares += Math.min(value, 0) ** 2;
  return squares > 0 ? (mean(returns) / Math.sqrt(squares / returns.length)) * Math.sqrt(periodsPerYear) : null;
};

/** Greatest fall from a peak in per cent, positive; `start` counts as the first peak. */
export const maxDrawdownPct = (start: number, equity: ArrayLike<number>): number => {
  let peak = start;
  let worst = 0;
  for (let i = 0; i < equity.length; i += 1) {
    const value = equity[i]!;
    if (value > peak) peak = value;
    else if (peak - value > worst * peak) worst = (peak - value) / peak;
  }
  return worst * 100;
};

/** ((end/start)^(365/days) − 1)·100; null under one day, −100 where nothing is left. */
export const compoundAnnualGrowthPct = (start: number, end: number, days: number): number | null => {
  if (days < 1) return null;
  return end <= 0 ? -100 : ((end / start) ** (periodsPerYear / days) - 1) * 100;
};

/** The value below which a share (fraction) of the values lies, between two of them linearly. NaN where there is none. */
export const percentile = (values: ArrayLike<number>, share: number): number => {
  const sorted = Float64Array.from(values).sort();
  if (sorted.length === 0) return Number.NaN;
  const place = share * (sorted.length - 1);
  const below = sorted[Math.floor(place)]!;
  return below + (sorted[Math.ceil(place)]! - below) * (place - Math.floor(place));
};

/** Mean of the lowest ⌊(N−1)·share⌋ + 1 values: of those at or below the percentile that is no interpolation. NaN where there is none. */
export const tailMean = (values: ArrayLike<number>, share: number): number => {
  const sorted = Float64Array.from(values).sort();
  return sorted.length === 0 ? Number.NaN : mean(sorted.subarray(0, Math.floor((sorted.length - 1) * share) + 1));
};

/** Pearson's correlation, −1 to 1; null under two pairs, or where one side never moves. */
export const pearson = (a: readonly number[], b: readonly number[]): number | null => {
  if (a.length < 2 || !(sampleDeviation(a) > 0) || !(sampleDeviation(b) > 0)) return null;
  const meanA = mean(a);
  const meanB = mean(b);
  let both = 0;
  let squaresA = 0;
  let squaresB = 0;
  a.forEach((value, i) => {
    const x = value - meanA;
    const y = b[i]! - meanB;
    both += x * y;
    squaresA += x * x;
    squaresB += y * y;
  });
  const correlation = both / Math.sqrt(squaresA * squaresB);
  return Number.isFinite(correlation) ? Math.max(-1, Math.min(1, correlation)) : null;
};
