import type { DatabasePool } from 'slonik';
import { haltByHand, resumeByHand, setPolicy } from '../../src/adapters/postgres/breaker/index.ts';
import type { StoppedState } from '../../src/domain/breaker/policy.ts';
import { DomainError } from '../../src/domain/errors.ts';

const byTest = { environment: 'live', by: 'test', reason: 'chaos' } as const;

/** The breaker moves by the plan alone: no trigger of its own. */
export const prepareBreaker = async (pool: DatabasePool): Promise<void> => {
  const policy = { drawdown: null, lossStreak: null, volatilitySpike: null };
  await setPolicy(pool, { environment: 'live', policy, by: 'test' });
};

/** REDUCING keeps entries out and does nothing more; HALTED cancels what may open something and closes all that is held. */
export const tripBreaker = async (pool: DatabasePool, state: StoppedState): Promise<void> => {
  await setPolicy(pool, { environment: 'live', policy: { manual: { state } }, by: 'test' });
  await haltByHand(pool, { ...byTest, actions: state === 'HALTED' ? ['cancel_orders', 'close_positions'] : [] });
};

/** Ends the event that is open, if any. */
export const resolveBreaker = async (pool: DatabasePool): Promise<void> => {
  try {
    await resumeByHand(pool, byTest);
  } catch (error) {
    if (!(error instanceof DomainError && error.name === 'NotFound')) throw error;
  }
};
