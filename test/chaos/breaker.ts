import type { DatabasePool } from 'slonik';
import { haltByHand, resumeByHand, setPolicy } from '../../src/adapters/postgres/breaker/index.ts';
import { DomainError } from '../../src/domain/errors.ts';

const byTest = { environment: 'live', by: 'test', reason: 'chaos' } as const;

/** The breaker moves by the plan alone: no trigger of its own, and what it stops are entries. */
export const prepareBreaker = async (pool: DatabasePool): Promise<void> => {
  const policy = { drawdown: null, lossStreak: null, volatilitySpike: null, manual: { state: 'REDUCING' } };
  await setPolicy(pool, { environment: 'live', policy, by: 'test' });
};

export const tripBreaker = async (pool: DatabasePool): Promise<void> => {
  await haltByHand(pool, { ...byTest, actions: [] });
};

/** Ends the event that is open, if any. */
export const resolveBreaker = async (pool: DatabasePool): Promise<void> => {
  try {
    await resumeByHand(pool, byTest);
  } catch (error) {
    if (!(error instanceof DomainError && error.name === 'NotFound')) throw error;
  }
};
