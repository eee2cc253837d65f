import * as fc from 'fast-check';
import type { CandleColumns } from '../../../src/domain/market/candle.ts';
import { emptyColumns } from '../../../src/domain/market/columns.ts';
import type { PositionSize, RiskParams, StrategyDefinition } from '../../../src/domain/strategy/definition.ts';

/** Columns from rows of [open, high, low, close], one minute apart from 2024-01-01, volume 1. */
export const market = (rows: readonly (readonly [number, number, number, number])[]): CandleColumns => {
  const columns = emptyColumns(rows.length);
  rows.forEach(([open, high, low, close], i) => {
    columns.time[i] = Date.UTC(2024, 0, 1) + i * 60_000;
    columns.open[i] = open;
    columns.high[i] = high;
    columns.low[i] = low;
    columns.close[i] = close;
    columns.volume[i] = 1;
  });
  return columns;
};

/** Flat candles at each price. */
export const flat = (prices: readonly number[]): CandleColumns =>
  market(prices.map((price) => [price, price, price, price]));

/** A strategy that is long above `enterAbove` and leaves below `leaveBelow`, by the close. */
export const levels = (enterAbove: number, leaveBelow: number, risk: Partial<RiskParams> = {}): StrategyDefinition => ({
  name: 'levels',
  strategy_type: 'momentum',
  symbol: 'BTCUSDT',
  interval: '1m',
  parameters: {},
  entry_conditions: { left: { price: 'close' }, op: '>', right: enterAbove },
  exit_conditions: { left: { price: 'close' }, op: '<', right: leaveBelow },
  risk_params: { side: 'LONG', position_size: { type: 'equity_fraction', value: 1 }, ...risk },
});

/** A random walk on a grid of 0.01, `least` to `most` candles long, prices well above zero, volumes up to 20. */
export const walks = (most = 200, least = 20, leastVolume = 1): fc.Arbitrary<CandleColumns> =>
  fc
    .array(
      fc.tuple(fc.integer({ min: -40, max: 40 }), fc.nat(20), fc.nat(20), fc.integer({ min: leastVolume, max: 20 })),
      {
        minLength: least,
        maxLength: most,
      },
    )
    .map((steps) => {
      let price = 10_000;
      const columns = market(
        steps.map(([step, above, under]) => {
          const open = price;
          price = Math.max(1_000, price + step);
          const high = Math.max(open, price) + above;
          const low = Math.min(open, price) - under;
          return [open / 100, high / 100, low / 100, price / 100];
        }),
      );
      columns.volume.set(steps.map(([, , , volume]) => volume));
      return columns;
    });

/** Average crosses with every kind of protection, size and entry, LONG or SHORT. */
export const crossStrategies: fc.Arbitrary<StrategyDefinition> = fc
  .record({
    side: fc.constantFrom('LONG' as const, 'SHORT' as const),
    fast: fc.integer({ min: 1, max: 5 }),
    slow: fc.integer({ min: 2, max: 12 }),
    kind: fc.constantFrom('SMA', 'EMA', 'WMA'),
    stop: fc.option(fc.integer({ min: 1, max: 8 })),
    target: fc.option(fc.integer({ min: 3, max: 8 })),
    trailing: fc.option(fc.integer({ min: 1, max: 8 })),
    limit: fc.boolean(),
    cooldown: fc.nat(3),
    size: fc.constantFrom<PositionSize>(
      { type: 'equity_fraction', value: 1 },
      { type: 'equity_fraction', value: 0.4 },
      { type: 'fixed_quote', value: 3_000 },
      { type: 'kelly', value: 0.8 },
    ),
    positions: fc.integer({ min: 1, max: 3 }),
    parts: fc.boolean(),
    persistent: fc.boolean(),
  })
  .map(({ side, fast, slow, kind, stop, target, trailing, limit, cooldown, size, positions, parts, persistent }) => {
    const left = { indicator: kind, period: { param: 'fast' } };
    const right = { indicator: kind, period: { param: 'slow' } };
    return {
      name: 'cross',
      strategy_type: 'momentum',
      symbol: 'BTCUSDT',
      interval: '1m',
      parameters: { fast, slow },
      entry_conditions: { all: [{ left, op: persistent ? '>' : 'crosses_above', right }] },
      exit_conditions: { any: [{ left, op: 'crosses_below', right }] },
      risk_params: {
        side,
        position_size: size,
        max_open_positions: positions,
        ...(parts
          ? {
              exits: [
                { pct: 0.1, fraction: 0.25 },
                { pct: 0.2, fraction: 0.5 },
              ],
            }
          : {}),
        stop_loss_pct: stop === null ? null : stop / 10,
        take_profit_pct: target === null ? null : target / 10,
        trailing_stop_pct: trailing === null ? null : trailing / 10,
        cooldown_bars_after_loss: cooldown,
        order: limit ? { type: 'limit', offset_bps: 5, expire_bars: 3 } : { type: 'market' },
      },
    };
  });
