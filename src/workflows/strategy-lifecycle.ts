import {
  allHandlersFinished,
  condition,
  continueAsNew,
  currentUpdateInfo,
  setCurrentDetails,
  setHandler,
  upsertSearchAttributes,
  uuid4,
  workflowInfo,
} from '@temporalio/workflow';
import {
  approveUpdate,
  archiveUpdate,
  backtestUpdate,
  decisionSignal,
  orderFinishedSignal,
  pauseUpdate,
  promoteUpdate,
  resumeUpdate,
  reviseUpdate,
  strategyChangedSignal,
  strategyQuery,
} from '../contracts/messages.ts';
import {
  gateKey,
  generationKey,
  intervalKey,
  statusKey,
  strategyIdKey,
  strategyNameKey,
  symbolKey,
  versionKey,
} from '../contracts/search-attributes.ts';
import { DomainError } from '../domain/errors.ts';
import { database } from './activity-proxies.ts';
import { named, refusal } from './failures.ts';
import { type CarriedState, StrategyState, describeStrategy } from './strategy-state.ts';
import * as steps from './strategy-transitions.ts';

export interface StrategyLifecycleInput {
  readonly strategyId: string;
  readonly carried?: CarriedState;
}

/**
 * One strategy from draft to archived. Updates ask for transitions and are judged one after the other by the table in
 * `domain/lifecycle`; decisions of the market clock become orders.
 */
export async function strategyLifecycle(input: StrategyLifecycleInput): Promise<void> {
  let loaded: StrategyState | null = null;

  const notLoaded = (): Error =>
    refusal(new DomainError('NotFound', `strategy ${input.strategyId} is not loaded`, { next: 'try again' }));
  const ready = async (): Promise<StrategyState> => {
    await condition(() => loaded !== null);
    if (!loaded) throw notLoaded();
    return loaded;
  };

  /** One transition at a time; the next is judged by the state this one leaves. */
  const serially = async <T>(step: (state: StrategyState, requestId: string) => Promise<T>): Promise<T> =>
    await named(async () => {
      const requestId = currentUpdateInfo()?.id ?? uuid4();
      const state = await ready();
      // All who wait wake at once: whoever looks first goes on, the others wait again.
      while (state.busy) await condition(() => !state.busy);
      state.busy = true;
      try {
        return await step(state, requestId);
      } finally {
        state.busy = false;
        publish(state);
      }
    });

  setHandler(strategyQuery, () => {
    const view = loaded?.view() ?? input.carried?.view;
    if (!view) throw notLoaded();
    return view;
  });
  setHandler(backtestUpdate, async (request) => await serially((state, id) => steps.runBacktest(state, request, id)));
  setHandler(promoteUpdate, async (request) => await serially((state, id) => steps.promote(state, request, id)));
  setHandler(approveUpdate, async ({ by }) => await serially((state, id) => steps.approve(state, by, id)));
  setHandler(pauseUpdate, async (request) => await serially((state, id) => steps.pause(state, request, id)));
  setHandler(resumeUpdate, async ({ by }) => await serially((state, id) => steps.resume(state, by, id)));
  setHandler(reviseUpdate, async (request) => await serially((state, id) => steps.revise(state, request, id)));
  setHandler(archiveUpdate, async ({ by }) => await serially((state, id) => steps.archive(state, by, id)));
  setHandler(decisionSignal, async (decision) => {
    (await ready()).enqueue(decision);
  });
  setHandler(orderFinishedSignal, async ({ orderId }) => {
    (await ready()).ordersInFlight.delete(orderId);
  });
  setHandler(
    strategyChangedSignal,
    async () =>
      await serially(async (current) => {
        current.follow(await database.loadStrategy(input.strategyId), Date.now());
      }),
  );

  const state = new StrategyState(await database.loadStrategy(input.strategyId), input.carried);
  loaded = state;
  upsertSearchAttributes([
    { key: strategyIdKey, value: input.strategyId },
    { key: strategyNameKey, value: state.head.name },
    { key: symbolKey, value: state.head.symbol },
    { key: intervalKey, value: state.head.interval },
    { key: generationKey, value: state.head.generation ?? 0 },
  ]);
  publish(state);

  while (state.status !== 'archived') {
    await untilSomethingHappens(state);
    await lapseApproval(state);
    for (let decision = state.takeDecision(); decision; decision = state.takeDecision()) {
      if (state.accepts(decision)) await steps.startOrder(state, decision);
    }
    publish(state);
    if (mayContinueAsNew(state)) {
      await continueAsNew<typeof strategyLifecycle>({ strategyId: input.strategyId, carried: state.carry() });
    }
  }
  await condition(allHandlersFinished);
}

const mayContinueAsNew = (state: StrategyState): boolean =>
  workflowInfo().continueAsNewSuggested && !state.busy && allHandlersFinished();

const untilSomethingHappens = async (state: StrategyState): Promise<void> => {
  const { approval, ordersInFlight } = state;
  const before = ordersInFlight.size;
  const happened = (): boolean =>
    state.hasReadyDecision ||
    state.status === 'archived' ||
    state.approval !== approval ||
    state.ordersInFlight.size < before ||
    mayContinueAsNew(state);
  if (approval) await condition(happened, Math.max(approval.until - Date.now(), 1));
  else await condition(happened);
};

/** An approval that nobody gave in time ends the promotion, and says so. */
const lapseApproval = async (state: StrategyState): Promise<void> => {
  const { approval, head } = state;
  if (!approval || Date.now() < approval.until) return;
  while (state.busy) await condition(() => !state.busy);
  if (state.approval !== approval) return;
  state.approval = null;
  await database.raiseAlert({
    type: 'approval_lapsed',
    severity: 'warning',
    title: `${head.name}: nobody approved the promotion to active in time`,
    message: `Asked by ${approval.requestedBy}, waited until ${new Date(approval.until).toISOString()}. It stays ${state.status}; ask again when ready.`,
    entityType: 'strategy',
    entityId: head.strategyId,
    dedupeKey: `approval_lapsed/${head.strategyId}/${approval.until}`,
  });
};

/** Shows where it stands; the search attributes, which cost an event, only when they change. */
const publish = (state: StrategyState): void => {
  setCurrentDetails(describeStrategy(state));
  const gate = state.lastGate ? `${state.lastGate.gate}: ${state.lastGate.pass ? 'passed' : 'not met'}` : null;
  const shown = `${state.status}/${state.version}/${gate}`;
  if (shown === state.published) return;
  state.published = shown;
  upsertSearchAttributes([
    { key: statusKey, value: state.status },
    { key: versionKey, value: state.version },
    ...(gate === null ? [] : [{ key: gateKey, value: gate }]),
  ]);
};
