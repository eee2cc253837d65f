import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { runBacktest } from '../../../src/domain/backtest/engine.ts';
import { indicators } from '../../../src/domain/indicators/registry.ts';
import type { CandleColumns } from '../../../src/domain/market/candle.ts';
import { emptyColumns, sliceColumns } from '../../../src/domain/market/columns.ts';
import { closedBy, marketKey } from '../../../src/domain/market/informative.ts';
import type { InformativeMarkets, MarketName } from '../../../src/domain/market/informative.ts';
import type { Interval } from '../../../src/domain/market/interval.ts';
import { closeTimeOf, intervalMs } from '../../../src/domain/market/interval.ts';
import { compileStrategy } from '../../../src/domain/strategy/compile.ts';
import type { CompiledStrategy } from '../../../src/domain/strategy/compile.ts';
import { signal } from '../../../src/domain/strategy/conditions.ts';
import type { Condition, Operand, StrategyDefinition } from '../../../src/domain/strategy/definition.ts';
import { createIndicatorCache } from '../../../src/domain/strategy/indicator-cache.ts';
import { flat, levels, walks } from '../backtest/markets.ts';

const start = Date.UTC(2024, 0, 1);

/** The same candles, as those of an interval; `skipped` are left out. */
const spaced = (columns: CandleColumns, interval: Interval, skipped: readonly number[] = []): CandleColumns => {
  const kept = Array.from({ length: columns.length }, (_, i) => i).filter((i) => !skipped.includes(i));
  const pick = (values: Float64Array): Float64Array => Float64Array.from(kept, (i) => values[i]!);
  const { open, high, low, close, volume } = columns;
  return {
    length: kept.length,
    time: Float64Array.from(kept, (i) => start + i * intervalMs[interval]),
    open: pick(open),
    high: pick(high),
    low: pick(low),
    close: pick(close),
    volume: pick(volume),
  };
};

const strategyOf = (entry: Condition, exit: Condition, over: Partial<StrategyDefinition> = {}): StrategyDefinition => ({
  ...levels(0, 0),
  entry_conditions: entry,
  exit_conditions: exit,
  ...over,
});
const never: Condition = { left: 1, op: '>', right: 2 };
const entriesOf = (entry: Condition, columns: CandleColumns, markets: InformativeMarkets, over = {}): string =>
  compileStrategy(strategyOf(entry, never, over))
    .signals({ columns, markets })
    .join('');

describe('an operand of another market', () => {
  const minutes = spaced(flat(Array<number>(20).fill(100)), '1m');
  const quarters = { interval: '5m' } as const;
  const key = 'BTCUSDT:5m';

  test('is that of its last closed candle, from the minute on that closes with it', () => {
    const markets = { [key]: spaced(flat([90, 110, 90, 110]), '5m') };
    const entry: Condition = { left: { price: 'close' }, op: '>', right: { price: 'close', market: quarters } };
    expect(entriesOf(entry, minutes, markets)).toBe('00001111100000111110');
  });

  test('is undefined before its first closed candle and in a gap, also under not', () => {
    const markets = { [key]: spaced(flat([90, 90, 90, 90]), '5m', [1]) };
    const under: Condition = { left: { price: 'close', market: quarters }, op: '<', right: { price: 'close' } };
    expect(entriesOf(under, minutes, markets)).toBe('00001111100000111111');
    expect(entriesOf({ not: { not: under } }, minutes, markets)).toBe('00001111100000111111');
    expect(entriesOf({ not: under }, minutes, markets)).toBe('0'.repeat(20));
  });

  test('looks back by its own candles, over a gap too', () => {
    const markets = { [key]: spaced(flat([90, 999, 110, 90]), '5m', [1]) };
    const market = { interval: '5m' } as const;
    const rising: Condition = {
      left: { price: 'close', market },
      op: '>',
      right: { price: 'close', offset: 1, market },
    };
    expect(entriesOf(rising, minutes, markets)).toBe('00000000000000111110');
  });

  test('crosses where its candle closes', () => {
    const markets = { [key]: spaced(flat([90, 110, 90, 110]), '5m') };
    const entry: Condition = { left: { price: 'close', market: quarters }, op: 'crosses_above', right: 100 };
    expect(entriesOf(entry, minutes, markets)).toBe('00000000010000000001');
  });

  test('may be an indicator of another symbol over the same interval', () => {
    const market = { symbol: 'ETHUSDT' };
    const entry: Condition = {
      left: { indicator: 'SMA', period: 2, market },
      op: '<',
      right: { indicator: 'HIGHEST', period: 2, source: 'close', market },
    };
    expect(entriesOf(entry, minutes, { 'ETHUSDT:1m': spaced(flat([1, 2, 2, 3, 3]), '1m') })).toBe(
      '01010000000000000000',
    );
  });

  test('is read by the backtest: what its close says is traded at the next open of the own market', () => {
    const definition = strategyOf(
      { left: { price: 'close', market: quarters }, op: '>', right: 100 },
      { left: { price: 'close', market: quarters }, op: '<', right: 100 },
    );
    const { trades } = runBacktest({
      definition,
      columns: minutes,
      markets: { [key]: spaced(flat([90, 110, 90, 110]), '5m') },
      capital: 1_000,
      feeRates: { maker: 0, taker: 0 },
      slippageBps: 0,
    });
    expect(trades).toMatchObject([{ entryBar: 10, exitBar: 15 }]);
  });
});

