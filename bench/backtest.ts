import { readFile } from 'node:fs/promises';
import { parseStrategy } from '../src/contracts/strategy-file.ts';
import { runBacktest } from '../src/domain/backtest/engine.ts';
import type { CandleColumns } from '../src/domain/market/candle.ts';
import { emptyColumns } from '../src/domain/market/columns.ts';

/**
 * A year of minutes through the strategy file against one hand-written Float64Array loop of the same cross, both in this process.
 * Prints bars a second of each, and the ratio last. Run: node bench/backtest.ts
 */
const bars = 525_600;
const rounds = 7;

/** A seeded walk on a grid of 0.01. */
const walk = (length: number): CandleColumns => {
  const columns = emptyColumns(length);
  let state = 42;
  const random = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  let cents = 4_000_000;
  for (let i = 0; i < length; i += 1) {
    const open = cents;
    cents = Math.max(100_000, cents + Math.round((random() - 0.5) * 4_000));
    columns.time[i] = Date.UTC(2023, 0, 1) + i * 60_000;
    columns.open[i] = open / 100;
    columns.high[i] = (Math.max(open, cents) + Math.floor(random() * 500)) / 100;
    columns.low[i] = (Math.min(open, cents) - Math.floor(random() * 500)) / 100;
    columns.close[i] = cents / 100;
    columns.volume[i] = Math.floor(random() * 100_000) / 1_000;
  }
  return columns;
};

/** SMA 10/50 cross, stop 2 %, target 4 %, all equity, 0.1 % fee: nothing but the loop. */
const plainLoop = ({ open, high, low, close, length }: CandleColumns): number => {
  const [fast, slow, fee] = [10, 50, 0.001];
  let [fastSum, slowSum, cash, quantity, stop, target] = [0, 0, 10_000, 0, 0, 0];
  let [above, wasAbove, signal] = [false, false, 0];
  for (let i = 0; i < length; i += 1) {
    if (signal === 1 && quantity === 0) {
      const price = open[i]!;
      quantity = cash / (price * (1 + fee));
      cash = 0;
      stop = price * 0.98;
      target = price * 1.04;
    } else if (signal === -1 && quantity > 0) {
      cash = quantity * open[i]! * (1 - fee);
      quantity = 0;
    }
    if (quantity > 0) {
      let exit = 0;
      if (low[i]! <= stop) exit = Math.min(open[i]!, stop);
      else if (high[i]! >= target) exit = Math.max(open[i]!, target);
      if (exit > 0) {
        cash = quantity * exit * (1 - fee);
        quantity = 0;
      }
    }
    fastSum += close[i]!;
    slowSum += close[i]!;
    if (i >= fast) fastSum -= close[i - fast]!;
    if (i >= slow) slowSum -= close[i - slow]!;
    signal = 0;
    if (i >= slow - 1) {
      above = fastSum * slow > slowSum * fast;
      if (i >= slow && above !== wasAbove) signal = above ? 1 : -1;
      wasAbove = above;
    }
  }
  return cash + quantity * close[length - 1]!;
};

const fastest = (work: () => number): { seconds: number; equity: number } => {
  let seconds = Infinity;
  let equity = 0;
  for (let round = 0; round < rounds; round += 1) {
    const started = performance.now();
    equity = work();
    seconds = Math.min(seconds, (performance.now() - started) / 1000);
  }
  return { seconds, equity };
};

const file = new URL('../examples/sma-cross.json', import.meta.url);
const definition = parseStrategy(JSON.parse(await readFile(file, 'utf8')), file.pathname);
const columns = walk(bars);
const engine = fastest(
  () =>
    runBacktest({ definition, columns, capital: 10_000, feeRates: { maker: 0.001, taker: 0.001 }, slippageBps: 0 })
      .finalEquity,
);
const plain = fastest(() => plainLoop(columns));
const line = (name: string, { seconds, equity }: { seconds: number; equity: number }): string =>
  `${name.padEnd(12)} ${(bars / seconds / 1e6).toFixed(2).padStart(8)} M bars/s   final equity ${equity.toFixed(6)}\n`;
process.stdout.write(line('engine', engine));
process.stdout.write(line('plain loop', plain));
process.stdout.write(`memory ${(process.memoryUsage.rss() / 2 ** 20).toFixed(0)} MB\n`);
process.stdout.write(`ratio engine / plain loop ${(plain.seconds / engine.seconds).toFixed(3)}\n`);
