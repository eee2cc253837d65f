/** A line of few points: `value[i]` at `time[i]` (epoch ms); null is a gap. */
export interface ThinLine {
  readonly time: readonly number[];
  readonly value: readonly (number | null)[];
}

/**
 * Thins a series out to at most `most` points: of each run of equally many bars the lowest and the highest value, in their order, so that
 * no extreme is lost. A run of nothing but NaN is one gap. A series that is short enough keeps every point.
 */
export const thinLine = (time: Float64Array, values: Float64Array, most: number): ThinLine => {
  const size = values.length <= most ? 1 : Math.ceil(values.length / Math.floor(most / 2));
  const thin: { time: number[]; value: (number | null)[] } = { time: [], value: [] };
  const push = (bar: number): void => {
    thin.time.push(time[bar]!);
    thin.value.push(values[bar]!);
  };
  for (let from = 0; from < values.length; from += size) {
    const [low, high] = extremesOf(values, from, Math.min(from + size, values.length));
    if (low < 0) {
      if (thin.value.at(-1) === null) continue;
      thin.time.push(time[from]!);
      thin.value.push(null);
      continue;
    }
    push(Math.min(low, high));
    if (low !== high) push(Math.max(low, high));
  }
  return thin;
};

/** Bars of the lowest and the highest value in `from` … `to` − 1; −1 where all are NaN. */
const extremesOf = (values: Float64Array, from: number, to: number): readonly [low: number, high: number] => {
  let low = -1;
  let high = -1;
  for (let i = from; i < to; i += 1) {
    const value = values[i]!;
    if (Number.isNaN(value)) continue;
    if (low < 0 || value < values[low]!) low = i;
    if (high < 0 || value > values[high]!) high = i;
  }
  return [low, high];
};

/** Seven digits: more than a screen can show. */
export const rounded = (value: number): number => Number(value.toPrecision(7));

/** A line as a page holds it: times by `seconds`, values rounded. */
export const shortened = ({ time, value }: ThinLine, seconds: (time: number) => number): ThinLine => ({
  time: time.map(seconds),
  value: value.map((each) => (each === null ? null : rounded(each))),
});
