import type { PositionSize } from '../strategy/definition.ts';

/** Closed trades before the formula is trusted; until then half of the cap is staked. */
export const kellyTrades = 20;

/** Wins and losses of closed trades, for sizing by Kelly. */
export class KellyRecord {
  #wins = 0;
  #losses = 0;
  #won = 0;
  #lost = 0;
  #trades = 0;

  /** @param pnl of a closed trade, net of fees, in quote */
  add(pnl: number): void {
    this.#trades += 1;
    if (pnl > 0) {
      this.#wins += 1;
      this.#won += pnl;
    } else if (pnl < 0) {
      this.#losses += 1;
      this.#lost -= pnl;
    }
  }

  /**
   * Share of equity to stake: p − (1 − p)/b with p = winners / closed trades and b = average win / average loss (Kelly 1956),
   * clamped to 0 and the cap, which is `size.value`. Null where the size is not by Kelly.
   */
  fraction(size: PositionSize): number | null {
    if (size.type !== 'kelly') return null;
    if (this.#trades < kellyTrades) return size.value / 2;
    return kellyFraction(
      this.#wins / this.#trades,
      this.#wins === 0 ? 0 : this.#won / this.#wins,
      this.#losses === 0 ? 0 : this.#lost / this.#losses,
      size.value,
    );
  }
}

/** @param averageLoss positive; 0 where nothing was lost, which stakes `cap` */
export const kellyFraction = (winRate: number, averageWin: number, averageLoss: number, cap: number): number => {
  if (averageWin === 0) return 0;
  const edge = winRate - ((1 - winRate) * averageLoss) / averageWin;
  return Math.max(0, Math.min(cap, edge));
};
