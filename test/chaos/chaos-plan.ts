import { createHash } from 'node:crypto';
import type { TradingState } from '../../src/domain/breaker/policy.ts';
import { createRandom, type RandomSource } from '../../src/domain/random.ts';

/** A fault as the simulator's admin interface takes it. */
export type PlannedFault = Readonly<Record<string, unknown>> & { readonly kind: string };

export type ChaosAction =
  | { readonly do: 'order'; readonly order: number; readonly strategy: number; readonly side: 'BUY' | 'SELL' }
  | { readonly do: 'cancel'; readonly order: number }
  | { readonly do: 'faults'; readonly faults: readonly PlannedFault[] }
  | { readonly do: 'heal' }
  | { readonly do: 'kill'; readonly victim: Victim; readonly downMs: number }
  | { readonly do: 'clock'; readonly ms: number }
  | { readonly do: 'await-servers' }
  | { readonly do: 'breaker'; readonly state: TradingState };

export type Victim = 'worker' | 'temporal' | 'postgres';

/** What a strategy of the run is: at the market, or limit orders `offsetBps` below it for `expireBars` minutes. */
export interface PlannedStrategy {
  readonly quote: number;
  readonly limit: { readonly offsetBps: number; readonly expireBars: number } | null;
  /** A stop and a target that rest at the venue, per cent from the entry. */
  readonly protection: { readonly stopPct: number; readonly targetPct: number } | null;
}

/** All that a run is going to do: a pure function of its seed and its number of orders. */
export interface ChaosPlan {
  readonly seed: number;
  readonly strategies: readonly PlannedStrategy[];
  /** Row ids of the orders, so that a fault can name one before it is sent. */
  readonly orderIds: readonly string[];
  readonly steps: readonly { readonly pauseMs: number; readonly action: ChaosAction }[];
}

const between = (random: RandomSource, low: number, high: number): number => low + random.below(high - low + 1);

const pick = <T>(random: RandomSource, items: readonly T[]): T => {
  const item = items[random.below(items.length)];
  if (item === undefined) throw new RangeError('nothing to pick from');
  return item;
};

const uuid = (random: RandomSource): string => {
  const hex = Array.from({ length: 32 }, () => random.below(16).toString(16)).join('');
  return [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20)].join('-');
};

const post = 'POST /api/v3/order';
const postPair = 'POST /api/v3/orderList/oco';
const signedRoutes = [
  post,
  post,
  postPair,
  'DELETE /api/v3/order',
  'GET /api/v3/order',
  'GET /api/v3/myTrades',
  'GET /api/v3/openOrders',
];

/** Every kind that the simulator knows but `hide`, with the routes and sizes at which it can strike an order. */
const faultsOf: readonly ((random: RandomSource) => PlannedFault)[] = [
  (random) => ({ kind: 'hang', route: pick(random, [post, postPair, 'DELETE /api/v3/order']) }),
  (random) => ({ kind: 'reset', route: pick(random, signedRoutes), times: between(random, 1, 2) }),
  (random) => ({
    kind: 'error',
    route: pick(random, signedRoutes),
    status: pick(random, [500, 502, 503, 504]),
    code: pick(random, [null, -1000, -1006, -1007]),
  }),
  (random) => ({ kind: 'truncate', route: pick(random, signedRoutes) }),
  () => ({ kind: 'reject', route: post, code: -2010, msg: 'Account has insufficient balance for requested action.' }),
  () => ({ kind: 'reject', route: post, code: -1021, msg: 'Timestamp for this request is outside of the recvWindow.' }),
  (random) => ({
    kind: 'delay',
    route: pick(random, signedRoutes),
    ms: between(random, 200, 3_000),
    before: pick(random, ['effect', 'reply']),
  }),
  (random) => ({ kind: 'ban', route: '*', status: pick(random, [418, 429]), ms: between(random, 300, 2_000) }),
  (random) => ({
    kind: 'trades',
    duplicate: random.below(2) === 0,
    shuffle: true,
    seed: between(random, 1, 1_000),
    times: between(random, 1, 5),
  }),
  (random) => ({ kind: 'lag', route: '*', ms: between(random, 1_000, 60_000), times: between(random, 1, 5) }),
  (random) => ({ kind: 'maintenance', times: between(random, 1, 4) }),
  (random) => ({ kind: 'clock-shift', route: post, ms: pick(random, [-20_000, 20_000]), times: 1 }),
];

