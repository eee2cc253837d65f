import type { Interval } from '../../domain/market/interval.ts';
import type { StrategyDefinition } from '../../domain/strategy/definition.ts';

/** Two fast averages that cross often: it shows the path from draft to live, and is no way to make money. */
export const demoStrategy = (symbol: string, interval: Interval): StrategyDefinition => ({
  name: 'demo-sma-cross',
  description: 'Shows the path from draft to live. Trades far too often to be worth its fees.',
  strategy_type: 'momentum',
  symbol,
  interval,
  parameters: { fast: 4, slow: 12 },
  entry_conditions: {
    all: [
      {
        left: { indicator: 'SMA', period: { param: 'fast' } },
        op: 'crosses_above',
        right: { indicator: 'SMA', period: { param: 'slow' } },
      },
    ],
  },
  exit_conditions: {
    any: [
      {
        left: { indicator: 'SMA', period: { param: 'fast' } },
        op: 'crosses_below',
        right: { indicator: 'SMA', period: { param: 'slow' } },
      },
    ],
  },
  risk_params: { side: 'LONG', position_size: { type: 'equity_fraction', value: 0.25 } },
});
