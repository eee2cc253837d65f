import { cashFlowsOf, foldPosition } from '../accounting/position-fold.ts';
import { type Decimal, rounding, sum, zero } from '../decimal.ts';
import type { BookOrder, BookPosition, BookTrade, Books, Violation } from './books.ts';
import { expectAmount, groupBy, shown } from './compare.ts';

/** Digits of the seed's `trades.realized_pnl`. */
const centScale = 2;

const keyOf = ({ strategyId, symbol, environment }: BookTrade | BookPosition): string =>
  `${strategyId}/${symbol}/${environment}`;

const signed = (position: BookPosition | undefined): Decimal =>
  position === undefined ? zero : position.side === 'LONG' ? position.quantity : position.quantity.neg();

const ofOnePosition = (
  key: string,
  row: BookPosition | undefined,
  trades: readonly BookTrade[],
  order: BookOrder | undefined,
): readonly Violation[] => {
  const entity = `position/${key}`;
  if (order === undefined) {
    return [{ rule: 'position', entity, found: shown(row?.quantity ?? null), expected: 'no position without trades' }];
  }
  const fold = foldPosition(trades, order);
  const flow = sum(trades.map((trade) => cashFlowsOf(trade, order).base));
  const left = flow.minus(signed(row));
  const isFlatRow = row?.quantity.eq(zero) ?? false;
  return [
    ...(isFlatRow ? [{ rule: 'position', entity, found: 'a row of 0', expected: 'no row when flat' } as const] : []),
    // The sum of the trades and what is held differ by what was written off, and by nothing else.
    ...expectAmount('position', entity, 'trades less what is held', left.abs(), fold.dustWrittenOff),
    ...(fold.position && row && fold.position.side !== row.side
      ? [{ rule: 'position', entity, found: row.side, expected: fold.position.side } as const]
      : []),
    ...expectAmount('position', entity, 'quantity', row?.quantity ?? null, fold.position?.quantity ?? null),
    ...expectAmount('position', entity, 'entry price', row?.entryPrice ?? null, fold.position?.entryPrice ?? null),
    ...expectAmount('position', entity, 'cost basis', row?.costBasis ?? null, fold.position?.costBasis ?? null),
    ...(row ? expectAmount('position', entity, 'realized', row.realizedPnl, fold.realizedPnl) : []),
    ...trades.flatMap((trade) => {
      const realized = fold.realizedByTrade.get(trade.tradeId) ?? null;
      const ofTrade = `trade/${trade.exchange}/${trade.symbol}/${trade.tradeId}`;
      return [
        ...expectAmount('realized_pnl', ofTrade, 'exact', trade.realizedPnlExact, realized),
        ...expectAmount(
          'realized_pnl',
          ofTrade,
          'rounded',
          trade.realizedPnl,
          realized?.round(centScale, rounding.halfUp) ?? null,
        ),
      ];
    }),
  ];
};

/** Each position against the trades of its strategy on its symbol, and each trade's realized P&L with it. */
export const positionViolations = ({ orders, trades, positions }: Books): readonly Violation[] => {
  const tradesBy = groupBy(trades, keyOf);
  const rows = new Map(positions.map((position) => [keyOf(position), position]));
  const orderOf = new Map(orders.map((order) => [order.orderId, order]));
  return [...new Set([...tradesBy.keys(), ...rows.keys()])].flatMap((key) => {
    const own = tradesBy.get(key) ?? [];
    return ofOnePosition(key, rows.get(key), own, orderOf.get(own.at(-1)?.orderId ?? ''));
  });
};
