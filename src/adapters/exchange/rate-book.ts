import type { RateState } from '../../domain/orders/rate-window.ts';

/** Where an account's limits are kept: one page, changed by compare-and-set, with a clock that all who share it read. */
export interface RateBook {
  /** `state` null before the first write; `now` in epoch ms of the book's clock. */
  read(): Promise<{ readonly state: RateState | null; readonly revision: number; readonly now: number }>;
  /** Replaces the page if it still is the one with `revision`; says whether it was. */
  write(state: RateState, revision: number): Promise<boolean>;
}

/** A book of this process alone, for market data without a database. */
export const createMemoryRateBook = (): RateBook => {
  let page: { state: RateState | null; revision: number } = { state: null, revision: 0 };
  return {
    read: () => Promise.resolve({ ...page, now: performance.now() }),
    write: (state, revision) => {
      const current = page.revision === revision;
      if (current) page = { state, revision: revision + 1 };
      return Promise.resolve(current);
    },
  };
};
