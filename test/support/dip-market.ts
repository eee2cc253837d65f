import type { Candle } from '../../src/domain/market/candle.ts';
import type { Interval } from '../../src/domain/market/interval.ts';
import type { RiskParams, StrategyDefinition } from '../../src/domain/strategy/definition.ts';
import { symbol } from './workflow-environment.ts';

/** First candle of the test market. */
export const marketStart = Date.UTC(2024, 0, 1);
export const dayMs = 86_400_000;
export const interval: Interval = '4h';
export const candleMs = 4 * 3_600_000;
export const candlesPerDay = dayMs / candleMs;

/**
 * Closes of a day's six candles. On a good day the dip is bought at 29400 and sold at 30500; on a bad day it is bought
 * at 29400 and stopped out two candles later.
 */
const goodDay = [30_000, 29_900, 29_400, 29_600, 30_500, 30_100];
const badDay = [30_000, 29_900, 29_400, 29_300, 28_500, 30_100];

/** Every third day is a bad one. */
const closesOf = (day: number): readonly number[] => (day % 3 === 2 ? badDay : goodDay);

/** `days` days of 4 h candles, oldest first; each opens at the close before it. */
export const dipCandles = (days: number): Candle[] => {
  const closes = Array.from({ length: days }, (_, day) => closesOf(day)).flat();
  return closes.map((close, i) => {
    const open = closes[i - 1] ?? 30_100;
    return {
      time: marketStart + i * candleMs,
      open: String(open),
      high: String(Math.max(open, close)),
      low: String(Math.min(open, close)),
      close: String(close),
      volume: '1000',
    };
  });
};

/** Buys when the close falls below `dip`, sells above `target`. */
export const dipStrategy = (risk: Partial<RiskParams> = {}, dip = 29_500): StrategyDefinition => ({
  name: 'dip-buyer',
  strategy_type: 'mean_reversion',
  symbol,
  interval,
  parameters: { dip, target: 30_400 },
  entry_conditions: { left: { price: 'close' }, op: 'crosses_below', right: { param: 'dip' } },
  exit_conditions: { left: { price: 'close' }, op: '>', right: { param: 'target' } },
  risk_params: {
    side: 'LONG',
    position_size: { type: 'equity_fraction', value: 0.25 },
    stop_loss_pct: 2,
    ...risk,
  },
});
