import { describe, expect, test } from 'vitest';
import type { BacktestInput } from '../../../src/domain/backtest/backtest-run.ts';
import { runBacktest } from '../../../src/domain/backtest/engine.ts';
import { kellyFraction, kellyTrades } from '../../../src/domain/backtest/kelly.ts';
import type { CandleColumns } from '../../../src/domain/market/candle.ts';
import type { StrategyDefinition } from '../../../src/domain/strategy/definition.ts';
import { flat, levels, market } from './markets.ts';

const run = (definition: StrategyDefinition, columns: CandleColumns, more: Partial<BacktestInput> = {}) =>
  runBacktest({
    definition,
    columns,
    capital: 1_000,
    feeRates: { maker: 0, taker: 0 },
    slippageBps: 0,
    ...more,
  });

describe('timing', () => {
  test('a signal on the close of bar i fills at the open of bar i + 1', () => {
    const columns = market([
      [9, 9, 9, 9],
      [9, 11, 9, 11],
      [12, 12, 12, 12],
      [12, 12, 8, 8],
      [7, 7, 7, 7],
    ]);
    const { trades, equity } = run(levels(10, 10), columns);
    expect(trades).toMatchObject([{ entryBar: 2, entryPrice: 12, exitBar: 4, exitPrice: 7, reason: 'exit_signal' }]);
    expect([...equity]).toEqual(
      [1_000, 1_000, 1_000, 1_000 * (8 / 12), 1_000 * (7 / 12)].map((v) => expect.closeTo(v, 9)),
    );
  });

  test('a signal on the last bar opens nothing', () => {
    expect(run(levels(10, 5), flat([9, 11]))).toMatchObject({ trades: [], openPosition: null, finalEquity: 1_000 });
  });

  test('an entry and an exit on one close cancel out', () => {
    expect(run(levels(10, 20), flat([11, 12, 13])).openPosition).toBeNull();
  });

  test('a position open at the end is marked at the last close and is no trade', () => {
    const { trades, openPosition, finalEquity } = run(levels(10, 5), flat([11, 20, 30]));
    expect(trades).toEqual([]);
    expect(openPosition).toMatchObject({
      entryBar: 1,
      entryPrice: 20,
      quantity: 50,
      markPrice: 30,
      unrealizedPnl: 500,
    });
    expect(finalEquity).toBe(1_500);
  });
});

describe('protection inside a bar', () => {
  const entered: readonly (readonly [number, number, number, number])[] = [
    [100, 101, 99, 101],
    [100, 100, 100, 100],
  ];
  const risk = { stop_loss_pct: 5, take_profit_pct: 10 };
  const exitOn = (bar: readonly [number, number, number, number], more: Partial<BacktestInput> = {}) =>
    run(levels(100.5, 1, risk), market([...entered, bar]), more).trades[0];

  test('a touched stop fills at its level', () => {
    expect(exitOn([99, 99, 95, 96])).toMatchObject({ exitPrice: 95, reason: 'stop_loss', exitBar: 2 });
  });
  test('a gap through the stop fills at the open', () => {
    expect(exitOn([90, 92, 89, 91])).toMatchObject({ exitPrice: 90, reason: 'stop_loss' });
  });
  test('a touched target fills at its level', () => {
    expect(exitOn([101, 110.5, 100, 105])).toMatchObject({ exitPrice: expect.closeTo(110, 9), reason: 'take_profit' });
  });
  test('a gap over the target fills at the open', () => {
    expect(exitOn([115, 116, 114, 114])).toMatchObject({ exitPrice: 115, reason: 'take_profit' });
  });
  test('a bar that touches both counts as stopped', () => {
    expect(exitOn([100, 112, 94, 100])).toMatchObject({ exitPrice: 95, reason: 'stop_loss' });
  });
  test('slippage moves a stop and not a target', () => {
    expect(exitOn([99, 99, 90, 96], { slippageBps: 0 })?.exitPrice).toBe(95);
    const slipped = run(levels(100.5, 1, risk), market([...entered, [99, 99, 90, 96]]), { slippageBps: 100 }).trades[0];
    expect(slipped).toMatchObject({ entryPrice: 101, exitPrice: expect.closeTo(101 * 0.95 * 0.99, 9) });
    const target = run(levels(100.5, 1, risk), market([...entered, [101, 120, 100, 105]]), { slippageBps: 100 })
      .trades[0];
    expect(target?.exitPrice).toBeCloseTo(101 * 1.1, 9);
  });
  test('the trailing stop follows the bars before, never the high of its own bar', () => {
    const columns = market([...entered, [100, 120, 99, 119], [119, 119, 107, 118]]);
    const { trades } = run(levels(100.5, 1, { trailing_stop_pct: 10 }), columns);
    expect(trades).toMatchObject([{ exitBar: 3, exitPrice: 108, reason: 'trailing_stop' }]);
  });
});

