import type { Config } from '../config.ts';
import { DomainError } from '../domain/errors.ts';
import { failureOf } from './failure.ts';
import type { TradingClient } from './typed-client.ts';

/** Whether the workflows have heard of a change that the database has already. */
export interface Told {
  /** `told`: a worker carries it out; `no worker`: the server has it, and nobody works; `unreachable`: the server has not. */
  readonly temporal: 'told' | 'no worker' | 'unreachable';
  /** What was found; empty where it was told. */
  readonly note: string;
}

const connectWithinMs = 2_000;

/** What an error says, with what lies behind one that only names what failed. */
const saidBy = (error: unknown): string => {
  const { message } = failureOf(error);
  const cause = error instanceof Error && !(error instanceof DomainError) ? error.cause : undefined;
  return cause === undefined ? message : `${message}: ${failureOf(cause).message}`;
};

/** Tells workflows of what is written already, within seconds. Never throws: that stands, whatever becomes of this. */
export const tellWorkflows = async (
  config: Pick<Config, 'temporal'>,
  tell: (trading: TradingClient) => Promise<void>,
): Promise<Told> => {
  try {
    const { createTradingClient } = await import('./typed-client.ts');
    const trading = await createTradingClient({ config, connectTimeoutMs: connectWithinMs });
    try {
      await tell(trading);
      if (await trading.hasWorker()) return { temporal: 'told', note: '' };
      return { temporal: 'no worker', note: 'no worker runs' };
    } finally {
      await trading.close();
    }
  } catch (error) {
    return { temporal: 'unreachable', note: saidBy(error) };
  }
};
