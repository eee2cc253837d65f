import backtesting from './backtesting.json' with { type: 'json' };
import backtrader from './backtrader.json' with { type: 'json' };
import { cases } from './cases.ts';
import type { Case } from './cases.ts';
import vectorbt from './vectorbt.json' with { type: 'json' };

/** What a library made of a case: its closed trades by column in the order of their entries, and equity at every `step`-th bar. */
export interface LibraryRun {
  readonly name: string;
  readonly bars: number;
  readonly trades: Readonly<
    Record<'entryBar' | 'exitBar' | 'entryPrice' | 'exitPrice' | 'quantity' | 'pnl', readonly number[]>
  >;
  readonly equity: Readonly<Record<'step' | 'final' | 'lowest' | 'highest' | 'sum', number>> & {
    readonly sampled: readonly number[];
  };
  /** Named as columns of `backtest_results` where the definition is the same. */
  readonly figures?: Readonly<Record<string, number>>;
  /** Equity per UTC day. */
  readonly days?: { readonly start: string; readonly equity: readonly number[] };
}

/** Where a library's own averages cross otherwise than exact ones, and the final equity of both. */
export interface OwnAverages {
  readonly candles: string;
  readonly crossings: number;
  readonly differing: readonly number[];
  readonly finalExact: number;
  readonly finalOwn: number;
}

interface Library {
  readonly version: string;
  readonly cases: readonly LibraryRun[];
  readonly ownAverages: readonly OwnAverages[];
}

export const libraries: Readonly<Record<string, Library>> = { vectorbt, 'backtesting.py': backtesting, backtrader };

export interface Comparison {
  readonly given: Case;
  readonly expected: LibraryRun;
}

/** Every case with its library's run. */
export const comparisons: readonly Comparison[] = cases.map((given) => {
  const expected = libraries[given.library]?.cases.find(({ name }) => name === given.name);
  if (expected === undefined) throw new Error(`no run of '${given.name}': run the script of ${given.library} again`);
  return { given, expected };
});
