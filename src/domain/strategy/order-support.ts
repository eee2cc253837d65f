import type { Environment } from '../orders/order.ts';
import type { StrategyDefinition } from './definition.ts';

/** What of a strategy a backtest carries out and orders of an environment do not. Empty where they carry out all of it. */
export const unsupportedByOrders = (
  { risk_params: risk }: Pick<StrategyDefinition, 'risk_params'>,
  environment: Environment,
): readonly string[] => [
  ...(risk.side === 'SHORT' && environment === 'live' ? ['short positions'] : []),
  ...(risk.position_size.type === 'kelly' ? ['sizing by kelly'] : []),
  ...((risk.exits ?? []).length > 0 ? ['partial targets'] : []),
  ...((risk.max_open_positions ?? 1) > 1 ? ['several positions at a time'] : []),
];