describe('candles of another market', () => {
  const entry: Condition = { left: { price: 'close', market: { symbol: 'ETHUSDT' } }, op: '>', right: 0 };

  test('that are not there are named', () => {
    const compiled = compileStrategy(strategyOf(entry, never));
    expect(compiled.markets.map(({ key }) => key)).toEqual(['ETHUSDT:1m']);
    const columns = flat([1, 2]);
    const named = expect.objectContaining({
      name: 'NotEnoughCandles',
      message: expect.stringContaining('ETHUSDT:1m') as string,
    }) as Error;
    expect(() => compiled.signals({ columns })).toThrow(named);
    expect(() => compiled.evaluateLast({ columns })).toThrow(named);
  });

  test.each(Object.values(indicators))('of which there is none make $name undefined', (indicator) => {
    const parameters = Object.fromEntries(
      indicator.parameters.flatMap(({ name, fallback }) => (fallback === null ? [[name, 3]] : [])),
    );
    const operand = { indicator: indicator.name, ...parameters, market: { symbol: 'ETHUSDT' } } as Operand;
    const markets = { 'ETHUSDT:1m': emptyColumns(0) };
    expect(entriesOf({ not: { left: operand, op: '>', right: 0 } }, flat([1, 2]), markets)).toBe('00');
  });
});

/** Conditions over the own and one or two other markets, whose indicators are windows: their values need no more than the window. */
const windows = (others: readonly MarketName[]): fc.Arbitrary<Operand> =>
  fc
    .record({
      market: fc.constantFrom(undefined, ...others.map(({ symbol, interval }) => ({ symbol, interval }))),
      kind: fc.constantFrom('price', 'SMA', 'HIGHEST', 'WILLR'),
      period: fc.integer({ min: 1, max: 6 }),
      offset: fc.nat(3),
    })
    .map(({ market, kind, period, offset }): Operand => {
      const place = { offset, ...(market === undefined ? {} : { market }) };
      return kind === 'price' ? { price: 'close', ...place } : { indicator: kind, period: period + 1, ...place };
    });

const comparisons = (others: readonly MarketName[]): fc.Arbitrary<Condition> =>
  fc.record({
    left: windows(others),
    op: fc.constantFrom('>' as const, '<=' as const, 'crosses_above' as const, 'crosses_below' as const),
    right: windows(others),
  });

interface Scene {
  readonly definition: StrategyDefinition;
  readonly columns: CandleColumns;
  readonly markets: InformativeMarkets;
}

