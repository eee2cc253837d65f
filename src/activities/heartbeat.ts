import { Context } from '@temporalio/activity';

const beatMs = 1_000;

/** Runs a step that may wait on a venue while telling the server that this worker is alive. */
export const heartbeating = async <T>(step: () => Promise<T>, details?: () => unknown): Promise<T> => {
  const context = Context.current();
  const timer = setInterval(() => context.heartbeat(details?.()), beatMs);
  try {
    return await step();
  } finally {
    clearInterval(timer);
  }
};
