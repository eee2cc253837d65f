import { describe, expect, it } from 'vitest';
import { splitMarket } from '../../../src/client/demo/split.ts';
import type { Candle } from '../../../src/domain/market/candle.ts';

const candles = (count: number): Candle[] =>
  Array.from({ length: count }, (_, index) => ({
    time: index * 60_000,
    open: '1',
    high: '1',
    low: '1',
    close: '1',
    volume: '1',
  }));

describe('the split of the demo’s market', () => {
  it('replays the last quarter of a day, half on paper and half live, and loses no candle', () => {
    const market = splitMarket(candles(1440));
    expect([market.history.length, market.paper.length, market.live.length]).toEqual([1080, 180, 180]);
    expect([...market.history, ...market.paper, ...market.live]).toEqual(candles(1440));
  });

  it('keeps the replay long enough for the demo gate in a short market', () => {
    const market = splitMarket(candles(300));
    expect([market.history.length, market.paper.length, market.live.length]).toEqual([160, 80, 60]);
  });

  it('takes the newest part of a huge history', () => {
    const { history, paper } = splitMarket(candles(20_000));
    expect(history).toHaveLength(10_000);
    expect(history.at(-1)?.time).toBe((paper[0]?.time ?? 0) - 60_000);
  });

  it('refuses a market that is too short, saying what it needs', () => {
    expect(() => splitMarket(candles(239))).toThrow(/needs 240 candles and was given 239/);
  });
});
