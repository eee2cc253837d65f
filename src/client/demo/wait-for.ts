import { setTimeout as sleep } from 'node:timers/promises';
import { DomainError } from '../../domain/errors.ts';

const pollMs = 20;

/**
 * Looks until there is something to see.
 * @param stalled what did not happen, for a person
 * @throws DomainError `ReplayStalled` where it takes longer than `patienceMs`
 */
export const waitFor = async <Value>(
  look: () => Promise<Value | undefined>,
  patienceMs: number,
  stalled: string,
): Promise<Value> => {
  const deadline = Date.now() + patienceMs;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > deadline) {
      throw new DomainError('ReplayStalled', `${stalled} within ${patienceMs / 1000} s`, {
        next: 'run the demo with --keep and look at its workflows in the Temporal Web UI',
      });
    }
    await sleep(pollMs);
  }
};
