import { setTimeout as sleep } from 'node:timers/promises';

/** Asks until the answer is not null. Whoever asks sets the time limit. */
export const until = async <T>(ask: () => Promise<T | null>, everyMs = 25): Promise<T> => {
  for (;;) {
    const answer = await ask();
    if (answer !== null) return answer;
    await sleep(everyMs);
  }
};