const scenes: fc.Arbitrary<Scene> = fc
  .record({
    own: fc.constantFrom<Interval>('1m', '5m'),
    others: fc.uniqueArray(
      fc.record({
        symbol: fc.constantFrom('ETHUSDT', 'BTCUSDC'),
        interval: fc.constantFrom<Interval>('1m', '3m', '5m', '15m'),
      }),
      { minLength: 1, maxLength: 2, selector: marketKey },
    ),
  })
  .chain(({ own, others }) =>
    fc.record({
      entry: comparisons(others),
      exit: fc.oneof(
        comparisons(others),
        fc.array(comparisons(others), { minLength: 1, maxLength: 3 }).map((all) => ({ all })),
      ),
      columns: walks(80).map((columns) => spaced(columns, own)),
      others: fc.tuple(
        ...others.map((name) =>
          fc
            .tuple(walks(100), fc.array(fc.nat(100), { maxLength: 6 }))
            .map(([columns, skipped]) => [marketKey(name), spaced(columns, name.interval, skipped)] as const),
        ),
      ),
      interval: fc.constant(own),
    }),
  )
  .map(({ entry, exit, columns, others, interval }) => ({
    definition: strategyOf(entry, exit, { interval }),
    columns,
    markets: Object.fromEntries(others),
  }));

/** What had closed by the close of bar `length − 1`. */
const upTo = ({ definition, columns, markets }: Scene, { markets: used }: CompiledStrategy, length: number) => {
  const close = closeTimeOf(columns.time[length - 1]!, definition.interval);
  return {
    columns: sliceColumns(columns, 0, length),
    markets: Object.fromEntries(
      used.map(({ key, interval }) => [key, closedBy(markets[key] ?? emptyColumns(0), interval, close)]),
    ),
  };
};

test('candles that close later, of whichever market, change no signal', () => {
  fc.assert(
    fc.property(scenes, fc.nat(), (scene, cut) => {
      const compiled = compileStrategy(scene.definition);
      const length = 1 + (cut % scene.columns.length);
      const whole = compiled.signals({ columns: scene.columns, markets: scene.markets });
      expect([...compiled.signals(upTo(scene, compiled, length))]).toEqual([...whole.subarray(0, length)]);
    }),
  );
});

test('and no equity of a backtest before them', () => {
  fc.assert(
    fc.property(scenes, fc.nat(), (scene, cut) => {
      const compiled = compileStrategy(scene.definition);
      const length = compiled.warmup + 1 + (cut % (scene.columns.length - compiled.warmup));
      fc.pre(compiled.markets.every(({ key, warmup }) => upTo(scene, compiled, length).markets[key]!.length > warmup));
      const money = { capital: 1_000, feeRates: { maker: 0.001, taker: 0.001 }, slippageBps: 2 };
      const { definition, columns, markets } = scene;
      const whole = runBacktest({ definition, columns, markets, ...money });
      const part = runBacktest({ definition, ...upTo(scene, compiled, length), ...money });
      expect([...part.equity]).toEqual([...whole.equity.subarray(0, length)]);
    }),
  );
});

test('the last bar alone says what the whole series says of it, at every bar, by the lookback of each market', () => {
  fc.assert(
    fc.property(scenes, (scene) => {
      const compiled = compileStrategy(scene.definition);
      const { columns, markets } = scene;
      const signals = compiled.signals({ columns, markets });
      for (let length = 1; length <= columns.length; length += 1) {
        const last = signals[length - 1]!;
        const expected = { entry: (last & signal.entry) !== 0, exit: (last & signal.exit) !== 0 };
        const known = upTo(scene, compiled, length);
        expect(compiled.evaluateLast(known), `bar ${length - 1}`).toEqual(expected);
        expect(compiled.evaluateLast(known, createIndicatorCache(1_000)), 'with a cache').toEqual(expected);
        expect(compiled.evaluateLast({ ...known, markets }), 'with what closes later').toEqual(expected);
      }
    }),
    { numRuns: 60 },
  );
});
