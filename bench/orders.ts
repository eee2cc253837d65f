import { setTimeout as sleep } from 'node:timers/promises';
import { Client, Connection, type WorkflowHandle } from '@temporalio/client';
import { Pool } from 'pg';
import type { DatabasePool } from 'slonik';
import { createDatabasePool } from '../src/adapters/postgres/pool.ts';
import { createStore } from '../src/adapters/postgres/store.ts';
import type { OrderIntent } from '../src/contracts/order-intent.ts';
import { taskQueues } from '../src/contracts/task-queues.ts';
import type { Venue } from '../src/contracts/venue.ts';
import { orderWorkflowId, strategyWorkflowId } from '../src/contracts/workflow-ids.ts';
import type { orderExecution } from '../src/workflows/order-execution.ts';
import type { Stack } from '../src/stack/stack.ts';
import { costOfRun, costText } from '../test/support/history-cost.ts';
import { addStrategies, clientIdOf, entryOf, exchangeOf, filledOf, openAccount } from './support/order-desk.ts';
import { placePlainly, simulatedVenue } from './support/plain-order.ts';
import { withTemporaryFolder } from './support/temporary-folder.ts';
import { startTradingStack } from './support/trading-stack.ts';

/**
 * Orders through an embedded stack of its own: how long from the decision until the venue has taken one, against the same
 * steps written by hand in one process; how many a second are carried to filled; what one costs. See README.md.
 */
const warmUps = 10;
const alone = 60;
const together = 200;
const giveUpMs = 120_000;

const print = (text: string): void => void process.stdout.write(`${text}\n`);

const percentile = (values: readonly number[], share: number): number =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))] ?? NaN;

/** Milliseconds of the orders of one way, and their middle and 95th percentile. */
const show = (name: string, times: readonly number[]): void =>
  print(
    `${name.padEnd(44)} p50 ${percentile(times, 0.5).toFixed(1).padStart(6)} ms   p95 ${percentile(times, 0.95).toFixed(1).padStart(6)} ms`,
  );

interface Desk {
  readonly stack: Stack;
  readonly client: Client;
  readonly pool: DatabasePool;
  readonly plainPool: Pool;
  readonly venue: Venue;
}

/** The strategy that an order reports to has no workflow here: it is told, and not there to hear. */
const start = (client: Client, intent: OrderIntent): Promise<WorkflowHandle<typeof orderExecution>> =>
  client.workflow.start<typeof orderExecution>('orderExecution', {
    workflowId: orderWorkflowId(intent.orderId),
    taskQueue: taskQueues.orchestration,
    workflowIdReusePolicy: 'REJECT_DUPLICATE',
    args: [{ intent, reportTo: strategyWorkflowId(intent.strategyId) }],
  });

interface Timed {
  readonly orderId: string;
  readonly decidedAt: number;
  /** Milliseconds from the decision until all of it is on record. */
  readonly recordedMs: number;
}

const timed = async (intent: OrderIntent, work: (intent: OrderIntent) => Promise<unknown>): Promise<Timed> => {
  const decidedAt = Date.now();
  const started = performance.now();
  await work(intent);
  return { orderId: intent.orderId, decidedAt, recordedMs: performance.now() - started };
};

/** One at a time, each way in turns: both share the machine, its load and its clock. */
const oneByOne = async ({ stack, client, pool, plainPool, venue }: Desk): Promise<number> => {
  const exchange = exchangeOf(stack);
  const strategies = await addStrategies(pool, 2 * (warmUps + alone));
  const runs = { workflow: [] as Timed[], plain: [] as Timed[] };
  const price = await exchange.price();
  const quantity = (10 / Number(price)).toFixed(5);
  for (let n = 0; n < warmUps + alone; n += 1) {
    const [forWorkflow, forPlain] = [strategies[2 * n] ?? '', strategies[2 * n + 1] ?? ''];
    runs.workflow.push(
      await timed(entryOf(forWorkflow, price), async (intent) => {
        const { status, note } = await (await start(client, intent)).result();
        if (status !== 'filled') throw new TypeError(`an order ended ${status}: ${note}`);
      }),
    );
    runs.plain.push(
      await timed(entryOf(forPlain, price), (intent) => placePlainly(plainPool, venue, intent, quantity)),
    );
  }
  const acceptedAt = await exchange.acceptedAt();
  const accepted = (all: readonly Timed[]): number[] =>
    all.slice(warmUps).map(({ orderId, decidedAt }) => (acceptedAt.get(clientIdOf(orderId)) ?? NaN) - decidedAt);
  const [workflow, plain] = [accepted(runs.workflow), accepted(runs.plain)];
  show('orderExecution, decision to accepted', workflow);
  show('by hand in one process, decision to accepted', plain);
  show(
    'orderExecution, decision to its end',
    runs.workflow.slice(warmUps).map(({ recordedMs }) => recordedMs),
  );
  show(
    'by hand, decision to its end',
    runs.plain.slice(warmUps).map(({ recordedMs }) => recordedMs),
  );
  const last = runs.workflow.at(-1);
  if (last) print(`one order: ${costText(await costOfRun(client.workflow.getHandle(orderWorkflowId(last.orderId))))}`);
  return percentile(workflow, 0.5) / percentile(plain, 0.5);
};

/** All decided at once, each by a strategy of its own, until every row says filled. */
const atOnce = async ({ stack, client, pool }: Desk): Promise<void> => {
  const strategies = await addStrategies(pool, together);
  const price = await exchangeOf(stack).price();
  const intents = strategies.map((strategyId) => entryOf(strategyId, price));
  const ids = intents.map(({ orderId }) => orderId);
  const started = performance.now();
  const handles = await Promise.all(intents.map((intent) => start(client, intent)));
  const startedSeconds = (performance.now() - started) / 1000;
  let filled = 0;
  while (filled < together) {
    if (performance.now() - started > giveUpMs) break;
    await sleep(50);
    filled = await filledOf(pool, ids);
  }
  const seconds = (performance.now() - started) / 1000;
  const ends = new Map<string, number>();
  if (filled === together) {
    for (const handle of handles) {
      const { status } = await handle.result();
      ends.set(status, (ends.get(status) ?? 0) + 1);
    }
  }
  const said = [...ends].map(([status, count]) => `${count} ${status}`).join(', ');
  print(
    `${together} orders at once: started in ${startedSeconds.toFixed(1)} s, ${filled} filled in ${seconds.toFixed(1)} s (${said}): ` +
      `${(filled / seconds).toFixed(1)} orders/s`,
  );
  if (ends.get('filled') !== together) process.exitCode = 1;
};

const withDesk = async (home: string, work: (desk: Desk) => Promise<void>): Promise<void> => {
  const stack = await startTradingStack(home);
  const { databaseUrl, temporal, simulator } = stack.addresses;
  try {
    if (databaseUrl === null || !temporal || !simulator) throw new TypeError('the stack is not all embedded');
    const connection = await Connection.connect({ address: temporal.address });
    const pool = await createDatabasePool(databaseUrl, { max: 2 });
    const plainPool = new Pool({ connectionString: databaseUrl });
    await openAccount(createStore(pool), '10000');
    const venue = await simulatedVenue(simulator);
    await work({ stack, client: new Client({ connection }), pool, plainPool, venue });
    await plainPool.end();
    await pool.end();
    await connection.close();
  } finally {
    await stack.stop();
  }
};

await withTemporaryFolder((folder) =>
  withDesk(folder, async (desk) => {
    const ratio = await oneByOne(desk);
    await atOnce(desk);
    print(`ratio orderExecution / by hand, decision to accepted ${ratio.toFixed(2)}`);
  }),
);
