import { existsSync, readFileSync } from 'node:fs';
import { homedir, hostname } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { z } from 'zod';
import { taskQueues } from './contracts/task-queues.ts';
import { DomainError } from './domain/errors.ts';
import type { OrderCaps } from './domain/orders/caps.ts';
import { stateFolder } from './stack/folders.ts';
import { layoutOf } from './stack/layout.ts';
import { isAlive } from './stack/process-identity.ts';

/** A venue of ours: the embedded simulator, or an exchange by its ccxt id. */
export type VenueId = string;

export interface Credentials {
  readonly apiKey: string;
  readonly apiSecret: string;
}

/** What `Connection.connect` and `NativeConnection.connect` both take. */
export interface TemporalConnection {
  readonly address: string;
  readonly tls?: boolean | object;
  readonly apiKey?: string;
  readonly metadata?: Record<string, string>;
}

/** Everything the environment decides, read once. Secrets are not enumerable: neither logs nor JSON show them. */
export interface Config {
  /** The folder that holds the embedded stack's state. */
  readonly home: string;
  /** postgres:// address; null where neither the environment nor a running stack names one. */
  readonly databaseUrl: string | null;
  readonly temporal: {
    readonly address: string | null;
    readonly namespace: string;
    /** TLS, API key and metadata as Temporal's own variables or profile give them. Not enumerable. */
    readonly connection: TemporalConnection | null;
    readonly uiUrl: string | null;
  };
  readonly simulator: (Credentials & { readonly url: string }) | null;
  readonly marketData: { readonly exchange: VenueId };
  /** Whether market time is the wall clock's, or stepped by whoever replays a market. */
  readonly clock: 'wall' | 'stepped';
  readonly live: {
    readonly enabled: boolean;
    readonly venue: VenueId;
    /** The exchange's own test network. */
    readonly sandbox: boolean;
    /** The live venue's key; null where the environment has none. Not enumerable. */
    readonly credentials: Credentials | null;
  };
  readonly paper: {
    /** Opening balance in the quote of each market that is traded, decimal text. */
    readonly capital: string;
    /** Per side, per cent of the notional. */
    readonly feePct: number;
    /** What a fee is paid in: always quote, or for an entry that buys what it receives. */
    readonly feeIn: 'quote' | 'received';
    readonly slippageBps: number;
    /** What one order takes of a candle's volume at most, per cent; null: no limit. */
    readonly volumeLimitPct: number | null;
    /** What a short pays for what it borrows: per cent a day of what it was sold for. */
    readonly borrowPct: number;
  };
  readonly orders: {
    /** How long an ambiguous order is asked about, in venue time. */
    readonly horizonMs: number;
    readonly watchIntervalMs: number;
    /** How long a live position may be without its protection at the venue before a person is told. */
    readonly unprotectedLimitMs: number;
    /** What is refused for being too many or too much; null: no such cap. */
    readonly caps: OrderCaps;
  };
  readonly reconciliation: {
    /** How often an account is compared with its venue, wall time; null: never, not at start-up either. */
    readonly everyMs: number | null;
  };
  readonly snapshots: {
    /** How often balances and risk figures are written down, wall time; null: never by itself. */
    readonly everyMs: number | null;
  };
  readonly worker: {
    readonly identity: string;
    /** The queues this worker polls; null: all. */
    readonly taskQueues: readonly string[] | null;
    /** A workflow bundle built before; null: bundled at start. */
    readonly workflowBundlePath: string | null;
  };
  readonly log: { readonly level: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent' };
}

const httpUrl = z.url({ protocol: /^https?$/, error: 'must be an http:// or https:// address' });
const decimalText = z.string().regex(/^\d+(\.\d+)?$/, 'must be a decimal number that is not negative');
const number = (least: number): z.ZodCoercedNumber => z.coerce.number('must be a number').min(least);
const exchangeId = z.string().regex(/^[a-z][a-z0-9]*$/, "must be 'simulator' or a ccxt exchange id such as binance");
const onOff = z.enum(['on', 'off']).transform((value) => value === 'on');

const queueNames = Object.values(taskQueues);
const queueList = z
  .string()
  .transform((text) => text.split(',').map((queue) => queue.trim()))
  .refine((queues) => queues.every((queue) => queueNames.some((name) => name === queue)), {
    error: `must be some of ${queueNames.join(',')}`,
  });

/** Every variable of ours, with what it may hold. docs/cli.md documents each. */
export const environmentSchema = z.object({
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/, error: 'must be a postgres:// address' }).optional(),
  MASTERTRADE_HOME: z.string().optional(),
  MASTERTRADE_TEMPORAL_ADDRESS: z
    .string()
    .regex(/^[^\s:/]+:\d+$/, 'must be host:port')
    .optional(),
  MASTERTRADE_SIMULATOR_URL: httpUrl.optional(),
  MASTERTRADE_SIMULATOR_API_KEY: z.string().optional(),
  MASTERTRADE_SIMULATOR_API_SECRET: z.string().optional(),
  MASTERTRADE_EXCHANGE: exchangeId.default('simulator'),
  MASTERTRADE_CLOCK: z.enum(['wall', 'stepped']).default('wall'),
  MASTERTRADE_LIVE: onOff.optional(),
  MASTERTRADE_LIVE_VENUE: exchangeId.optional(),
  MASTERTRADE_SANDBOX: onOff.default(false),
  MASTERTRADE_API_KEY: z.string().optional(),
  MASTERTRADE_API_SECRET: z.string().optional(),
  MASTERTRADE_PAPER_CAPITAL: decimalText.default('10000'),
  MASTERTRADE_PAPER_FEE_PCT: number(0).max(100).default(0.1),
  MASTERTRADE_PAPER_FEE_IN: z.enum(['quote', 'received']).default('quote'),
  MASTERTRADE_PAPER_SLIPPAGE_BPS: number(0).max(10_000).default(0),
  MASTERTRADE_PAPER_VOLUME_LIMIT_PCT: number(0).positive().max(100).optional(),
  MASTERTRADE_PAPER_BORROW_PCT: number(0).max(100).default(0),
  MASTERTRADE_ORDER_HORIZON_MS: number(1).int().default(600_000),
  MASTERTRADE_ORDER_WATCH_MS: number(10).int().default(5_000),
  MASTERTRADE_UNPROTECTED_LIMIT_MS: number(0).int().default(30_000),
  MASTERTRADE_MAX_OPEN_ORDERS: number(1).int().default(1_000),
  MASTERTRADE_MAX_SYMBOL_EXPOSURE_PCT: number(0).optional(),
  MASTERTRADE_MAX_STRATEGY_EXPOSURE_PCT: number(0).optional(),
  MASTERTRADE_MAX_EXPOSURE_PCT: number(0).optional(),
  MASTERTRADE_RECONCILE_MS: z
    .union([z.literal('0'), z.coerce.number().int().min(10_000)], '0 or a whole number of at least 10000')
    .default(300_000),
  MASTERTRADE_SNAPSHOT_MS: z
    .union([z.literal('0'), z.coerce.number().int().min(10_000)], '0 or a whole number of at least 10000')
    .default(3_600_000),
  MASTERTRADE_WORKER_IDENTITY: z.string().optional(),
  MASTERTRADE_TASK_QUEUES: queueList.optional(),
  MASTERTRADE_WORKFLOW_BUNDLE: z.string().optional(),
  MASTERTRADE_LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
});

