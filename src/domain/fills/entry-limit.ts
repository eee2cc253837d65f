import type { EntryOrder } from '../strategy/definition.ts';
import { onTick } from './protection.ts';
import type { OrderSide } from '../orders/order.ts';

/**
 * The limit of an entry order: `offset_bps` better than the close that signals it, on the tick. The backtest and the orders of a
 * running strategy both rest at this very number.
 * @param tickSize 0 leaves the price as it is
 */
export const entryLimit = (
  close: number,
  side: OrderSide,
  { offset_bps: offset = 0 }: Pick<EntryOrder, 'offset_bps'>,
  tickSize: number,
): number => onTick(close * (1 + ((side === 'BUY' ? -1 : 1) * offset) / 10_000), tickSize);
