import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { marketArgument } from '../../src/client/market-argument.ts';
import { standaloneBacktest } from '../../src/compute/standalone-backtest.ts';
import { runCli } from './run-cli.ts';

const minute = 60_000;
const start = Date.UTC(2024, 0, 1);
const example = (name: string): string => join(import.meta.dirname, '..', '..', 'examples', `${name}.json`);
let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mastertrade-markets-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** Closes `bars` candles a `step` apart by `price`, each opened where the one before closed. */
const candles = async (name: string, bars: number, step: number, price: (bar: number) => number): Promise<string> => {
  const rows = Array.from({ length: bars }, (_, bar) => {
    const [open, close] = [price(bar - 1), price(bar)];
    const prices = [open, Math.max(open, close) + 0.01, Math.min(open, close) - 0.01, close];
    return [start + bar * step, ...prices.map((value) => value.toFixed(4)), 5].join(',');
  });
  const file = join(folder, name);
  await writeFile(file, ['timestamp,open,high,low,close,volume', ...rows, ''].join('\n'));
  return file;
};
const ripple = (bar: number): number => (bar % 2 === 0 ? 100 : 100.1);
/** Three dollars under the other market for three minutes of each hour. */
const discounted = (bar: number): number => ripple(bar) - (bar % 60 >= 40 && bar % 60 < 43 ? 3 : 0);

describe('--market', () => {
  it('is read up to the last colon before the first equals sign', () => {
    const values = ['BTCUSDT:1h=a.csv', 'kraken:XBTUSD:5m=b.csv', 'ETHUSDT:1m=C:/x=1/c.csv'];
    let read: ReturnType<typeof marketArgument> = [];
    for (const value of values) read = marketArgument(value, read);
    expect(read).toEqual([
      { symbol: 'BTCUSDT', interval: '1h', candlesPath: 'a.csv' },
      { symbol: 'kraken:XBTUSD', interval: '5m', candlesPath: 'b.csv' },
      { symbol: 'ETHUSDT', interval: '1m', candlesPath: 'C:/x=1/c.csv' },
    ]);
  });

  it.each(['', 'BTCUSDT', 'a.csv', 'BTCUSDT=a.csv', ':1h=a.csv', 'BTCUSDT:1h=', 'BTCUSDT:1h', 'BTCUSDT:7m=a.csv'])(
    "refuses '%s'",
    (value) => {
      expect(() => marketArgument(value)).toThrow(expect.objectContaining({ name: 'BadInput' }));
    },
  );
});

