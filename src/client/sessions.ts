import type { DatabasePool } from 'slonik';
import type { Config } from '../config.ts';
import type { StrategyRef, TradingClient } from './typed-client.ts';
import type { CommandContext } from './action.ts';
import { actorOf } from './arguments.ts';

/** Runs `work` with a database pool and closes it. @throws DomainError DatabaseUnreachable */
export const withDatabase = async <T>(config: Config, work: (pool: DatabasePool) => Promise<T>): Promise<T> => {
  const { connectDatabase } = await import('./database.ts');
  const pool = await connectDatabase(config.databaseUrl);
  try {
    return await work(pool);
  } finally {
    await pool.end();
  }
};

/** Runs `work` with a client of the running workflows and closes it. @throws DomainError TemporalUnreachable */
export const withTrading = async <T>(config: Config, work: (trading: TradingClient) => Promise<T>): Promise<T> => {
  const { createTradingClient } = await import('./typed-client.ts');
  const trading = await createTradingClient({ config });
  try {
    return await work(trading);
  } finally {
    await trading.close();
  }
};

/** Options that every command about one strategy takes. */
export interface StrategyOptions extends Readonly<Record<string, unknown>> {
  readonly by?: string;
}

/** A strategy as the workflows and the person know it. */
export type NamedStrategy = Required<StrategyRef>;

/** Finds a strategy by id, start of id, or unique name. @throws DomainError NotFound, DatabaseUnreachable */
export const findStrategy = async (config: Config, reference: string): Promise<NamedStrategy> => {
  const { showStrategy } = await import('../adapters/postgres/strategies.ts');
  const { strategyId, definition } = await withDatabase(config, (pool) => showStrategy(pool, reference));
  return { strategyId, name: definition.name, symbol: definition.symbol, interval: definition.interval };
};

/** Finds a strategy and asks something of its workflow, which is started where it does not run. */
export const askStrategy = async <T>(
  context: CommandContext,
  reference: string | undefined,
  options: StrategyOptions,
  ask: (trading: TradingClient, strategy: NamedStrategy, by: string) => Promise<T>,
): Promise<{ strategy: NamedStrategy; result: T }> => {
  const config = await context.config();
  const strategy = await findStrategy(config, reference ?? '');
  const result = await withTrading(config, (trading) => ask(trading, strategy, actorOf(options.by)));
  return { strategy, result };
};