describe('sizing and fees', () => {
  test('the fee is inside what is spent', () => {
    const { openPosition, feesPaid } = run(levels(10, 5), flat([11, 20]), { feeRates: { maker: 0, taker: 0.001 } });
    expect(openPosition?.quantity).toBeCloseTo(1_000 / (20 * 1.001), 12);
    expect(openPosition!.quantity * 20 + feesPaid).toBeCloseTo(1_000, 9);
  });
  test('fixed_quote spends its amount, and never more than there is', () => {
    const sized = (value: number) =>
      run(levels(10, 5, { position_size: { type: 'fixed_quote', value } }), flat([11, 20])).openPosition?.quantity;
    expect(sized(100)).toBe(5);
    expect(sized(5_000)).toBe(50);
  });
  test('risk_fraction loses its share when the stop fills at its level', () => {
    const risk = { position_size: { type: 'risk_fraction', value: 0.01 } as const, stop_loss_pct: 5 };
    const { trades } = run(
      levels(100, 1, risk),
      market([
        [101, 101, 101, 101],
        [100, 100, 100, 100],
        [99, 99, 90, 90],
      ]),
    );
    expect(trades[0]?.pnl).toBeCloseTo(-10, 9);
  });
  test('filters floor the quantity, and skip what is under the minimum notional', () => {
    const filters = { tickSize: '0.01', stepSize: '0.001', minQuantity: '0.001', maxQuantity: '0', minNotional: '10' };
    expect(run(levels(10, 5), flat([11, 30]), { filters }).openPosition?.quantity).toBe(33.333);
    const small = run(levels(10, 5), flat([11, 30]), { filters, capital: 9 });
    expect(small).toMatchObject({ openPosition: null, skippedEntries: { tooSmall: 1 } });
  });
  test('after a loss no entry is filled for the cool-down', () => {
    const prices = [11, 11, 9, 9, 11, 11, 11, 11];
    const entryBars = (bars: number) =>
      run(levels(10, 10, { cooldown_bars_after_loss: bars }), flat(prices)).openPosition?.entryBar;
    expect(entryBars(0)).toBe(5);
    expect(entryBars(3)).toBe(7);
  });
});

describe('limit entries', () => {
  const definition = levels(10, 5, { order: { type: 'limit', offset_bps: 1_000, expire_bars: 2 } });
  test('fill where the bar touches the limit', () => {
    const columns = market([
      [10, 11, 10, 11],
      [11, 11, 10, 11],
      [11, 11, 9.9, 10],
    ]);
    expect(run(definition, columns).openPosition).toMatchObject({ entryBar: 2, entryPrice: expect.closeTo(9.9, 9) });
  });
  test('expire after their bars', () => {
    const columns = market([
      [10, 11, 10, 11],
      [11, 11, 10, 10],
      [11, 11, 10, 10],
      [9, 9, 9, 9],
    ]);
    expect(run(definition, columns)).toMatchObject({ openPosition: null, skippedEntries: { limitExpired: 1 } });
  });
  test('on its own bar a limit filled inside can be stopped, not taken to its target: the high may have come before', () => {
    const risk = { ...definition.risk_params, take_profit_pct: 5, stop_loss_pct: 5 };
    const filledOn = (bar: readonly [number, number, number, number]) =>
      run({ ...definition, risk_params: risk }, market([[10, 11, 10, 11], bar]));
    expect(filledOn([11, 12, 9.9, 10])).toMatchObject({
      trades: [],
      openPosition: { entryPrice: expect.closeTo(9.9, 9) },
    });
    expect(filledOn([11, 12, 9, 10]).trades).toMatchObject([
      { exitPrice: expect.closeTo(9.405, 9), reason: 'stop_loss' },
    ]);
  });
});

