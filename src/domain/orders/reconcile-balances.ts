import { dec, text, zero } from '../decimal.ts';

/** What an account holds of an asset by our books and by the venue's word, and venue less ours. Decimal text. */
export interface BalanceDifference {
  readonly asset: string;
  readonly ours: string;
  readonly venue: string;
  readonly difference: string;
}

type Totals = Readonly<Record<string, string>>;

/**
 * Compares totals by asset; one that is left out is zero.
 * @param unstable assets that something is moving: they are compared another time
 */
export const diffBalances = (
  ours: Totals,
  venue: Totals,
  unstable: ReadonlySet<string>,
): readonly BalanceDifference[] =>
  [...new Set([...Object.keys(ours), ...Object.keys(venue)])]
    .sort()
    .filter((asset) => !unstable.has(asset))
    .map((asset) => {
      const [here, there] = [dec(ours[asset] ?? '0'), dec(venue[asset] ?? '0')];
      return { asset, ours: text(here), venue: text(there), difference: text(there.minus(here)) };
    })
    .filter(({ difference }) => !dec(difference).eq(zero));

/** Those that two looks in a row have seen alike: what moved in between is no difference yet. */
export const lastingDifferences = (
  first: readonly BalanceDifference[],
  second: readonly BalanceDifference[],
): readonly BalanceDifference[] =>
  second.filter(({ asset, difference }) =>
    first.some((before) => before.asset === asset && before.difference === difference),
  );

/** Assets of which our own books changed from one reading to the next. */
export const movedAssets = (before: Totals, after: Totals): readonly string[] =>
  diffBalances(before, after, new Set()).map(({ asset }) => asset);
