import { z } from 'zod';

const common = {
  /** `POST /api/v3/order`, or `*` for every route. */
  route: z.string().default('*'),
  /** How many requests it meets; null for all until it is cleared. */
  times: z.number().int().positive().nullable().default(1),
  /** Only requests that carry these parameters, e.g. `{"symbol": "BTCUSDT"}`. */
  where: z.record(z.string(), z.string()).default({}),
};
const errorBody = { code: z.number().int(), msg: z.string() };

/** The faults that can be scripted. `hang`, `reset`, `error` and `truncate` strike after the request took effect. */
export const faultSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('hang'), ...common }),
  z.strictObject({ kind: z.literal('reset'), ...common }),
  z.strictObject({
    kind: z.literal('error'),
    ...common,
    status: z.number().int().min(500).max(599).default(503),
    /** Binance's code in a JSON body; null is the HTML page of a gateway. */
    code: z.number().int().nullable().default(null),
  }),
  z.strictObject({ kind: z.literal('truncate'), ...common }),
  z.strictObject({ kind: z.literal('reject'), ...common, ...errorBody, status: z.number().int().default(400) }),
  z.strictObject({
    kind: z.literal('delay'),
    ...common,
    ms: z.number().int().nonnegative(),
    /** Whether the wait comes before the request takes effect or before its reply. */
    before: z.enum(['effect', 'reply']).default('reply'),
  }),
  z.strictObject({
    kind: z.literal('ban'),
    ...common,
    times: z.number().int().positive().nullable().default(null),
    status: z.union([z.literal(418), z.literal(429)]).default(429),
    /** How long it lasts in real time; `Retry-After` says what is left of it, in whole seconds. */
    ms: z.number().int().positive(),
  }),
  z.strictObject({
    kind: z.literal('hide'),
    times: z.number().int().positive().nullable().default(1),
    /** The order that GET /order does not find `times` times; until then the lists leave it out too. */
    clientOrderId: z.string(),
  }),
  z.strictObject({
    kind: z.literal('trades'),
    ...common,
    route: z.string().default('GET /api/v3/myTrades'),
    /** Every trade of the answer twice. */
    duplicate: z.boolean().default(false),
    shuffle: z.boolean().default(false),
    seed: z.int().default(1),
  }),
  z.strictObject({
    kind: z.literal('lag'),
    ...common,
    times: z.number().int().positive().nullable().default(null),
    /** How far the signed GETs it meets are behind what was ordered and filled, in the exchange's time. */
    ms: z.number().int().positive(),
  }),
  z.strictObject({
    kind: z.literal('maintenance'),
    ...common,
    times: z.number().int().positive().nullable().default(null),
  }),
  z.strictObject({ kind: z.literal('clock-shift'), ...common, ms: z.number().int() }),
]);

export type Fault = z.output<typeof faultSchema>;

/** A fault with what is left of it. `until` is wall-clock epoch ms, for bans. */
export type ArmedFault = Fault & { readonly id: number; left: number | null; readonly until: number | null };
export type RequestFault = Exclude<ArmedFault, { kind: 'hide' }>;

/** Not answered with 503 even then: it tells of the maintenance. */
const statusRoute = 'GET /sapi/v1/system/status';

export interface FaultTable {
  add(fault: Fault): number;
  /** Forgets every fault and lets the replies go that a hang holds. */
  clear(): void;
  list(): readonly ArmedFault[];
  /** The first fault, in the order they were added, that strikes this request; one use of it is spent. */
  take(route: string, parameters: URLSearchParams): RequestFault | null;
  /** Spends one use of a `hide` on the order, or says false. */
  takeHidden(clientOrderId: string): boolean;
  isHidden(clientOrderId: string): boolean;
  isUnderMaintenance(): boolean;
  /** Resolves when the faults are cleared. */
  released(): Promise<void>;
  held(): number;
}

const isSpent = (fault: ArmedFault): boolean => fault.left === 0 || (fault.until !== null && fault.until <= Date.now());

const strikes = (fault: ArmedFault, route: string, parameters: URLSearchParams): boolean =>
  fault.kind !== 'hide' &&
  (fault.route === '*' || fault.route === route) &&
  !(fault.kind === 'maintenance' && route === statusRoute) &&
  !(fault.kind === 'lag' && !route.startsWith('GET ')) &&
  Object.entries(fault.where).every(([name, value]) => parameters.get(name) === value);

/** Whole seconds left of a ban, at least one. */
export const secondsLeft = ({ until }: RequestFault): number =>
  Math.max(1, Math.ceil(((until ?? 0) - Date.now()) / 1000));

export const createFaultTable = (): FaultTable => {
  let armed: ArmedFault[] = [];
  let nextId = 1;
  const held = new Set<() => void>();
  const spend = (fault: ArmedFault): void => {
    if (fault.left !== null) fault.left -= 1;
    armed = armed.filter((candidate) => !isSpent(candidate));
  };
  const active = (): ArmedFault[] => (armed = armed.filter((fault) => !isSpent(fault)));
  const hiding = (clientOrderId: string): ArmedFault | undefined =>
    active().find((fault) => fault.kind === 'hide' && fault.clientOrderId === clientOrderId);
  return {
    add(fault) {
      const id = nextId++;
      armed.push({ ...fault, id, left: fault.times, until: fault.kind === 'ban' ? Date.now() + fault.ms : null });
      return id;
    },
    clear() {
      armed = [];
      for (const release of held) release();
      held.clear();
    },
    list: active,
    take(route, parameters) {
      const fault = active().find((candidate) => strikes(candidate, route, parameters));
      if (fault === undefined || fault.kind === 'hide') return null;
      spend(fault);
      return fault;
    },
    takeHidden(clientOrderId) {
      const fault = hiding(clientOrderId);
      if (fault !== undefined) spend(fault);
      return fault !== undefined;
    },
    isHidden: (clientOrderId) => hiding(clientOrderId) !== undefined,
    isUnderMaintenance: () => active().some(({ kind }) => kind === 'maintenance'),
    released: () => new Promise((resolve) => held.add(resolve)),
    held: () => held.size,
  };
};