export type Environment = Readonly<Record<string, string | undefined>>;
type Variables = z.infer<typeof environmentSchema>;

/** What a running stack writes down for the commands beside it. */
const stackSchema = z.object({
  databaseUrl: z.string().nullish(),
  temporal: z.object({ address: z.string(), uiUrl: z.string().nullish() }).nullish(),
  simulator: z.object({ url: z.string(), apiKey: z.string(), apiSecret: z.string() }).nullish(),
});
const lockSchema = z.object({ pid: z.number(), startedAt: z.string() });
type StackAddresses = z.infer<typeof stackSchema>;

const present = (env: Environment): Record<string, string> =>
  Object.fromEntries(
    Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== ''),
  );

const parseVariables = (env: Record<string, string>): Variables => {
  const parsed = environmentSchema.safeParse(env);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const variable = String(issue?.path[0]);
  throw new DomainError('BadInput', `the environment variable ${variable} is not usable: ${issue?.message}`, {
    next: `correct or unset ${variable}; docs/cli.md lists what each variable may hold`,
    details: { variable },
  });
};

/** What the stack on this state folder left there; nothing where its supervisor is dead: the file outlives a kill. */
const readStack = (home: string): StackAddresses => {
  const { stackFile, lockFile } = layoutOf(home);
  if (!existsSync(stackFile)) return {};
  try {
    const supervisor = lockSchema.parse(JSON.parse(readFileSync(lockFile, 'utf8')));
    return isAlive(supervisor) ? stackSchema.parse(JSON.parse(readFileSync(stackFile, 'utf8'))) : {};
  } catch (cause) {
    if (!existsSync(lockFile)) return {};
    throw new DomainError('BadInput', `${stackFile}, in which a running stack leaves its addresses, cannot be read`, {
      next: 'run mastertrade down and mastertrade up, or set MASTERTRADE_HOME to another folder',
      cause,
    });
  }
};

