import { setTimeout as sleep } from 'node:timers/promises';

/** Asks until the answer is not null. Whoever asks sets the time limit. */
export const until = async <T>(ask: () => Promise<T | null>, everyMs = 25): Promise<T> => {
  for (;;) {
    const answer = await ask();
    if (answer !== null) return answer;
    await sleep(everyMs);
  }
};

/** Tries until it succeeds, or gives null when all is over: the servers that it needs come and go. */
export const persist = async <T>(step: () => Promise<T>, isOver: () => boolean): Promise<T | null> => {
  while (!isOver()) {
    try {
      return await step();
    } catch {
      await sleep(200);
    }
  }
  return null;
};
