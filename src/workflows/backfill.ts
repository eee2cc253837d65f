import { setCurrentDetails } from '@temporalio/workflow';
import type { MarketRef } from '../contracts/activities.ts';
import { backfill as activities } from './activity-proxies.ts';

/** Downloads a range of candles; a killed download goes on where it stopped. Times are epoch ms of candle opens. */
export async function backfill(input: MarketRef & { from: number; to: number }): Promise<{ stored: number }> {
  setCurrentDetails(
    `${input.symbol} ${input.interval} from ${new Date(input.from).toISOString()} to ${new Date(input.to).toISOString()}`,
  );
  return await activities.backfillCandles(input);
}