describe('short', () => {
  test('earns what the price falls, fees paid on both sides', () => {
    const short = { ...levels(10, 1), risk_params: { ...levels(10, 1).risk_params, side: 'SHORT' as const } };
    const definition = {
      ...short,
      exit_conditions: { left: { price: 'close' as const }, op: '<' as const, right: 10 },
    };
    const { trades } = run(definition, flat([11, 20, 9, 10]), { feeRates: { maker: 0, taker: 0.001 } });
    const quantity = 1_000 / (20 * 1.001);
    expect(trades[0]?.pnl).toBeCloseTo(quantity * 10 - quantity * 30 * 0.001, 9);
  });
  test('is closed when all equity is gone', () => {
    const definition = { ...levels(10, 1), risk_params: { ...levels(10, 1).risk_params, side: 'SHORT' as const } };
    const { trades, finalEquity } = run(
      definition,
      market([
        [11, 11, 11, 11],
        [20, 20, 20, 20],
        [25, 50, 25, 30],
      ]),
    );
    expect(trades).toMatchObject([{ exitPrice: 40, reason: 'liquidation' }]);
    expect(finalEquity).toBeCloseTo(0, 9);
  });
});

describe('exits in parts', () => {
  const risk = {
    exits: [
      { pct: 20, fraction: 0.5 },
      { pct: 10, fraction: 0.25 },
    ],
    stop_loss_pct: 10,
  };
  const entered = [
    [100, 101, 99, 101],
    [100, 100, 100, 100],
  ] as const;
  test('sell each part at its price, nearest first, and the rest by signal', () => {
    const { trades } = run(
      levels(100.5, 50, risk),
      market([...entered, [105, 121, 105, 110], [40, 40, 40, 40], [45, 45, 45, 45]]),
    );
    expect(trades).toMatchObject([
      {
        quantity: 10,
        exits: [
          { bar: 2, price: expect.closeTo(110, 9), quantity: 2.5, reason: 'take_profit' },
          { bar: 2, price: expect.closeTo(120, 9), quantity: 5, reason: 'take_profit' },
          { bar: 3, price: 40, quantity: 2.5, reason: 'stop_loss' },
        ],
        exitBar: 3,
        reason: 'stop_loss',
        pnl: expect.closeTo(2.5 * 10 + 5 * 20 - 2.5 * 60, 9),
        exitPrice: expect.closeTo((2.5 * 110 + 5 * 120 + 2.5 * 40) / 10, 9),
      },
    ]);
  });
  test('what is still open counts with what its parts have earned', () => {
    const { openPosition, trades, finalEquity } = run(
      levels(100.5, 50, risk),
      market([...entered, [105, 112, 105, 108]]),
    );
    expect(trades).toEqual([]);
    expect(openPosition).toMatchObject({ quantity: 7.5, realizedPnl: expect.closeTo(25, 9), unrealizedPnl: 60 });
    expect(finalEquity).toBeCloseTo(1_085, 9);
  });
  test('a part that would leave an unsellable rest takes the rest along', () => {
    const uneven = { ...risk, exits: [risk.exits[1]!, { pct: 20, fraction: 0.7 }] };
    const filters = { tickSize: '0', stepSize: '0.1', minQuantity: '0.1', maxQuantity: '0', minNotional: '500' };
    const { trades } = run(levels(100.5, 50, uneven), market([...entered, [105, 121, 105, 110]]), { filters });
    expect(trades[0]?.exits).toMatchObject([{ price: expect.closeTo(120, 9), quantity: 10 }]);
  });
});

describe('a share of the volume', () => {
  const withVolumes = (rows: Parameters<typeof market>[0], volumes: readonly number[]): CandleColumns => {
    const columns = market(rows);
    columns.volume.set(volumes);
    return columns;
  };
  test('limits an entry to its first bar, and spreads an exit over the next opens', () => {
    const columns = withVolumes(
      [
        [11, 11, 11, 11],
        [20, 20, 20, 20],
        [20, 20, 4, 4],
        [5, 5, 5, 5],
        [6, 6, 6, 6],
        [7, 7, 7, 7],
      ],
      [1, 40, 9, 10, 0, 30],
    );
    const { trades } = run(levels(10, 5, {}), columns, { volumeShare: 0.5 });
    expect(trades).toMatchObject([
      {
        quantity: 20,
        exits: [
          { bar: 3, price: 5, quantity: 5 },
          { bar: 5, price: 7, quantity: 15 },
        ],
        reason: 'exit_signal',
      },
    ]);
  });
  test('an entry on a bar without volume is skipped and counted', () => {
    const columns = withVolumes(
      [
        [11, 11, 11, 11],
        [20, 20, 9, 9],
        [5, 5, 5, 5],
      ],
      [1, 0, 1],
    );
    expect(run(levels(10, 5), columns, { volumeShare: 1 })).toMatchObject({
      openPosition: null,
      skippedEntries: { noVolume: 1 },
    });
  });
});

