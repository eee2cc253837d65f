import type { Config } from '../config.ts';
import { DomainError } from '../domain/errors.ts';
import type { Environment } from '../domain/orders/order.ts';
import { failureOf } from './failure.ts';

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

/** Wakes the breakers of environments. Never throws: what was written stands, whatever becomes of this. */
export const tellBreakers = async (
  config: Pick<Config, 'temporal'>,
  environments: readonly Environment[],
): Promise<Told> => {
  try {
    const { createTradingClient } = await import('./typed-client.ts');
    const trading = await createTradingClient({ config, connectTimeoutMs: connectWithinMs });
    try {
      for (const environment of environments) await trading.look(environment);
      if (await trading.hasWorker()) return { temporal: 'told', note: '' };
      return { temporal: 'no worker', note: 'no worker runs' };
    } finally {
      await trading.close();
    }
  } catch (error) {
    return { temporal: 'unreachable', note: saidBy(error) };
  }
};

const followsBy: Readonly<Record<Told['temporal'], string>> = {
  told: '',
  'no worker': 'as soon as a worker runs',
  unreachable: 'once Temporal and a worker are back, within 15 minutes of that',
};

/** When what was not told follows, as a sentence; empty where it was told. @param what follows, with its verb */
export const followsText = ({ temporal, note }: Told, what: string): string =>
  temporal === 'told' ? '' : `${note}: ${what} ${followsBy[temporal]}`;