const temporalConfigured = (env: Record<string, string>): boolean =>
  Object.keys(env).some((name) => name.startsWith('TEMPORAL_')) ||
  ['.config/temporalio/temporal.toml', 'Library/Application Support/temporalio/temporal.toml'].some((path) =>
    existsSync(join(env['HOME'] ?? homedir(), path)),
  );

const loadTemporal = (env: Record<string, string>, own: string | undefined, stack: StackAddresses) => {
  if (own !== undefined) return { namespace: 'default', connection: { address: own }, uiUrl: null };
  if (temporalConfigured(env)) {
    try {
      const { connectionOptions, namespace } = loadClientConnectConfig({ overrideEnvVars: env });
      const { address, ...others } = connectionOptions as Partial<TemporalConnection>;
      const used = address ?? stack.temporal?.address;
      return {
        namespace: namespace ?? 'default',
        connection: used === undefined ? null : { address: used, ...others },
        uiUrl: null,
      };
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new DomainError('BadInput', `Temporal's own variables (TEMPORAL_*) or profile are not usable: ${reason}`, {
        next: 'correct the TEMPORAL_* variables or the profile file, or unset them to use the embedded server',
        cause,
      });
    }
  }
  const address = stack.temporal?.address;
  return {
    namespace: 'default',
    connection: address === undefined ? null : { address },
    uiUrl: stack.temporal?.uiUrl ?? null,
  };
};

const pair = (apiKey: string | undefined, apiSecret: string | undefined): Credentials | null =>
  apiKey === undefined || apiSecret === undefined ? null : hiding({}, { apiKey, apiSecret });

/** Adds properties that can be read by name and are listed by nothing: no log, no JSON, no spread. */
const hiding = <Shown extends object, Hidden extends object>(shown: Shown, hidden: Hidden): Shown & Hidden => {
  const all = { ...shown };
  for (const name of Reflect.ownKeys(hidden) as (keyof Hidden)[]) {
    Object.defineProperty(all, name, { value: hidden[name], enumerable: false });
  }
  return all as Shown & Hidden;
};

const loadSimulator = (vars: Variables, stack: StackAddresses): Config['simulator'] => {
  const url = vars.MASTERTRADE_SIMULATOR_URL;
  const apiKey = vars.MASTERTRADE_SIMULATOR_API_KEY;
  const apiSecret = vars.MASTERTRADE_SIMULATOR_API_SECRET;
  if (url === undefined) {
    const { simulator } = stack;
    if (!simulator) return null;
    return hiding({ url: simulator.url }, { apiKey: simulator.apiKey, apiSecret: simulator.apiSecret });
  }
  if (apiKey !== undefined && apiSecret !== undefined) return hiding({ url }, { apiKey, apiSecret });
  const missing = apiKey === undefined ? 'MASTERTRADE_SIMULATOR_API_KEY' : 'MASTERTRADE_SIMULATOR_API_SECRET';
  throw new DomainError('BadInput', `MASTERTRADE_SIMULATOR_URL is set and ${missing} is not`, {
    next: `set ${missing} to the key the simulator was started with`,
    details: { variable: missing },
  });
};

