import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { readCandleCsv } from '../../../src/adapters/files/candle-csv.ts';
import { readStrategyFile } from '../../../src/adapters/files/strategy-json.ts';
import type { ExitReason } from '../../../src/domain/backtest/backtest-run.ts';
import { max, min, sum, text, dec } from '../../../src/domain/decimal.ts';
import type { Candle } from '../../../src/domain/market/candle.ts';
import { candlesToColumns } from '../../../src/domain/market/columns.ts';
import { intervalMs } from '../../../src/domain/market/interval.ts';
import type { RiskParams, StrategyDefinition } from '../../../src/domain/strategy/definition.ts';
import type { DeskInput } from './paper-desk.ts';
import { expectParity } from './parity.ts';

const data = (file: string): string => fileURLToPath(new URL(`../../../../shared/data/${file}`, import.meta.url));
const example = (name: string): Promise<StrategyDefinition> =>
  readStrategyFile(fileURLToPath(new URL(`../../../examples/${name}.json`, import.meta.url)));

/** Candles of a longer interval, of those minutes that are there. */
const aggregated = (candles: readonly Candle[], interval: '5m' | '1h'): readonly Candle[] => {
  const groups = Map.groupBy(candles, ({ time }) => time - (time % intervalMs[interval]));
  return [...groups].map(([time, group]) => ({
    time,
    open: group[0]!.open,
    high: text(group.map(({ high }) => dec(high)).reduce(max)),
    low: text(group.map(({ low }) => dec(low)).reduce(min)),
    close: group.at(-1)!.close,
    volume: text(sum(group.map(({ volume }) => dec(volume)))),
  }));
};

/** As fine as a quantity at this price needs; protective prices are on the market's own half dollar. */
const costs = {
  capital: 10_000,
  feeRates: { maker: 0.0002, taker: 0.0005 },
  slippageBps: 2,
  filters: { tickSize: '0.5', stepSize: '0.0001', minQuantity: '0.0001', maxQuantity: '0', minNotional: '5' },
};

/** Of the volume, which is counted in dollars there: about as much as a position is. */
const dollarShare = 1e-7;

const variants: Readonly<Record<string, Partial<RiskParams>>> = {
  'stop and target': { stop_loss_pct: 0.3, take_profit_pct: 0.6 },
  'a stop and a target that a minute can touch both': { stop_loss_pct: 0.05, take_profit_pct: 0.05 },
  'trailing stop': { stop_loss_pct: 1, trailing_stop_pct: 0.4 },
  'limit entries': {
    order: { type: 'limit', offset_bps: 3, expire_bars: 4 },
    stop_loss_pct: 0.4,
    take_profit_pct: 0.4,
  },
  'partial targets': {
    exits: [
      { pct: 0.4, fraction: 0.3 },
      { pct: 0.2, fraction: 0.3 },
    ],
    stop_loss_pct: 0.5,
    take_profit_pct: 0.8,
  },
  short: { side: 'SHORT', stop_loss_pct: 0.4, take_profit_pct: 0.6, trailing_stop_pct: 0.5 },
  'short with limit entries and parts': {
    side: 'SHORT',
    order: { type: 'limit', offset_bps: 2, expire_bars: 3 },
    exits: [{ pct: 0.2, fraction: 0.5 }],
    stop_loss_pct: 0.4,
  },
  'cool-down, Kelly': {
    position_size: { type: 'kelly', value: 0.5 },
    stop_loss_pct: 0.3,
    take_profit_pct: 0.6,
    cooldown_bars_after_loss: 30,
  },
};

const seen = { trades: 0, splitExits: 0, reasons: new Set<ExitReason>() };

/** Compares with and without a volume limit; each has trades. */
const compare = (input: Omit<DeskInput, 'capital' | 'feeRates' | 'slippageBps' | 'filters'>, share: number): void => {
  const free = expectParity({ ...costs, ...input, volumeShare: null });
  const limited = expectParity({ ...costs, ...input, volumeShare: share });
  expect(free.trades.length).toBeGreaterThan(0);
  expect(limited.trades.length).toBeGreaterThan(0);
  for (const { exits } of [...free.trades, ...limited.trades]) {
    seen.trades += 1;
    exits.forEach(({ reason }) => seen.reasons.add(reason));
  }
  for (const { exits } of limited.trades) seen.splitExits += exits.length > 1 ? 1 : 0;
};

const perpetual = data('BTCPERP-1m.csv');
const isThere = existsSync(perpetual);

describe.skipIf(!isThere)(
  'the same trades on paper and in a backtest (skipped where BTCPERP-1m.csv is not at hand)',
  () => {
    let minutes: readonly Candle[];
    let cross: StrategyDefinition;
    beforeAll(async () => {
      minutes = (await readCandleCsv(perpetual)).candles;
      cross = await example('sma-cross');
    });

    test.each(['sma-cross', 'rsi-reversion'])('of %s', async (name) => {
      compare({ definition: await example(name), candles: minutes }, dollarShare);
    });

    test('of donchian-breakout, on hours', async () => {
      compare({ definition: await example('donchian-breakout'), candles: aggregated(minutes, '1h') }, dollarShare / 60);
    });

    test('of trend-pullback, with the hours it looks at', async () => {
      const markets = { 'BTCUSDT:1h': candlesToColumns(aggregated(minutes, '1h')) };
      const definition = await example('trend-pullback');
      compare({ definition, candles: aggregated(minutes, '5m'), markets }, dollarShare / 5);
    });

    test('of stablecoin-spread, beside another market', async () => {
      const other = (await readCandleCsv(data('BTCBUSD-binance-1m.csv'))).candles;
      const { candles } = await readCandleCsv(data('BTCUSDT-bybit-1m.csv'));
      const markets = { 'BTCUSDC:1m': candlesToColumns(other) };
      compare({ definition: await example('stablecoin-spread'), candles, markets }, 0.02);
    });

    test.each(Object.entries(variants))('of sma-cross with %s', (_what, risk) => {
      const definition = { ...cross, risk_params: { ...cross.risk_params, ...risk } };
      compare({ definition, candles: minutes }, dollarShare);
    });

    test('of several positions at a time', () => {
      const definition = {
        ...cross,
        exit_conditions: { left: { price: 'close' }, op: '<', right: { indicator: 'SMA', period: 400 } },
        risk_params: {
          ...cross.risk_params,
          position_size: { type: 'equity_fraction', value: 0.3 },
          max_open_positions: 3,
          stop_loss_pct: 1,
          take_profit_pct: 1.5,
        },
      } as const;
      compare({ definition, candles: minutes }, dollarShare);
    });

    test('with every way out among them, and exits that the volume split', () => {
      expect([...seen.reasons].toSorted()).toEqual(['exit_signal', 'stop_loss', 'take_profit', 'trailing_stop']);
      expect(seen.splitExits).toBeGreaterThan(100);
      expect(seen.trades).toBeGreaterThan(5_000);
    });
  },
);
