import { cashFlowsOf } from '../accounting/cash-flow.ts';
import { type Decimal, rounding, sum, zero } from '../decimal.ts';
import type { BookPosition, Books, Violation } from './books.ts';
import { expectAmount, shown } from './compare.ts';
import { type BookFold, foldsOf, positionKey } from './folds.ts';

/** Digits of the seed's `trades.realized_pnl`. */
const centScale = 2;

const signed = (position: BookPosition | undefined): Decimal =>
  position === undefined ? zero : position.side === 'LONG' ? position.quantity : position.quantity.neg();

const ofOnePosition = (
  key: string,
  row: BookPosition | undefined,
  found: BookFold | undefined,
): readonly Violation[] => {
  const entity = `position/${key}`;
  if (found === undefined) {
    return [{ rule: 'position', entity, found: shown(row?.quantity ?? null), expected: 'no position without trades' }];
  }
  const { fold, order, trades } = found;
  const flow = sum(trades.map((trade) => cashFlowsOf(trade, order).base));
  const left = flow.minus(signed(row));
  const isFlatRow = row?.quantity.eq(zero) ?? false;
  return [
    ...(isFlatRow ? [{ rule: 'position', entity, found: 'a row of 0', expected: 'no row when flat' } as const] : []),
    // The sum of the trades and what is held differ by what was written off, and by nothing else.
    ...expectAmount('position', entity, 'trades less what is held', left, fold.dustWrittenOff),
    ...(fold.position && row && fold.position.side !== row.side
      ? [{ rule: 'position', entity, found: row.side, expected: fold.position.side } as const]
      : []),
    ...expectAmount('position', entity, 'quantity', row?.quantity ?? null, fold.position?.quantity ?? null),
    ...expectAmount('position', entity, 'entry price', row?.entryPrice ?? null, fold.position?.entryPrice ?? null),
    ...expectAmount('position', entity, 'cost basis', row?.costBasis ?? null, fold.position?.costBasis ?? null),
    ...(row?.entryFillPrice
      ? expectAmount('position', entity, 'entry fill price', row.entryFillPrice, fold.position?.entryFillPrice ?? null)
      : []),
    ...(row
      ? [
          ...expectAmount('position', entity, 'collateral', row.collateral, fold.position?.collateral ?? null),
          ...expectAmount('position', entity, 'realized', row.realizedPnl, fold.position?.realizedPnl ?? null),
        ]
      : []),
    ...trades.flatMap((trade) => {
      const figures = fold.figures.get(trade.tradeId);
      const realized = figures?.realized ?? null;
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
        ...expectAmount('realized_pnl', ofTrade, 'cost of borrowing', trade.borrowCost, figures?.borrowCost ?? null),
        ...expectAmount('position', ofTrade, 'dust', trade.dustQuantity, figures?.dust ?? null),
      ];
    }),
  ];
};

/** Each position against the trades of its strategy on its symbol, and each trade's realized P&L with it. */
export const positionViolations = (books: Books): readonly Violation[] => {
  const folds = foldsOf(books);
  const rows = new Map(books.positions.map((position) => [positionKey(position), position]));
  return [...new Set([...folds.keys(), ...rows.keys()])].flatMap((key) =>
    ofOnePosition(key, rows.get(key), folds.get(key)),
  );
};