const maskUrl = (url: string | null): string | null => url?.replace(/(\/\/[^:/@]+):[^@]*@/, '$1:***@') ?? null;

/**
 * Reads the environment, once: what is set there comes first, then what a running stack left in `<home>/stack.json`,
 * then the defaults. `overrides` are variables by name, ahead of the environment's; `''` unsets one.
 * @throws DomainError BadInput naming the variable that is not usable.
 */
export const loadConfig = (env: Environment = process.env, overrides: Environment = {}): Config => {
  const variables = present({ ...env, ...overrides });
  const vars = parseVariables(variables);
  const home = stateFolder(variables);
  const stack = readStack(home);
  const temporal = loadTemporal(variables, vars.MASTERTRADE_TEMPORAL_ADDRESS, stack);
  const simulator = loadSimulator(vars, stack);
  const venue = vars.MASTERTRADE_LIVE_VENUE ?? vars.MASTERTRADE_EXCHANGE;
  const credentials = venue === 'simulator' ? simulator : pair(vars.MASTERTRADE_API_KEY, vars.MASTERTRADE_API_SECRET);
  const config: Config = {
    home,
    databaseUrl: vars.DATABASE_URL ?? stack.databaseUrl ?? null,
    temporal: hiding(
      { address: temporal.connection?.address ?? null, namespace: temporal.namespace, uiUrl: temporal.uiUrl },
      { connection: temporal.connection },
    ),
    simulator,
    marketData: { exchange: vars.MASTERTRADE_EXCHANGE },
    clock: vars.MASTERTRADE_CLOCK,
    live: hiding(
      { enabled: vars.MASTERTRADE_LIVE ?? venue === 'simulator', venue, sandbox: vars.MASTERTRADE_SANDBOX },
      { credentials },
    ),
    paper: {
      capital: vars.MASTERTRADE_PAPER_CAPITAL,
      feePct: vars.MASTERTRADE_PAPER_FEE_PCT,
      feeIn: vars.MASTERTRADE_PAPER_FEE_IN,
      slippageBps: vars.MASTERTRADE_PAPER_SLIPPAGE_BPS,
      volumeLimitPct: vars.MASTERTRADE_PAPER_VOLUME_LIMIT_PCT ?? null,
      borrowPct: vars.MASTERTRADE_PAPER_BORROW_PCT,
    },
    orders: {
      horizonMs: vars.MASTERTRADE_ORDER_HORIZON_MS,
      watchIntervalMs: vars.MASTERTRADE_ORDER_WATCH_MS,
      unprotectedLimitMs: vars.MASTERTRADE_UNPROTECTED_LIMIT_MS,
      caps: {
        openOrders: vars.MASTERTRADE_MAX_OPEN_ORDERS,
        symbolPct: vars.MASTERTRADE_MAX_SYMBOL_EXPOSURE_PCT ?? null,
        strategyPct: vars.MASTERTRADE_MAX_STRATEGY_EXPOSURE_PCT ?? null,
        totalPct: vars.MASTERTRADE_MAX_EXPOSURE_PCT ?? null,
      },
    },
    reconciliation: {
      everyMs: vars.MASTERTRADE_RECONCILE_MS === '0' ? null : vars.MASTERTRADE_RECONCILE_MS,
    },
    snapshots: {
      everyMs: vars.MASTERTRADE_SNAPSHOT_MS === '0' ? null : vars.MASTERTRADE_SNAPSHOT_MS,
    },
    worker: {
      identity: vars.MASTERTRADE_WORKER_IDENTITY ?? `mastertrade-${process.pid}@${hostname()}`,
      taskQueues: vars.MASTERTRADE_TASK_QUEUES ?? null,
      workflowBundlePath: vars.MASTERTRADE_WORKFLOW_BUNDLE ?? null,
    },
    log: { level: vars.MASTERTRADE_LOG_LEVEL },
  };
  const masked = (): Config => ({ ...config, databaseUrl: maskUrl(config.databaseUrl) });
  return hiding(config, { toJSON: masked, [inspect.custom]: masked });
};