/** An order is looked for only where its answer was lost: then it does not show for some asks. */
const hiding = (random: RandomSource, clientOrderId: string): readonly PlannedFault[] => [
  { kind: 'hide', clientOrderId, times: between(random, 1, 4) },
  { kind: 'reset', route: post, where: { newClientOrderId: clientOrderId } },
];

const killOf = (random: RandomSource): ChaosAction => ({
  do: 'kill',
  victim: pick(random, ['worker', 'worker', 'worker', 'temporal', 'postgres']),
  downMs: between(random, 0, 1_500),
});

/** What may come between two orders, each by its weight. */
const betweenOrders = (
  random: RandomSource,
  clientIds: readonly string[],
  placed: number,
  breaker: TradingState,
): ChaosAction => {
  if (breaker !== 'ACTIVE' && random.below(2) === 0) return { do: 'breaker', state: 'ACTIVE' };
  const roll = random.below(100);
  const order = random.below(Math.max(placed, 1));
  if (roll < 35) return { do: 'clock', ms: between(random, 1_000, 90_000) };
  if (roll < 70) return { do: 'faults', faults: [pick(random, faultsOf)(random)] };
  if (roll < 75) return { do: 'faults', faults: hiding(random, clientIds[placed] ?? '') };
  if (roll < 90) return { do: 'cancel', order };
  if (roll < 92) return { do: 'heal' };
  return { do: 'breaker', state: breaker === 'ACTIVE' ? 'REDUCING' : 'ACTIVE' };
};

const strategyOf = (random: RandomSource): PlannedStrategy => ({
  quote: between(random, 50, 400),
  limit: random.below(2) === 0 ? null : { offsetBps: between(random, 1, 40), expireBars: between(random, 1, 30) },
  protection:
    random.below(2) === 0 ? null : { stopPct: between(random, 2, 15) / 10, targetPct: between(random, 2, 15) / 10 },
});

/** Each kind of server is killed at least once where there is room for it. */
const forcedKills: readonly Victim[] = ['worker', 'postgres', 'temporal'];

export const planOf = (seed: number, orders: number): ChaosPlan => {
  const random = createRandom(seed);
  const strategies = Array.from({ length: Math.max(3, orders) }, () => strategyOf(random));
  const orderIds = Array.from({ length: orders }, () => uuid(random));
  const clientIds = orderIds.map((id) => id.replaceAll('-', ''));
  const steps: { pauseMs: number; action: ChaosAction }[] = [];
  let breaker: TradingState = 'ACTIVE';
  let stops = 0;
  /** The first stop, the third and so on cancel and close everything; the others only let no entry in. */
  const stopped = (action: ChaosAction): ChaosAction =>
    action.do === 'breaker' && action.state !== 'ACTIVE' && stops++ % 2 === 0
      ? { do: 'breaker', state: 'HALTED' }
      : action;
  const add = (planned: ChaosAction): void => {
    const action = stopped(planned);
    if (action.do === 'breaker') breaker = action.state;
    steps.push({ pauseMs: between(random, 20, 800), action });
  };
  for (let order = 0; order < orders; order += 1) {
    for (let count = between(random, 1, 3); count > 0; count -= 1) {
      add(betweenOrders(random, clientIds, order, breaker));
    }
    // Most orders find their strategy free to buy, or holding what they sell; the rest must be refused.
    const bought = steps.flatMap(({ action }) =>
      action.do === 'order' && action.side === 'BUY' ? [action.strategy] : [],
    );
    const sells = bought.length > 0 && random.below(4) === 0;
    const strategy = sells ? pick(random, bought) : random.below(strategies.length);
    add({ do: 'await-servers' });
    add({ do: 'order', order, strategy, side: sells ? 'SELL' : 'BUY' });
    // A kill comes soon after an order, and the next order once what was killed is back: so most strike one at work.
    const victim = forcedKills[order - Math.floor(orders / 2)];
    if (victim !== undefined) add({ do: 'kill', victim, downMs: between(random, 0, 1_000) });
    else if (random.below(4) === 0) add(killOf(random));
  }
  for (let count = Math.ceil(orders / 4); count > 0; count -= 1) {
    add(betweenOrders(random, clientIds, orders, breaker));
  }
  return { seed, strategies, orderIds, steps };
};

/** Tells whether two runs planned the same. */
export const hashOf = (plan: ChaosPlan): string =>
  createHash('sha256').update(JSON.stringify(plan)).digest('hex').slice(0, 16);
