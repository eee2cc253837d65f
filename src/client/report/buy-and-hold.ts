import type { NumericFeeRates } from '../../domain/backtest/backtest-run.ts';
import type { CandleColumns } from '../../domain/market/candle.ts';

/**
 * Equity in quote at each bar's close of buying at the first bar's open with all capital, at a strategy's own costs, and never selling.
 */
export const buyAndHoldEquity = (
  { open, close }: Pick<CandleColumns, 'open' | 'close'>,
  { capital, feeRates, slippageBps }: { capital: number; feeRates: NumericFeeRates; slippageBps: number },
): Float64Array => {
  const price = open[0]! * (1 + slippageBps / 10_000);
  const quantity = capital / (price * (1 + feeRates.taker));
  return close.map((each) => each * quantity);
};
