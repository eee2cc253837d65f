import { type Money, sum, text, zero } from '../decimal.ts';
import type { PositionSide } from '../orders/order.ts';
import type { Valuation, ValuedPosition } from './valuation.ts';

/** US dollars, decimal text, by name: what positions are worth at their prices, what is owed counted as positive too. */
export interface PortfolioExposure {
  readonly bySymbol: Readonly<Record<string, string>>;
  /** By the strategy's id. */
  readonly byStrategy: Readonly<Record<string, string>>;
  readonly bySide: Readonly<Record<PositionSide, string>>;
}

const moneyScale = 8;

/** Positions that are held or owed; base that was sold out of the account's own is neither. */
export const openPositions = ({ positions }: Pick<Valuation, 'positions'>): readonly ValuedPosition[] =>
  positions.filter(({ side, isOwed }) => side === 'LONG' || isOwed);

const valueOf = (positions: readonly ValuedPosition[]): Money => sum(positions.map(({ value }) => value ?? zero));

const grouped = (
  positions: readonly ValuedPosition[],
  key: 'symbol' | 'strategyId',
): Readonly<Record<string, string>> =>
  Object.fromEntries(
    [...Map.groupBy(positions, (position) => position[key])].map(([name, group]) => [
      name,
      text(valueOf(group).round(moneyScale)),
    ]),
  );

/** What is at stake by symbol, strategy and side; a position without a price is in none of them. */
export const portfolioExposure = (valuation: Pick<Valuation, 'positions'>): PortfolioExposure => {
  const positions = openPositions(valuation);
  const ofSide = (side: PositionSide): string =>
    text(valueOf(positions.filter((position) => position.side === side)).round(moneyScale));
  return {
    bySymbol: grouped(positions, 'symbol'),
    byStrategy: grouped(positions, 'strategyId'),
    bySide: { LONG: ofSide('LONG'), SHORT: ofSide('SHORT') },
  };
};
