import type { StrategyDefinition } from './definition.ts';

/** What of a strategy a backtest carries out and orders, on paper or live, do not yet. Empty where they carry out all of it. */
export const unsupportedByOrders = ({
  risk_params: risk,
}: Pick<StrategyDefinition, 'risk_params'>): readonly string[] => [
  ...(risk.side === 'SHORT' ? ['short positions'] : []),
  ...(risk.position_size.type === 'kelly' ? ['sizing by kelly'] : []),
  ...((risk.exits ?? []).length > 0 ? ['partial targets'] : []),
  ...((risk.max_open_positions ?? 1) > 1 ? ['several positions at a time'] : []),
];