describe('several positions at a time', () => {
  const risk = { max_open_positions: 2, position_size: { type: 'fixed_quote', value: 100 } } as const;
  test('each signal opens one, up to the limit, each with its own stop', () => {
    const { trades, openPosition } = run(
      levels(10, 5, { ...risk, stop_loss_pct: 20 }),
      market([
        [11, 11, 11, 11],
        [20, 20, 20, 20],
        [25, 25, 25, 25],
        [30, 30, 19, 30],
        [30, 30, 30, 30],
      ]),
    );
    expect(trades).toMatchObject([{ entryBar: 2, entryPrice: 25, exitBar: 3, exitPrice: 20, reason: 'stop_loss' }]);
    expect(openPosition).toMatchObject({ entryBar: 1, quantity: 5 + 100 / 30, entryPrice: expect.closeTo(24, 9) });
  });
  test('never spend more than there is', () => {
    const all = { max_open_positions: 3, position_size: { type: 'equity_fraction', value: 0.6 } } as const;
    const { openPosition, skippedEntries } = run(levels(10, 5, all), flat([11, 20, 20, 20]));
    expect(openPosition!.quantity * 20).toBeCloseTo(1_000, 9);
    expect(skippedEntries.tooSmall).toBe(1);
  });
});

describe('Kelly', () => {
  test.each([
    ['a coin that pays 2 for 1', 0.5, 2, 1, 1, 0.25],
    ['no edge', 0.3, 1, 1, 1, 0],
    ['more than the cap', 0.9, 2, 1, 0.2, 0.2],
    ['never lost', 1, 5, 0, 0.4, 0.4],
    ['never won', 0, 0, 1, 0.4, 0],
  ])('%s', (_what, winRate, won, lost, cap, fraction) => {
    expect(kellyFraction(winRate, won, lost, cap)).toBeCloseTo(fraction, 12);
  });
  test('half of the cap is staked until the record is long enough, then what the record says', () => {
    const losing = Array.from({ length: kellyTrades + 2 }, () => [11, 20, 9, 8]).flat();
    const { trades, skippedEntries } = run(
      levels(10, 10, { position_size: { type: 'kelly', value: 0.5 } }),
      flat(losing),
    );
    expect(trades).toHaveLength(kellyTrades);
    expect(trades[0]!.quantity * 20).toBeCloseTo(250, 9);
    expect(skippedEntries.noEdge).toBeGreaterThan(0);
  });
});

test('bars before the first one traded on only warm up', () => {
  const prices = [11, 12, 9, 11, 20, 9, 9, 11, 30, 31];
  const whole = run(levels(10, 10), flat(prices), { firstBar: 6 });
  const later = run(levels(10, 10), flat(prices.slice(6)));
  expect([...whole.equity]).toEqual([...Array(6).fill(1_000), ...later.equity]);
  expect(whole.trades).toEqual([]);
  expect(whole.openPosition).toMatchObject({ entryBar: 8, entryPrice: 30 });
});

test('fewer candles than the warm-up are refused by name', () => {
  const slow = {
    ...levels(0, 0),
    entry_conditions: { left: { indicator: 'SMA', period: 5 }, op: '>', right: 1 },
  } as const;
  expect(() => run(slow, flat([1, 2, 3, 4]))).toThrow(
    expect.objectContaining({ name: 'NotEnoughCandles', message: expect.stringContaining('there are 4') }),
  );
  expect(run(slow, flat([1, 2, 3, 4, 5])).trades).toEqual([]);
});

test.each([
  ['capital', { capital: 0 }],
  ['volume share', { volumeShare: 1.5 }],
  ['first bar', { firstBar: 2 }],
  ['capital', { capital: Number.NaN }],
  ['fee', { feeRates: { maker: 0, taker: 1.5 } }],
  ['slippage', { slippageBps: -1 }],
])('refuses a bad %s by name', (what, more) => {
  expect(() => run(levels(10, 5), flat([1, 2]), more)).toThrow(
    expect.objectContaining({ name: 'BadInput', message: expect.stringContaining(what) }),
  );
});
