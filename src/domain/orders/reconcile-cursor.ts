interface SeenTrade {
  readonly tradeId: string;
  /** Venue time, epoch ms. */
  readonly executedAt: number;
}

/**
 * The last trade id up to which a symbol's trades need not be read again. It stops before the first trade that the books do not have,
 * and before `until`: a venue may show a trade late, after younger ones.
 * @param trades oldest first, from `cursor` on
 * @param until venue time, epoch ms
 */
export const nextCursor = (
  cursor: string | null,
  trades: readonly SeenTrade[],
  isAccountedFor: (trade: SeenTrade) => boolean,
  until: number,
): string | null => {
  let last = cursor;
  for (const trade of trades) {
    if (trade.executedAt >= until || !isAccountedFor(trade)) break;
    last = trade.tradeId;
  }
  return last;
};
