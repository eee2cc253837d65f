import type { BarRange } from './windows.ts';

/** `rolling`: the in-sample windows are equally long. `anchored`: they all start with the first bar. */
export type WalkForwardKind = 'rolling' | 'anchored';

export interface FoldWindows {
  readonly inSample: BarRange;
  readonly outOfSample: BarRange;
}

export const defaultFolds = 5;

/** Bars in sample (of the first fold where anchored) for each bar out of sample. */
const inSampleParts = 4;

/**
 * Cuts bars into folds, oldest first. The out-of-sample windows are equally long, follow one another without a gap and end with the
 * last bar; each comes right after the in-sample window of its fold.
 * @returns none where there are fewer bars than parts.
 */
export const walkForwardWindows = (bars: BarRange, folds: number, kind: WalkForwardKind): readonly FoldWindows[] => {
  const part = Math.floor((bars.to - bars.from) / (folds + inSampleParts));
  if (part === 0) return [];
  return Array.from({ length: folds }, (_, fold) => {
    const border = bars.to - (folds - fold) * part;
    return {
      inSample: { from: kind === 'anchored' ? bars.from : border - inSampleParts * part, to: border },
      outOfSample: { from: border, to: border + part },
    };
  });
};
