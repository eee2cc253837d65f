import { type Decimal, text } from '../decimal.ts';

/** What a strategy had on a symbol between two moments at which it held nothing. */
export interface ClosedPosition {
  readonly strategyId: string;
  readonly symbol: string;
  /** When the trade was executed after which nothing was held: market time, epoch ms. */
  readonly endedAt: number;
  /** Realized, net of fees and of what a short borrowed, in quote. */
  readonly pnl: Decimal;
  /** Price × quantity of the trades that opened it and added to it, in quote, fees apart. */
  readonly paidIn: Decimal;
  /** Its last trade was a stop's, trailing or not. */
  readonly byStop: boolean;
}

/** P&L as per cent of what was put in; 0 where nothing was. A statistic, so float64. */
export const returnPctOf = ({ pnl, paidIn }: Pick<ClosedPosition, 'pnl' | 'paidIn'>): number => {
  const ratio = Number(text(pnl)) / Number(text(paidIn));
  return Number.isFinite(ratio) ? ratio * 100 : 0;
};
