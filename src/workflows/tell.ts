import { isCancellation } from '@temporalio/workflow';

/** Tells a workflow something that it may no longer be there to hear: then the rows have the facts. */
export const tell = async (send: () => Promise<void>): Promise<void> => {
  try {
    await send();
  } catch (error) {
    if (isCancellation(error)) throw error;
  }
};
