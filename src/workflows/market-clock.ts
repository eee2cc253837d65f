import {
  allHandlersFinished,
  condition,
  continueAsNew,
  getExternalWorkflowHandle,
  setCurrentDetails,
  setHandler,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { MarketRef } from '../contracts/activities.ts';
import {
  type ClockTick,
  clockQuery,
  decisionSignal,
  orderNewsSignal,
  strategyAttachedSignal,
  tickUpdate,
} from '../contracts/messages.ts';
import { breakerLookSignal } from '../contracts/breaker.ts';
import { intervalKey, symbolKey } from '../contracts/search-attributes.ts';
import { orderWorkflowId, strategyWorkflowId } from '../contracts/workflow-ids.ts';
import { market as marketActivities } from './activity-proxies.ts';
import { named } from './failures.ts';
import { tell } from './tell.ts';

export interface MarketClockInput extends MarketRef {
  /**
   * `wall`: wakes a little after each close. `stepped`: the market is replayed and only `tick` moves it.
   */
  readonly pace: 'wall' | 'stepped';
  /** Open time (epoch ms) of the newest candle an earlier run has handled. */
  readonly lastHandled: number | null;
}

/**
 * One clock per market: each closed candle is handled once, in one activity, for every strategy that trades there.
 * Only strategies with a decision and orders with news are told. It keeps no history: it continues as new.
 */
export async function marketClock(input: MarketClockInput): Promise<void> {
  const { exchange, symbol, interval, pace } = input;
  const state: {
    last: ClockTick | null;
    busy: boolean;
    attached: boolean;
    strategies: number;
    nextCloseInMs: number;
    lastHandled: number | null;
  } = {
    last: null,
    busy: false,
    attached: true,
    strategies: 0,
    nextCloseInMs: 0,
    lastHandled: input.lastHandled,
  };

  const tick = async (): Promise<ClockTick> => {
    // All who wait wake at once: whoever looks first goes on, the others wait again.
    while (state.busy) await condition(() => !state.busy);
    state.busy = true;
    try {
      const { strategies, nextCloseInMs, guards, breakers, ...handled } = await marketActivities.handleClose({
        exchange,
        symbol,
        interval,
        lastHandled: state.lastHandled,
      });
      state.strategies = strategies;
      state.nextCloseInMs = nextCloseInMs;
      state.last = handled;
      state.lastHandled = handled.lastCandle ?? state.lastHandled;
      await Promise.all([
        ...handled.decisions.map((decision) =>
          tell(() =>
            getExternalWorkflowHandle(strategyWorkflowId(decision.strategyId)).signal(decisionSignal, decision),
          ),
        ),
        ...handled.ordersNotified.map((orderId) =>
          tell(() => getExternalWorkflowHandle(orderWorkflowId(orderId)).signal(orderNewsSignal)),
        ),
        ...(guards ?? []).map((guard) => tell(() => getExternalWorkflowHandle(guard).signal(orderNewsSignal))),
        ...(breakers ?? []).map((breaker) => tell(() => getExternalWorkflowHandle(breaker).signal(breakerLookSignal))),
      ]);
      setCurrentDetails(
        `**${symbol} ${interval}** on ${exchange}: last candle ${handled.lastCandle === null ? 'none' : new Date(handled.lastCandle).toISOString()}, ` +
          `${strategies} strategies, ${handled.decisions.length} decisions on it`,
      );
      return handled;
    } finally {
      state.busy = false;
    }
  };

  setHandler(clockQuery, () => state.last);
  setHandler(strategyAttachedSignal, () => {
    state.attached = true;
  });
  setHandler(tickUpdate, async () => await named(tick));
  upsertSearchAttributes([
    { key: symbolKey, value: symbol },
    { key: intervalKey, value: interval },
  ]);

  while (!workflowInfo().continueAsNewSuggested) {
    if (pace === 'stepped') {
      await condition(() => workflowInfo().continueAsNewSuggested);
    } else {
      state.attached = false;
      await tick();
      if (state.strategies > 0) await condition(() => workflowInfo().continueAsNewSuggested, state.nextCloseInMs);
      else await condition(() => state.attached);
    }
  }
  await condition(allHandlersFinished);
  await continueAsNew<typeof marketClock>({ ...input, lastHandled: state.lastHandled });
}
