import { AsyncLocalStorage } from 'node:async_hooks';
import type { ActivityInboundCallsInterceptor } from '@temporalio/worker';
import type { Store } from '../../src/adapters/postgres/store.ts';
import type { Venue } from '../../src/contracts/venue.ts';
import type { WorkerHooks } from '../../src/worker.ts';
import { readPlan, recordLabel } from './plan.ts';

/** Reads change nothing, so a crash beside one is the crash at the step before. A method not named here is a step. */
const reads: ReadonlySet<string> = new Set([
  'backtests.find',
  'balances.read',
  'balances.isOpened',
  'candles.read',
  'candles.columns',
  'candles.latestColumns',
  'candles.lastTime',
  'evidence.backtest',
  'evidence.paper',
  'incidents.opening',
  'incidents.openingEnded',
  'incidents.closing',
  'incidents.attempts',
  'incidents.held',
  'orders.assertMayGo',
  'orders.find',
  'orders.load',
  'orders.findByClientId',
  'orders.working',
  'orders.unfinishedOf',
  'orders.endedSince',
  'positions.of',
  'positions.standingsOn',
  'protection.held',
  'protection.orders',
  'protection.count',
  'protection.isLeaving',
  'protection.ofList',
  // What requests have taken of the account's limits: no part of any order, and written when others have used them up.
  'rateLimits.read',
  'rateLimits.write',
  'strategies.load',
  'strategies.trading',
  'newestCandle',
]);
const venueReads: ReadonlySet<string> = new Set(['now', 'market', 'feeRates']);

type Step = (label: string) => void;
type Method = (...args: unknown[]) => unknown;

/** Counts the steps of the plan's run, writes them down where it says so, and ends this process at the planned one. */
const createStep = (planFile: string): Step => {
  let run = '';
  let counts = new Map<string, number>();
  return (label) => {
    const plan = readPlan(planFile);
    if (plan.run !== run) [run, counts] = [plan.run, new Map<string, number>()];
    const nth = (counts.get(label) ?? 0) + 1;
    counts.set(label, nth);
    if (plan.record) recordLabel(planFile, label);
    if (plan.crash?.label === label && plan.crash.nth === nth) process.kill(process.pid, 'SIGKILL');
  };
};

/** Which activity a step belongs to: two that run at once are counted apart. */
const activities = new AsyncLocalStorage<string>();

const around =
  (step: Step, name: string, method: Method): Method =>
  async (...args) => {
    const label = `${activities.getStore() ?? 'worker'}: ${name}`;
    step(`${label} before`);
    try {
      return await method(...args);
    } finally {
      step(`${label} after`);
    }
  };

const wrapMethods = <T extends object>(
  port: T,
  step: Step,
  skipped: ReadonlySet<string>,
  prefix: string,
  path = '',
): T =>
  Object.fromEntries(
    Object.entries(port).map(([name, value]: [string, unknown]) => {
      const full = path === '' ? name : `${path}.${name}`;
      if (typeof value === 'function') {
        return [name, skipped.has(full) ? value : around(step, `${prefix}.${full}`, value as Method)];
      }
      return [
        name,
        value !== null && typeof value === 'object' ? wrapMethods(value, step, skipped, prefix, full) : value,
      ];
    }),
  ) as T;

/** Requests that change something at the venue, one by one: a call of the venue's port may send several. */
const wrapFetch = (step: Step): void => {
  const { fetch } = globalThis;
  globalThis.fetch = async (input, init) => {
    const method = init?.method ?? 'GET';
    if (method === 'GET') return await fetch(input, init);
    const { pathname } = new URL(input instanceof Request ? input.url : input);
    const label = `${activities.getStore() ?? 'worker'}: ${method} ${pathname}`;
    step(`${label} before`);
    const response = await fetch(input, init);
    step(`${label} after`);
    return response;
  };
};

/** What makes every step of a worker a point where the plan may kill it. */
export const crashHooks = (planFile: string): WorkerHooks => {
  const step = createStep(planFile);
  wrapFetch(step);
  const wrapped = new Map<Venue, Venue>();
  return {
    wrapStore: (store) => wrapMethods<Store>(store, step, reads, 'store'),
    wrapVenue: (venue) => {
      const known = wrapped.get(venue) ?? wrapMethods<Venue>(venue, step, venueReads, 'venue');
      wrapped.set(venue, known);
      return known;
    },
    workerOptions: {
      interceptors: {
        activity: [
          ({ info: { activityType } }) => ({
            inbound: {
              execute: (input, next) =>
                activities.run(activityType, async () => {
                  step(`${activityType}: start`);
                  try {
                    return await next(input);
                  } finally {
                    // The work is done, and Temporal has not heard of it.
                    step(`${activityType}: end`);
                  }
                }),
            } satisfies ActivityInboundCallsInterceptor,
          }),
        ],
      },
      sinks: {
        crashPoints: { workflowTask: { fn: ({ workflowType }) => step(`${workflowType}: workflow task end`) } },
      },
    },
  };
};
