import { type CommonQueryMethods, type DatabasePool, sql } from 'slonik';
import { z } from 'zod';
import type { BacktestSummary } from '../../contracts/messages.ts';
import { writeAudit } from './audit.ts';
import { claimEffect } from './effects.ts';
import { timestamp } from './pool.ts';
import { jsonb } from './rows.ts';

/** A backtest_results row to be. Decimals fit their columns already; times are epoch ms of candle opens. */
export interface NewBacktest {
  readonly strategyId: string;
  readonly strategyVersion: number;
  readonly requestId: string;
  readonly by: string;
  readonly startDate: number;
  readonly endDate: number;
  readonly columns: Readonly<Record<BacktestColumn, number | null>>;
  readonly monthlyReturns: unknown;
  readonly tradeLog: unknown;
  readonly metadata: Readonly<Record<string, unknown>>;
}

export const backtestColumns = [
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
] as const;
export type BacktestColumn = (typeof backtestColumns)[number];

const number = z
  .union([z.string(), z.number()])
  .nullable()
  .transform((value) => (value === null ? null : Number(value)));
const summaryRow = z
  .object({
    id: z.number(),
    total_trades: z.number().nullable(),
    total_return_pct: number,
    max_drawdown_pct: number,
    win_rate: number,
    sharpe_ratio: number,
    profit_factor: number,
    bars: number,
  })
  .transform((row): BacktestSummary => ({
    backtestId: row.id,
    bars: row.bars ?? 0,
    trades: row.total_trades ?? 0,
    totalReturnPct: row.total_return_pct,
    maxDrawdownPct: row.max_drawdown_pct,
    winRate: row.win_rate,
    sharpe: row.sharpe_ratio,
    profitFactor: row.profit_factor,
  }));

/** The result an earlier attempt of the same request has already written. */
export const findBacktest = async (db: CommonQueryMethods, requestId: string): Promise<BacktestSummary | null> =>
  await db.maybeOne(sql.type(summaryRow)`
    SELECT id, total_trades, total_return_pct, max_drawdown_pct, win_rate, sharpe_ratio, profit_factor, metadata ->> 'bars' AS bars
    FROM backtest_results
    WHERE id = (SELECT (result ->> 'backtestId')::int FROM processed_effects WHERE effect_key = ${`backtest/${requestId}`})`);

/** Writes one result row a request, with its audit row. */
export const insertBacktest = async (pool: DatabasePool, result: NewBacktest): Promise<BacktestSummary> =>
  await pool.transaction(async (tx) => {
    const key = `backtest/${result.requestId}`;
    const isFirst = await claimEffect(tx, key, 'backtest');
    const earlier = isFirst ? null : await findBacktest(tx, result.requestId);
    if (earlier) return earlier;
    const names = sql.join(
      backtestColumns.map((column) => sql.identifier([column])),
      sql.fragment`, `,
    );
    const values = sql.join(
      backtestColumns.map((column) => {
        const value = result.columns[column];
        return value === null ? sql.fragment`NULL` : sql.fragment`${String(value)}::numeric`;
      }),
      sql.fragment`, `,
    );
    const summary = await tx.one(sql.type(summaryRow)`
      INSERT INTO backtest_results (strategy_id, strategy_version, start_date, end_date, ${names}, monthly_returns, trade_log, metadata)
      VALUES (${result.strategyId}, ${result.strategyVersion}, ${timestamp(result.startDate)}, ${timestamp(result.endDate)}, ${values},
              ${jsonb(result.monthlyReturns)}, ${jsonb(result.tradeLog)}, ${jsonb(result.metadata)})
      RETURNING id, total_trades, total_return_pct, max_drawdown_pct, win_rate, sharpe_ratio, profit_factor, metadata ->> 'bars' AS bars`);
    await tx.query(sql.unsafe`
      UPDATE processed_effects SET result = ${jsonb({ backtestId: summary.backtestId })} WHERE effect_key = ${key}`);
    await writeAudit(tx, {
      actor: result.by,
      action: 'backtest_strategy',
      entityType: 'strategy',
      entityId: result.strategyId,
      old: null,
      new: {
        backtest: summary.backtestId,
        version: result.strategyVersion,
        trades: summary.trades,
        return_pct: summary.totalReturnPct,
      },
    });
    return summary;
  });
