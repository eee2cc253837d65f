import { type Decimal, zero } from '../domain/decimal.ts';
import { balanceOf } from './accounts.ts';
import type { LedgerState } from './ledger-state.ts';

/** What fills that become true together share: their running trade id, and the fees they can pay from a third asset. */
export interface FillBook {
  nextTradeId(): number;
  /** Whether that much of the asset is free still; it is spent then. */
  spend(asset: string, amount: Decimal): boolean;
}

/** A book for fills on top of `state`, which is left as it is. */
export const openFillBook = (state: LedgerState): FillBook => {
  let { trades } = state;
  let spent = zero;
  return {
    nextTradeId: () => (trades += 1),
    spend(asset, amount) {
      const isThere = balanceOf(state.balances, asset).free.gte(spent.plus(amount));
      if (isThere) spent = spent.plus(amount);
      return isThere;
    },
  };
};
