import { type DatabasePool, sql } from 'slonik';
import { z } from 'zod';
import type { BacktestRun } from '../../src/domain/backtest/backtest-run.ts';
import { entrySide, exitSide } from '../../src/domain/fills/fill-model.ts';

/** A fill by what a backtest and paper must agree on; `executed_at` is the open time (epoch ms) of its bar. */
export interface ComparableFill {
  readonly side: string;
  readonly price: number;
  readonly quantity: number;
  readonly executed_at: number;
}

const paperTrade = z.object({
  side: z.string(),
  price: z.string().transform(Number),
  quantity: z.string().transform(Number),
  executed_at: z.number().transform((at) => at - (at % 60_000)),
});

export const paperFills = async (pool: DatabasePool, strategyId: string): Promise<readonly ComparableFill[]> =>
  await pool.any(sql.type(paperTrade)`
    SELECT side, price, quantity, executed_at FROM trades WHERE strategy_id = ${strategyId} ORDER BY executed_at, side`);

/** The fills of a backtest, what is open at the end included, in the order of `paperFills`. */
export const backtestFills = ({ trades, openPosition }: BacktestRun): readonly ComparableFill[] =>
  [
    ...trades.flatMap(({ side, quantity, ...trade }) => [
      { side: entrySide(side), price: trade.entryPrice, quantity, executed_at: trade.entryTime },
      { side: exitSide(side), price: trade.exitPrice, quantity, executed_at: trade.exitTime },
    ]),
    ...(openPosition
      ? [
          {
            side: entrySide(openPosition.side),
            price: openPosition.entryPrice,
            quantity: openPosition.quantity,
            executed_at: openPosition.entryTime,
          },
        ]
      : []),
  ].sort((a, b) => a.executed_at - b.executed_at || (a.side < b.side ? -1 : 1));
