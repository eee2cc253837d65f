import { describe, expect, it } from 'vitest';
import { drawnIndicators } from '../../../src/client/report/indicator-panes.ts';
import { indicatorNames } from '../../../src/domain/indicators/registry.ts';
import { SMA } from '../../../src/domain/indicators/moving-averages.ts';
import { sliceColumns } from '../../../src/domain/market/columns.ts';
import type { Condition, IndicatorOperand, StrategyDefinition } from '../../../src/domain/strategy/definition.ts';
import { flat, levels } from '../../domain/backtest/markets.ts';

const columns = flat(Array.from({ length: 120 }, (_, bar) => 100 + Math.sin(bar / 7) * 10));

const using = (entry: Condition, parameters: StrategyDefinition['parameters'] = {}): StrategyDefinition => ({
  ...levels(0, 0),
  parameters,
  entry_conditions: entry,
});

const drawn = (entry: Condition, parameters: StrategyDefinition['parameters'] = {}, markets = {}) =>
  drawnIndicators({ definition: using(entry, parameters), columns, markets }, 1_000);

const above = (indicator: IndicatorOperand, right: number): Condition => ({ left: indicator, op: '>', right });

describe('the indicators that a report draws', () => {
  it('are those of the conditions, each once, with their parameters filled in', () => {
    const fast = { indicator: 'SMA', period: { param: 'fast' } };
    const entry = { all: [above(fast, 1), { not: above({ ...fast, offset: 1 }, 2) }, above({ indicator: 'MACD' }, 0)] };
    const [sma, macd, ...others] = drawn(entry, { fast: 5 });
    expect(others).toEqual([]);
    expect(sma).toMatchObject({ label: 'SMA 5', pane: 'price', levels: [1, 2] });
    expect(macd).toMatchObject({ label: 'MACD 12 26 9', pane: 'own', levels: [0] });
    expect(macd?.lines.map(({ label, shape }) => [label, shape])).toEqual([
      ['MACD 12 26 9 macd', 'line'],
      ['MACD 12 26 9 signal', 'line'],
      ['MACD 12 26 9 histogram', 'bars'],
    ]);
  });

  it('have the values that the strategy sees', () => {
    const [sma] = drawn(above({ indicator: 'SMA', period: 5 }, 1));
    const values = SMA.compute(columns, { period: 5 }, 'close')['value']!;
    expect(sma?.lines[0]?.value).toEqual([null, ...values.subarray(4)]);
  });

  it('lie over the price where they are prices, over the volume where they are volumes, and else apart', () => {
    const panes = Object.fromEntries(
      indicatorNames.map((indicator) => [indicator, drawn(above({ indicator, period: 5 }, 1))[0]?.pane]),
    );
    expect(panes).toMatchObject({ SMA: 'price', BBANDS: 'price', DONCHIAN: 'price', PSAR: 'price', VWAP: 'price' });
    expect(panes).toMatchObject({
      VOLUME_SMA: 'volume',
      RSI: 'own',
      ATR: 'own',
      ADX: 'own',
      OBV: 'own',
      STDDEV: 'own',
    });
    expect(drawn(above({ indicator: 'EMA', period: 5, source: 'volume' }, 1))[0]).toMatchObject({
      label: 'EMA 5 volume',
      pane: 'volume',
    });
  });

  it('leave out what is no scale of its own', () => {
    const [trend] = drawn(above({ indicator: 'SUPERTREND', period: 5 }, 1));
    expect(trend?.lines.map(({ label }) => label.split(' ').at(-1))).toEqual(['value']);
  });

  it('of another market are drawn as of its last closed candle, and left out where it has no candles', () => {
    const entry = above({ indicator: 'SMA', period: 2, market: { symbol: 'ETHUSDT' } }, 1);
    expect(drawn(entry)).toEqual([]);
    const [eth] = drawn(entry, {}, { 'ETHUSDT:1m': sliceColumns(columns, 0, 60) });
    expect(eth).toMatchObject({ label: 'SMA 2 · ETHUSDT:1m', pane: 'own' });
    expect(eth?.lines[0]?.value.filter((value) => value !== null)).toHaveLength(59);
  });
});
