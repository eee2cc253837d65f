import { DomainError } from '../errors.ts';
import { compileStrategy } from '../strategy/compile.ts';
import type { CompiledStrategy } from '../strategy/compile.ts';
import { signal } from '../strategy/conditions.ts';
import type { IndicatorCache } from '../strategy/indicator-cache.ts';
import type { BacktestInput, JournaledRun } from './backtest-run.ts';
import { WorkingEntry } from './working-entry.ts';
import { PositionBook } from './position-book.ts';
import { protect, quietBounds } from './protect.ts';
import { holdQuietly, nextSignal } from './quiet-bars.ts';

/**
 * Runs a strategy over a series of candles.
 *
 * On each bar, in this order: what an exit signal or a stop has left to sell is sold at the open; an entry signalled on the close
 * before fills at the open (market) or where the bar reaches it (limit); protection closes positions inside the bar, the stop
 * first; equity is marked at the close; signals of the close are read. An entry and an exit on one close cancel out, and a
 * position has its own entry bar's range against it: its stop can be hit there, and its target unless a limit filled it inside
 * the bar. The engine is prefix-invariant: bars after i change nothing at or before i.
 * @param options.indicators those already computed over these very candles.
 * @throws DomainError `BadStrategy`, `UnknownIndicator`, `BadInput`; `NotEnoughCandles` where no bar is left after the warm-up.
 */
export const runBacktest = (
  input: BacktestInput,
  { indicators }: { readonly indicators?: IndicatorCache | undefined } = {},
): JournaledRun => {
  checkNumbers(input);
  const { definition, columns, markets, capital } = input;
  const strategy = compileStrategy(definition);
  checkCandles(input, strategy);
  const signals = strategy.signals({ columns, markets }, indicators);
  const book = new PositionBook(input);
  trade(input, signals, book);
  const { journal } = book;
  const trades = once(() => journal.trades(columns, definition.risk_params.side));
  const equity = once(() => journal.equity(columns, capital));
  return {
    input,
    journal,
    get trades() {
      return trades();
    },
    get equity() {
      return equity();
    },
    finalEquity: book.equityAt(columns.close[columns.length - 1]!),
    openPosition: book.openPosition(),
    feesPaid: book.feesPaid,
    skippedEntries: book.skipped,
  };
};

const once = <Value>(make: () => Value): (() => Value) => {
  let made: Value | undefined;
  return () => (made ??= make());
};

const trade = (input: BacktestInput, signals: Uint8Array, book: PositionBook): void => {
  const entry = new WorkingEntry(input, book);
  let bar = input.firstBar ?? 0;
  while (bar < input.columns.length) bar = passBars(input, signals, book, entry, bar);
};

/** Passes the bars from `from` to the next on which something happens, and that one. Gives the bar after it. */
const passBars = (
  input: BacktestInput,
  signals: Uint8Array,
  book: PositionBook,
  entry: WorkingEntry,
  from: number,
): number => {
  const { columns } = input;
  let bar = from;
  if (!entry.isWorking && book.isFlat) {
    bar = nextSignal(signals, signal.entry, from);
    if (bar === columns.length) return bar;
  } else {
    if (!entry.isWorking && !book.isLeaving) {
      const awaited = book.isFull ? signal.exit : signal.entry | signal.exit;
      bar = holdQuietly(columns, signals, quietBounds(book, input), awaited, from);
      if (bar === columns.length) return bar;
    }
    book.sellLeaving(bar);
    entry.fill(bar);
    protect(book, input, bar);
    book.mark(bar);
  }
  entry.decide(bar, signals[bar]!);
  return bar + 1;
};

const checkCandles = ({ columns, markets, firstBar = 0 }: BacktestInput, strategy: CompiledStrategy): void => {
  const { definition, warmup } = strategy;
  const short = (what: string, found: number, needed: number): DomainError =>
    new DomainError(
      'NotEnoughCandles',
      `'${definition.name}' needs more than ${needed} candles of ${what} to warm up, there are ${found}`,
      { next: 'give a longer period, or shorten what the strategy looks back at', details: { found, needed } },
    );
  if (columns.length <= warmup) throw short(`${definition.symbol} ${definition.interval}`, columns.length, warmup);
  for (const market of strategy.markets) {
    const found = markets?.[market.key]?.length;
    if (found !== undefined && found <= market.warmup) throw short(market.key, found, market.warmup);
  }
  if (Number.isInteger(firstBar) && firstBar >= 0 && firstBar < columns.length) return;
  throw new DomainError('BadInput', `the first bar is ${firstBar}`, {
    next: `give a whole number from 0 to ${columns.length - 1}`,
  });
};

const checkNumbers = ({ capital, feeRates, slippageBps, volumeShare }: BacktestInput): void => {
  const numbers: readonly (readonly [string, number, number, number])[] = [
    ['capital', capital, Number.MIN_VALUE, Number.MAX_VALUE],
    ['maker fee (fraction)', feeRates.maker, 0, 1],
    ['taker fee (fraction)', feeRates.taker, 0, 1],
    ['slippage (basis points)', slippageBps, 0, 9_999],
    ['volume share (fraction)', volumeShare ?? 1, Number.MIN_VALUE, 1],
  ];
  for (const [name, value, least, most] of numbers) {
    if (value >= least && value <= most) continue;
    const range =
      least === Number.MIN_VALUE ? `above 0${most === 1 ? ' and up to 1' : ''}` : `from ${least} to ${most}`;
    throw new DomainError('BadInput', `${name} is ${value}`, { next: `give a number ${range}` });
  }
};
