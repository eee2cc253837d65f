import {
  condition,
  continueAsNew,
  getExternalWorkflowHandle,
  setCurrentDetails,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import { orderNewsSignal, ordersRestingSignal, venueNewsSignal } from '../contracts/messages.ts';
import { orderWorkflowId } from '../contracts/workflow-ids.ts';
import { venue } from './activity-proxies.ts';
import { tell } from './tell.ts';

/** With nothing resting it looks this often, in case the word of a new order was lost. */
const idleCheck = '5 minutes';

/**
 * One watcher per venue account: polls the venue for all resting orders at once and tells those that changed, so that
 * the cost of resting orders does not grow with their number or age.
 */
export async function orderWatch(input: { venue: string; pollMs: number }): Promise<void> {
  const state = { resting: true, news: false };
  setHandler(ordersRestingSignal, () => {
    state.resting = true;
  });
  setHandler(venueNewsSignal, () => {
    state.news = true;
  });
  while (!workflowInfo().continueAsNewSuggested) {
    state.resting = false;
    state.news = false;
    const { changed, guards, watched } = await venue.pollVenueOrders(input.venue);
    setCurrentDetails(`Watching **${watched}** orders on ${input.venue}`);
    for (const orderId of changed) {
      await tell(() => getExternalWorkflowHandle(orderWorkflowId(orderId)).signal(orderNewsSignal));
    }
    // A history from before guards has none.
    for (const guard of guards ?? []) await tell(() => getExternalWorkflowHandle(guard).signal(orderNewsSignal));
    if (watched > 0 || state.resting) await condition(() => state.news, input.pollMs);
    else await condition(() => state.resting || state.news, idleCheck);
  }
  await continueAsNew<typeof orderWatch>(input);
}
