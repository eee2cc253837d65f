import type { NumericFeeRates } from '../../domain/backtest/backtest-run.ts';
import { marketFillPrice } from '../../domain/fills/fill-model.ts';
import type { CandleColumns } from '../../domain/market/candle.ts';

/**
 * Equity in quote at each bar's close of buying at the first bar's open with all capital, at a strategy's own costs, and never selling.
 */
export const buyAndHoldEquity = (
  { open, close }: Pick<CandleColumns, 'open' | 'close'>,
  { capital, feeRates, slippageBps }: { capital: number; feeRates: NumericFeeRates; slippageBps: number },
): Float64Array => {
  const price = marketFillPrice(open[0]!, 'BUY', slippageBps);
  const quantity = capital / (price * (1 + feeRates.taker));
  return close.map((each) => each * quantity);
};
