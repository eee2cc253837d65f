import { expect } from 'vitest';
import type { BacktestRun, TradeExit, TradeRecord } from '../../../src/domain/backtest/backtest-run.ts';
import { runBacktest } from '../../../src/domain/backtest/engine.ts';
import { text } from '../../../src/domain/decimal.ts';
import { paperPrice } from '../../../src/domain/fills/paper-bar.ts';
import type { Candle, CandleColumns } from '../../../src/domain/market/candle.ts';
import { candlesToColumns } from '../../../src/domain/market/columns.ts';
import { tradeOnPaper } from './paper-desk.ts';
import type { DeskFill, DeskInput, DeskTrade } from './paper-desk.ts';

/** Columns as the rows of decimal text that a database keeps. */
export const rowsOf = ({ length, time, open, high, low, close, volume }: CandleColumns): readonly Candle[] =>
  Array.from({ length }, (_, bar) => ({
    time: time[bar]!,
    open: String(open[bar]),
    high: String(high[bar]),
    low: String(low[bar]),
    close: String(close[bar]),
    volume: String(volume[bar]),
  }));

/** Half a unit of the eighth digit, to which a commission is rounded, and what float64 adds. */
const feeError = 5.1e-9;

const decimals = (stepSize: string): number => stepSize.split('.')[1]?.length ?? 0;

/** The engine's numbers as decimal text: prices with 8 digits, quantities with those of the step. */
const fillText = (fill: { time: number; price: number; quantity: number }, digits: number): DeskFill => ({
  time: fill.time,
  price: text(paperPrice(fill.price)),
  quantity: fill.quantity.toFixed(digits),
});

const engineTrade = ({ entryTime, entryPrice, quantity, exits }: TradeRecord, digits: number) => ({
  entry: fillText({ time: entryTime, price: entryPrice, quantity }, digits),
  exits: exits.map((exit: TradeExit) => ({ ...fillText(exit, digits), reason: exit.reason })),
});

const deskTrade = ({ entry, exits }: DeskTrade, digits: number) => {
  const fill = ({ time, price, quantity }: DeskFill) => ({ time, price, quantity: Number(quantity).toFixed(digits) });
  return { entry: fill(entry), exits: exits.map((exit) => ({ ...fill(exit), reason: exit.reason })) };
};

const expectFee = (paper: string, engine: number): void => {
  expect(Math.abs(Number(paper) - engine)).toBeLessThan(feeError);
};

/**
 * Runs a strategy as a backtest and by orders on paper, and holds every closed trade of the one against the other: candle, reason and price
 * exactly, quantity to the step, fees to the digit a commission has; and what is still held at the end. Gives the run.
 */
export const expectParity = (input: DeskInput): BacktestRun => {
  const { candles, ...rest } = input;
  const run = runBacktest({ ...rest, columns: candlesToColumns(candles) });
  const desk = tradeOnPaper(input);
  const digits = decimals(input.filters.stepSize);
  expect(desk.closed.map((trade) => deskTrade(trade, digits))).toEqual(
    run.trades.map((trade) => engineTrade(trade, digits)),
  );
  desk.closed.forEach(({ entry, exits }, at) => {
    const trade = run.trades[at]!;
    expectFee(entry.commission, trade.entryFee);
    exits.forEach(({ commission }, part) => expectFee(commission, trade.exits[part]!.fee));
  });
  expect(desk.held.toFixed(digits)).toBe((run.openPosition?.quantity ?? 0).toFixed(digits));
  return run;
};
