import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { backtestTask } from '../../src/compute/backtest-task.ts';
import { readBacktestInput, standaloneBacktest } from '../../src/compute/standalone-backtest.ts';

const example = fileURLToPath(new URL('../../examples/sma-cross.json', import.meta.url));
const real = (file: string): string => fileURLToPath(new URL(`../../../shared/data/${file}`, import.meta.url));

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'standalone-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const written = async (name: string, text: string): Promise<string> => {
  const file = path.join(folder, name);
  await writeFile(file, text);
  return file;
};

const wave = (step: number, bars = 400): string => {
  const rows = Array.from({ length: bars }, (_, i) => {
    const price = 100 + Math.round(10 * Math.sin(i / 20));
    return `${1_704_067_200_000 + i * step},${price},${price + 1},${price - 1},${price},5`;
  });
  return `timestamp,open,high,low,close,volume\n${rows.join('\n')}\n`;
};

test('gives the columns of backtest_results by name, the trade log and the speed', async () => {
  const result = await standaloneBacktest({ strategy: example, candlesPath: await written('1m.csv', wave(60_000)) });
  expect(Object.keys(result)).toEqual([
    'start_date',
    'end_date',
    'initial_capital',
    'final_capital',
    'total_return_pct',
    'cagr',
    'sharpe_ratio',
    'sortino_ratio',
    'max_drawdown_pct',
    'win_rate',
    'profit_factor',
    'total_trades',
    'winning_trades',
    'losing_trades',
    'avg_win',
    'avg_loss',
    'largest_win',
    'largest_loss',
    'monthly_returns',
    'trade_log',
    'metadata',
    'bars',
    'seconds',
    'bars_per_second',
  ]);
  expect(result).toMatchObject({ bars: 400, initial_capital: 10_000 });
  expect(result.trade_log).toHaveLength(result.total_trades);
  expect(result.total_trades).toBeGreaterThan(1);
});

test('is not validated; a task is unless it asks not to be, with findings that JSON keeps', async () => {
  const candlesPath = await written('checked.csv', wave(60_000));
  const { metadata } = await standaloneBacktest({ strategy: example, candlesPath });
  expect(metadata).not.toHaveProperty('validation');
  const { metrics } = backtestTask(await readBacktestInput({ strategy: example, candlesPath }));
  const { validation, ...rest } = metrics.metadata;
  expect(rest).toEqual(metadata);
  expect(JSON.parse(JSON.stringify(validation))).toEqual(validation);
  expect(validation).toMatchObject({
    outOfSample: { share: 0.3, in_sample: { bars: 280 }, out_of_sample: { bars: 120 } },
    walkForward: { share: 220 / 400, combinations: 1 },
    monteCarlo: { trades: metrics.total_trades, samples: 1_000 },
    lookahead: { mismatches: [], pass: true },
  });
});

test('refuses candles of another interval than the strategy trades', async () => {
  const candlesPath = await written('5m.csv', wave(300_000));
  await expect(standaloneBacktest({ strategy: example, candlesPath })).rejects.toMatchObject({
    name: 'BadCandleFile',
    message: expect.stringContaining('holds 5m candles'),
  });
});

test.each([
  ['that is not there', async () => '/nowhere/at-all.json'],
  ['that is not JSON', () => written('broken.json', '{')],
  ['that is not a strategy', () => written('empty.json', '{}')],
])('refuses a strategy file %s', async (_what, strategy) => {
  const candlesPath = await written('ok.csv', wave(60_000));
  await expect(standaloneBacktest({ strategy: await strategy(), candlesPath })).rejects.toMatchObject({
    name: 'BadStrategy',
  });
});

describe.each([
  ['BTCPERP-1m.csv', 45_031],
  ['BTCUSDT-bybit-1m.csv', 1_440],
])('real candles, %s', (file, bars) => {
  test.skipIf(!existsSync(real(file)))(
    `a plain loop over the same rules ends with the same equity (needs ${file} beside the checkout)`,
    async () => {
      const { readCandleColumns } = await import('../../src/adapters/files/candle-csv.ts');
      const result = await standaloneBacktest({ strategy: example, candlesPath: real(file) });
      expect(result.bars).toBe(bars);
      const { columns } = await readCandleColumns(real(file));
      const { equity, trades } = plainCross(columns, {
        fast: 10,
        slow: 50,
        stop: 2,
        target: 4,
        fee: 0.001,
        capital: 10_000,
      });
      expect(result.total_trades).toBe(trades);
      expect(result.final_capital / equity).toBeCloseTo(1, 10);
      expect(trades).toBeGreaterThan(10);
    },
  );
});

interface PlainColumns {
  readonly length: number;
  readonly open: Float64Array;
  readonly high: Float64Array;
  readonly low: Float64Array;
  readonly close: Float64Array;
}

/** The example strategy written out by hand in integers of the tick (cross) and floats (money): shares no code with the engine. */
const plainCross = (
  { length, open, high, low, close }: PlainColumns,
  { fast, slow, stop, target, fee, capital }: Record<'fast' | 'slow' | 'stop' | 'target' | 'fee' | 'capital', number>,
): { equity: number; trades: number } => {
  const cents = Array.from(close, (price) => Math.round(price * 100));
  const sumOf = (i: number, bars: number): number => cents.slice(i - bars + 1, i + 1).reduce((a, b) => a + b, 0);
  const above = (i: number): number => Math.sign(sumOf(i, fast) * slow - sumOf(i, slow) * fast);
  let cash = capital;
  let quantity = 0;
  let entry = 0;
  let trades = 0;
  const sell = (price: number): void => {
    cash = quantity * price * (1 - fee);
    quantity = 0;
    trades += 1;
  };
  for (let i = 1; i < length; i += 1) {
    if (i > slow) {
      const [before, now] = [above(i - 2), above(i - 1)];
      if (quantity > 0 && before >= 0 && now < 0) sell(open[i]!);
      else if (quantity === 0 && before <= 0 && now > 0) {
        entry = open[i]!;
        quantity = cash / (entry * (1 + fee));
        cash = 0;
      }
    }
    if (quantity === 0) continue;
    const floor = entry * (1 - stop / 100);
    const ceiling = entry * (1 + target / 100);
    if (low[i]! <= floor) sell(Math.min(open[i]!, floor));
    else if (high[i]! >= ceiling) sell(Math.max(open[i]!, ceiling));
  }
  return { equity: cash + quantity * close[length - 1]!, trades };
};
