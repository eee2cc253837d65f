import { v5 as uuidv5 } from 'uuid';
import type { NewOrder } from '../adapters/postgres/orders.ts';
import type { HeldRecord, PositionKey } from '../adapters/postgres/protection.ts';
import type { StrategyRecord } from '../adapters/postgres/strategies.ts';
import { exitSide } from '../domain/fills/fill-model.ts';
import { closeTimeOf, openTimeOf } from '../domain/market/interval.ts';
import type { Market } from '../domain/market/market-filters.ts';
import { clientOrderIdOf } from '../domain/orders/client-order-id.ts';
import type { ProtectionPlan } from '../domain/orders/protection-plan.ts';
import { intentNamespace } from './decisions.ts';

/**
 * The rows of what is about to rest for a position: its stop first, its target after it, as a pair where there are both.
 * @param number how many protective orders there were before: with the position it makes their ids, so that an attempt that is
 * repeated writes the same rows
 * @param now venue time, epoch ms
 */
export const protectiveLegs = (
  key: PositionKey,
  { definition, version }: StrategyRecord,
  held: HeldRecord,
  market: Market,
  plan: ProtectionPlan,
  number: number,
  now: number,
): readonly NewOrder[] => {
  const { strategyId, symbol, environment } = key;
  const idOf = (part: string): string =>
    uuidv5(`${strategyId}/${symbol}/${environment}/protection/${number}/${part}`, intentNamespace);
  const candleTime = openTimeOf(now, definition.interval);
  const leg = (type: 'STOP_LOSS' | 'TAKE_PROFIT', reason: string, level: string, isPair: boolean): NewOrder => ({
    orderId: idOf(type),
    strategyId,
    strategyVersion: version,
    symbol,
    side: exitSide(held.side),
    type,
    kind: 'protection',
    environment,
    exchange: held.exchange,
    status: 'pending',
    quantity: plan.quantity,
    price: type === 'TAKE_PROFIT' ? level : null,
    stopPrice: type === 'STOP_LOSS' ? level : null,
    orderListId: isPair ? clientOrderIdOf(idOf('pair')) : null,
    clientOrderId: clientOrderIdOf(idOf(type)),
    timeInForce: type === 'TAKE_PROFIT' ? 'GTC' : null,
    reduceOnly: true,
    metadata: {
      interval: definition.interval,
      candleTime,
      decidedAt: closeTimeOf(candleTime, definition.interval),
      base: market.base,
      quote: market.quote,
      stepSize: market.filters.stepSize,
      minQuantity: market.filters.minQuantity,
      minNotional: market.filters.minNotional,
      reason,
      note: 'planned',
    },
  });
  const isPair = plan.stop !== null && plan.target !== null;
  return [
    ...(plan.stop === null ? [] : [leg('STOP_LOSS', plan.stopReason, plan.stop, isPair)]),
    ...(plan.target === null ? [] : [leg('TAKE_PROFIT', 'take_profit', plan.target, isPair)]),
  ];
};
