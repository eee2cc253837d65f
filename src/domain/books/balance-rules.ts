import { thirdAssetFees } from '../accounting/cash-flow.ts';
import { type Decimal, zero } from '../decimal.ts';
import { isTerminal } from '../orders/order.ts';
import type { BookBalance, Books, Violation } from './books.ts';
import { expectAmount, shown } from './compare.ts';
import { foldsOf } from './folds.ts';

interface Account {
  readonly environment: string;
  readonly exchange: string;
}

/** Sums by `environment/exchange/asset`. */
const ledger = (): { add: (account: Account, asset: string, amount: Decimal) => void; sums: Map<string, Decimal> } => {
  const sums = new Map<string, Decimal>();
  return {
    sums,
    add: ({ environment, exchange }, asset, amount) => {
      const key = `${environment}/${exchange}/${asset}`;
      sums.set(key, (sums.get(key) ?? zero).plus(amount));
    },
  };
};

/** What is locked: what orders that are not over reserve, and the collateral of shorts on paper. */
const lockedBy = ({ orders, positions }: Books): Map<string, Decimal> => {
  const { add, sums } = ledger();
  for (const order of orders) {
    if (isTerminal(order.status) || order.reservedAsset === null || order.reservedAmount === null) continue;
    add(order, order.reservedAsset, order.reservedAmount);
  }
  const quoteOf = new Map(orders.map((order) => [`${order.strategyId}/${order.symbol}`, order.quote]));
  for (const position of positions) {
    const quote = quoteOf.get(`${position.strategyId}/${position.symbol}`);
    if (quote !== undefined && position.collateral.gt(zero)) add(position, quote, position.collateral);
  }
  return sums;
};

/** What is there: what came from outside, what positions' trades have moved, and what fees in other assets took. */
const totalBy = (books: Books): Map<string, Decimal> => {
  const { add, sums } = ledger();
  for (const flow of books.flows) add(flow, flow.asset, flow.amount);
  for (const { order, trades, fold } of foldsOf(books).values()) {
    add(order, order.base, fold.moved.base);
    add(order, order.quote, fold.moved.quote);
    for (const [asset, fee] of thirdAssetFees(trades, order)) add(order, asset, fee.neg());
  }
  return sums;
};

const ofOneBalance = (balance: BookBalance, entity: string): readonly Violation[] => [
  ...(['free', 'locked'] as const).flatMap((part): readonly Violation[] =>
    balance[part].lt(zero)
      ? [{ rule: 'balance_sign', entity, found: `${part} ${shown(balance[part])}`, expected: 'not negative' }]
      : [],
  ),
  ...expectAmount('balance_sum', entity, 'total', balance.total, balance.free.plus(balance.locked)),
];

/** Each balance against what is reserved from it and what has flowed through it; a balance with no row is zero. */
export const balanceViolations = (books: Books): readonly Violation[] => {
  const locked = lockedBy(books);
  const total = totalBy(books);
  const rows = new Map(
    books.balances.map((balance) => [`${balance.environment}/${balance.exchange}/${balance.asset}`, balance]),
  );
  return [...new Set([...rows.keys(), ...locked.keys(), ...total.keys()])].flatMap((key) => {
    const entity = `balance/${key}`;
    const row = rows.get(key);
    return [
      ...(row ? ofOneBalance(row, entity) : []),
      ...expectAmount('balance_locked', entity, 'locked', row?.locked ?? zero, locked.get(key) ?? zero),
      ...expectAmount('balance_total', entity, 'total', row?.total ?? zero, total.get(key) ?? zero),
    ];
  });
};
