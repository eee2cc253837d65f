import { dec } from '../src/domain/decimal.ts';
import { dayMs } from '../src/domain/market/interval.ts';
import type { IndexPoint } from '../src/domain/portfolio/index-series.ts';
import { riskReport } from '../src/domain/portfolio/risk-figures.ts';
import type { Valuation } from '../src/domain/portfolio/valuation.ts';
import { createRandom } from '../src/domain/random.ts';
import type { Stack } from '../src/stack/stack.ts';
import { createCloseDesk } from './support/close-desk.ts';
import { haltOf } from './support/halt-desk.ts';
import { withTemporaryFolder } from './support/temporary-folder.ts';
import { startTradingStack } from './support/trading-stack.ts';

/** What the breaker costs a close, how soon it has acted, and what the risk figures of a long history cost. See README.md. */
const strategies = 1_000;
const positions = 50;
const warmUps = 6;
const rounds = 40;
const entries = 50;
const years = 5;

const print = (line: string): void => void process.stdout.write(`${line}\n`);

const show = (name: string, ms: number): void => print(`${name.padEnd(58)} ${ms.toFixed(1).padStart(8)} ms`);

const middle = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN;

/** Each close with what the breaker's look took of it: a busy moment of the machine meets both. */
const looks = async (databaseUrl: string): Promise<number> => {
  let lookMs = 0;
  const size = { strategies, positions, closes: warmUps + rounds };
  const desk = await createCloseDesk(databaseUrl, size, (store) => ({
    ...store,
    breaker: {
      ...store.breaker,
      lookAfterClose: async (close) => {
        const started = performance.now();
        const environments = await store.breaker.lookAfterClose(close);
        lookMs = performance.now() - started;
        return environments;
      },
    },
  }));
  for (let n = 0; n < warmUps; n += 1) await desk.nextClose();
  const closes: { readonly all: number; readonly look: number }[] = [];
  for (let n = 0; n < rounds; n += 1) closes.push({ all: await desk.nextClose(), look: lookMs });
  await desk.close();
  show(`a close of ${strategies} strategies, ${positions} positions`, middle(closes.map(({ all }) => all)));
  show('of which the breaker’s look', middle(closes.map(({ look }) => look)));
  return middle(closes.map(({ all, look }) => all / (all - look)));
};

const nothingHeld: Valuation = { assets: [], positions: [], equity: dec('10000'), unpriced: [] };

/** A seeded walk of the equity index, a reading an hour. */
const hourlyIndex = (): readonly IndexPoint[] => {
  const random = createRandom(7);
  let index = 1;
  return Array.from({ length: years * 365 * 24 }, (_, hour) => {
    index *= 1 + (random.fraction() - 0.499) / 100;
    return { at: Date.UTC(2021, 0, 1) + hour * 3_600_000, index };
  });
};

const figures = (): void => {
  const points = hourlyIndex();
  const btcCloses = new Map(Array.from({ length: years * 365 }, (_, day) => [Date.UTC(2021, 0, 1) + day * dayMs, day]));
  const times = Array.from({ length: 21 }, () => {
    const started = performance.now();
    const report = riskReport({ valuation: nothingHeld, points, btcCloses });
    if (report.figures.var95 === null) throw new TypeError('no figures');
    return performance.now() - started;
  });
  show(`all risk figures of ${points.length} hourly readings (${years} years)`, Math.min(...times));
};

const halt = async (stack: Stack): Promise<number> => {
  const { committed, lastCancelled, flat, plain } = await haltOf(stack, entries);
  show('from the drawdown’s candle to the event’s commit', committed);
  show(`… to the last of ${entries} resting entries cancelled`, lastCancelled);
  show('… to everything closed and on record', flat);
  show(`${entries} plain DELETEs one after the other`, plain);
  return lastCancelled / plain;
};

await withTemporaryFolder(async (home) => {
  const stack = await startTradingStack(home);
  try {
    figures();
    const cancelled = await halt(stack);
    const look = await looks(stack.addresses.databaseUrl ?? '');
    print(`ratio last cancel / plain DELETEs ${cancelled.toFixed(2)}`);
    print(`ratio a close with / without the breaker’s look ${look.toFixed(2)}`);
  } finally {
    await stack.stop();
  }
});