describe('a stand-alone backtest of a strategy that looks at another market', () => {
  it('trades the spread of the example stablecoin-spread, and says what it has looked at', async () => {
    const [own, other] = [
      await candles('usdt.csv', 300, minute, discounted),
      await candles('usdc.csv', 300, minute, ripple),
    ];
    const command = [
      'backtest',
      '--strategy',
      example('stablecoin-spread'),
      '--candles',
      own,
      '--fee-pct',
      '0',
      '--json',
    ];
    const { code, stdout, stderr } = await runCli([...command, '--market', `BTCUSDC:1m=${other}`]);
    expect([code, stderr]).toEqual([0, '']);
    const result = JSON.parse(stdout) as Awaited<ReturnType<typeof standaloneBacktest>>;
    expect(result.metadata).toMatchObject({ markets: { 'BTCUSDC:1m': 300 }, volumeShare: null });
    // Decided on the close of minute 40, bought at the open of 41, which is that close; sold once it has met the other again.
    expect(result.trade_log).toMatchObject(
      [0, 1, 2, 3, 4].map((hour) => ({
        entry_bar: hour * 60 + 41,
        exit_bar: hour * 60 + 44,
        exit_reason: 'exit_signal',
      })),
    );
    expect(result.winning_trades).toBe(5);
  });

  it('buys with the example trend-pullback while the hours rise, and never while they fall', async () => {
    const bars = 12 * 24 * 6;
    const trend = (up: number) => (bar: number) => 1_000 + up * bar * 0.1 + 8 * Math.sin(bar / 5);
    const trades = async (up: number): Promise<number> => {
      const own = await candles('own.csv', bars, 5 * minute, trend(up));
      // The twelfth five minutes of an hour close with it.
      const hours = await candles('hours.csv', bars / 12, 60 * minute, (hour) => trend(up)(hour * 12 + 11));
      const result = await standaloneBacktest({
        strategy: example('trend-pullback'),
        candlesPath: own,
        markets: [{ symbol: 'BTCUSDT', interval: '1h', candlesPath: hours }],
      });
      expect(result.metadata['markets']).toEqual({ 'BTCUSDT:1h': bars / 12 });
      return result.total_trades;
    };
    expect(await trades(1)).toBeGreaterThan(5);
    expect(await trades(-1)).toBe(0);
  });

  const run = async (...markets: { symbol: string; interval: '1m' | '1h'; candlesPath: string }[]) =>
    standaloneBacktest({
      strategy: example('stablecoin-spread'),
      candlesPath: await candles('own.csv', 300, minute, ripple),
      markets,
    });
  const usdc = { symbol: 'BTCUSDC', interval: '1m' } as const;

  it('names the market that no file is given for', async () => {
    await expect(run()).rejects.toMatchObject({
      name: 'NotEnoughCandles',
      message: "'stablecoin-spread' looks at BTCUSDC:1m, and no candles of it are given",
      next: 'add --market BTCUSDC:1m=CSV',
    });
  });

  it('refuses a market that the strategy does not look at, and one given twice', async () => {
    const candlesPath = await candles('usdc.csv', 300, minute, ripple);
    await expect(
      run({ ...usdc, candlesPath }, { symbol: 'ETHUSDT', interval: '1h', candlesPath }),
    ).rejects.toMatchObject({
      name: 'BadInput',
      message: "'stablecoin-spread' does not look at ETHUSDT:1h",
      next: 'give --market once for each of BTCUSDC:1m',
    });
    await expect(run({ ...usdc, candlesPath }, { ...usdc, candlesPath })).rejects.toMatchObject({
      name: 'BadInput',
      message: expect.stringContaining('BTCUSDC:1m are given twice'),
    });
  });

  it('refuses candles of another interval than is said', async () => {
    const candlesPath = await candles('hours.csv', 30, 60 * minute, ripple);
    await expect(run({ ...usdc, candlesPath })).rejects.toMatchObject({
      name: 'BadCandleFile',
      message: expect.stringContaining('holds 1h candles, --market BTCUSDC:1m names it as 1m'),
    });
  });

  it('names another market that is too short to warm up', async () => {
    const candlesPath = await candles('short.csv', 10, minute, ripple);
    await expect(run({ ...usdc, candlesPath })).rejects.toMatchObject({
      name: 'NotEnoughCandles',
      message: expect.stringContaining('candles of BTCUSDC:1m to warm up, there are 10'),
    });
  });
});

describe('--volume-limit-pct', () => {
  it("takes no more than its share of a bar's volume", async () => {
    const own = await candles('own.csv', 300, minute, (bar) => 100 + 10 * Math.sin(bar / 20));
    const command = ['backtest', '--strategy', example('sma-cross'), '--candles', own, '--json'];
    const [free, limited] = await Promise.all(
      [[], ['--volume-limit-pct', '10']].map(async (more) => {
        const { stdout } = await runCli([...command, ...more]);
        return JSON.parse(stdout) as Awaited<ReturnType<typeof standaloneBacktest>>;
      }),
    );
    expect(limited!.metadata).toMatchObject({ volumeShare: 0.1 });
    const [most, least] = [free!, limited!].map(({ trade_log: log }) =>
      Math.max(...log.map(({ quantity }) => quantity)),
    );
    expect(most).toBeGreaterThan(50);
    expect(least).toBe(0.5);
  });

  it.each(['0', '-1', '101', 'all'])('refuses %s', async (value) => {
    const own = await candles('own.csv', 300, minute, ripple);
    const command = ['backtest', '--strategy', example('sma-cross'), '--candles', own, '--json'];
    const { code, stderr } = await runCli([...command, '--volume-limit-pct', value]);
    expect(code).toBe(2);
    expect(JSON.parse(stderr)).toMatchObject({
      error: 'BadInput',
      message: expect.stringContaining('--volume-limit-pct'),
    });
  });
});
