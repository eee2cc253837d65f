import * as fc from 'fast-check';
import type { BacktestInput } from '../../../../src/domain/backtest/backtest-run.ts';
import type { CandleColumns } from '../../../../src/domain/market/candle.ts';
import type { StrategyDefinition } from '../../../../src/domain/strategy/definition.ts';
import { crossStrategies, levels, walks } from '../markets.ts';

export const inputOf = (definition: StrategyDefinition, columns: CandleColumns): BacktestInput => ({
  definition,
  columns,
  capital: 1_000,
  feeRates: { maker: 0, taker: 0 },
  slippageBps: 0,
});

/** Every fifth candle, as those of 5 minutes. */
const fives = (columns: CandleColumns): CandleColumns => {
  const pick = (values: Float64Array): Float64Array => values.filter((_, bar) => bar % 5 === 0);
  const { time, open, high, low, close, volume } = columns;
  const picked = { time: pick(time), open: pick(open), high: pick(high), low: pick(low), close: pick(close) };
  return { ...picked, volume: pick(volume), length: picked.time.length };
};

const fast = { interval: '5m' } as const;

/** Strategies that look at their own market alone, and at candles of 5 minutes too. */
export const spreadInputs: fc.Arbitrary<BacktestInput> = fc
  .tuple(crossStrategies, walks(300, 120), fc.boolean())
  .map(([definition, columns, looksAround]) => {
    if (!looksAround) return inputOf(definition, columns);
    const other = { indicator: 'SMA', period: 3, market: fast };
    const around: StrategyDefinition = {
      ...levels(0, 0, { ...definition.risk_params, position_size: { type: 'equity_fraction', value: 1 } }),
      entry_conditions: { left: { price: 'close' }, op: 'crosses_above', right: other },
      exit_conditions: { left: { price: 'close' }, op: 'crosses_below', right: other },
    };
    return { ...inputOf(around, columns), markets: { 'BTCUSDT:5m': fives(columns) } };
  });
