import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MockActivityEnvironment } from '@temporalio/testing';
import { sql } from 'slonik';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createIncidentActivities } from '../../src/activities/incident-activities.ts';
import { resumeByHand } from '../../src/adapters/postgres/breaker/by-hand.ts';
import { setPolicy, showPolicy } from '../../src/adapters/postgres/breaker/policies.ts';
import { createUser } from '../../src/adapters/postgres/users.ts';
import { type StopRequest, stopTrading } from '../../src/client/emergency.ts';
import { incidentRecord, openIncident } from '../../src/client/incident-record.ts';
import { tellBreakers } from '../../src/client/tell-breaker.ts';
import { createTradingClient } from '../../src/client/typed-client.ts';
import { loadConfig } from '../../src/config.ts';
import type { OrderIntent } from '../../src/contracts/order-intent.ts';
import { DomainError } from '../../src/domain/errors.ts';
import { type CliRun, runCli } from '../client/run-cli.ts';
import { actionsOf, fireEvent, tradingStateOf } from '../support/incidents.ts';
import { createNamespace } from '../support/namespace.ts';
import { type OrderStage, createOrderStage, stageStart, totalsOf, until } from '../support/order-stage.ts';
import { addStrategy, countRows, definitionOf } from '../support/trading.ts';

let stage: OrderStage;
let folder = '';
let nowhere = '';

/** An address at which nothing listens. */
const closedAddress = async (): Promise<string> => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return `127.0.0.1:${port}`;
};

const env = () => ({ ...stage.namespace.env, DATABASE_URL: stage.url });
const cli = (args: readonly string[], over: Readonly<Record<string, string>> = {}): Promise<CliRun> =>
  runCli(args, { env: { ...env(), ...over } });
const answerOf = ({ stdout, stderr }: CliRun): unknown => JSON.parse(stdout === '' ? stderr : stdout);

const held = async (): Promise<OrderIntent> => {
  const intent = await stage.intent(await addStrategy(stage.pool, 'active'));
  await (await stage.start(intent)).result();
  return intent;
};
const resting = async (): Promise<OrderIntent> => {
  const order = { type: 'limit', offset_bps: 1_000, expire_bars: 10_000 } as const;
  const intent = await stage.intent(await addStrategy(stage.pool, 'active', definitionOf({}, { order })));
  await stage.start(intent);
  await until(async () => ((await stage.store.orders.find(intent.orderId))?.status === 'open' ? true : null));
  return intent;
};
const statusAt = async ({ orderId }: OrderIntent): Promise<string | undefined> =>
  (await stage.ledger()).orders.find((order) => order.clientOrderId === orderId.replaceAll('-', ''))?.status;
const carriedOut = (eventId: number): Promise<true> =>
  until(async () => ((await actionsOf(stage.pool, eventId)).every((each) => each.endsWith(' done')) ? true : null));

const stop = async (over: Partial<StopRequest> = {}) =>
  await stopTrading(
    { config: loadConfig(env()), pool: stage.pool },
    { environments: ['live'], by: 'ada', reason: 'the exchange acts up', actions: null, waitMs: 0, ...over },
  );

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mastertrade-emergency-'));
  nowhere = await closedAddress();
  stage = await createOrderStage({ rules: {}, env: { MASTERTRADE_RECONCILE_MS: '0' } });
  await stage.startWorker();
  const account = { environment: 'live', exchange: 'simulator' } as const;
  await stage.store.balances.open(account, totalsOf((await stage.ledger()).balances), stageStart);
  for (const [username, role] of [
    ['ada', 'trader'],
    ['root', 'admin'],
  ] as const)
    await createUser(stage.pool, { username, role, email: `${username}@localhost`, passwordHash: '!' });
});
afterAll(async () => {
  await stage.close();
  await rm(folder, { recursive: true });
});

describe('while neither Temporal nor a worker is there', () => {
  let position: OrderIntent;
  let order: OrderIntent;
  let eventId = 0;

  it('flatten halts, leaves the rest as it is, and says what follows when', async () => {
    position = await held();
    order = await resting();
    await stage.worker().stop();
    const run = await cli(['flatten', '--reason', 'a fire', '--by', 'ada', '--yes', '--json'], {
      TEMPORAL_ADDRESS: nowhere,
    });
    expect(run.code).toBe(0);
    const answer = answerOf(run) as { environments: readonly { eventId: number }[] };
    eventId = answer.environments[0]?.eventId ?? 0;
    expect(answer).toMatchObject({
      complete: false,
      told: { temporal: 'unreachable', note: expect.stringContaining(nowhere) },
      environments: [
        {
          environment: 'live',
          before: 'ACTIVE',
          state: 'HALTED',
          reason: 'a fire',
          repeated: false,
          positions: [{ symbol: 'BTCUSDT', outcome: 'open', price: null, note: 'not come to yet' }],
          orders: [{ orderId: order.orderId, atWork: true }],
          left: expect.arrayContaining([
            'pause_trading, cancel_orders, close_positions, notify: not come to yet',
            expect.stringMatching(
              /does not answer: .*within 15 minutes of that, or at once if this command is given again/,
            ),
          ]),
        },
        { environment: 'paper', state: 'HALTED', positions: [], orders: [] },
      ],
    });
    expect(await tradingStateOf(stage.pool, 'live')).toBe('HALTED');
    expect([await statusAt(position), await statusAt(order)]).toEqual(['FILLED', 'NEW']);
  });

  it('asking again is the same event, and says so', async () => {
    const { environments } = await stop({ actions: ['cancel_orders'] });
    expect(environments).toMatchObject([{ eventId, before: 'HALTED', repeated: true, added: [] }]);
    expect(await countRows(stage.pool, 'circuit_breaker_events', sql.fragment`environment = 'live'`)).toBe(1);
  });

  it('a server without a worker has heard of it, and that is said too', async () => {
    const empty = await createNamespace();
    try {
      expect(await tellBreakers(loadConfig(empty.env), ['live'])).toEqual({
        temporal: 'no worker',
        note: 'no worker runs',
      });
    } finally {
      await empty.close();
    }
  });

  it('the worker that comes back carries it out', async () => {
    await stage.startWorker();
    await carriedOut(eventId);
    expect(await statusAt(order)).toBe('CANCELED');
    expect(await stage.store.positions.of(position.strategyId)).toEqual([]);
  });

  it('which can be looked at, and told again at what price', async () => {
    const [shown, again] = await Promise.all([
      cli(['breaker', 'show', String(eventId), '--json']),
      cli(['flatten', '--environment', 'live', '--reason', 'to be sure', '--by', 'ada', '--yes']),
    ]);
    expect(answerOf(shown)).toMatchObject({
      eventId,
      trigger: 'manual',
      workflowId: `circuit-breaker/live/manual/${eventId}`,
      orders: [{ strategyId: position.strategyId, side: 'SELL', status: 'filled', averageFillPrice: '100' }],
      waitsFor: expect.arrayContaining(['a person: mastertrade resume --environment live']),
      audit: expect.arrayContaining([
        expect.objectContaining({ action: 'trip_breaker', actor: 'ada' }),
        expect.objectContaining({ action: 'breaker_action' }),
      ]),
    });
    expect(again.stdout).toMatch(/BTCUSDT +│ LONG +│ closed +│ 100 /);
    expect(again.stdout).toContain('0 orders still at work, 0 positions open');
    expect(again.stdout).toContain('All of it is done.');
  });

  it('resume ends what was stopped by hand, once', async () => {
    expect(answerOf(await cli(['resume', '--by', 'ada', '--json']))).toMatchObject({
      environments: [
        { environment: 'live', eventId, state: 'ACTIVE', stoppedBy: [] },
        { environment: 'paper', state: 'ACTIVE' },
      ],
      refused: [],
    });
    const again = resumeByHand(stage.pool, { environment: 'live', by: 'ada', reason: 'again' });
    await expect(again).rejects.toMatchObject({ name: 'NotFound' });
  });
});

describe('while the exchange fails', () => {
  it('halt is in force at once, says what waits and why, and finishes when the exchange is back', async () => {
    const order = await resting();
    await stage.fault({ kind: 'error', route: '*', status: 503, times: null });
    const eventId = (await stop()).environments[0]?.eventId ?? 0;
    expect(await tradingStateOf(stage.pool, 'live')).toBe('HALTED');
    await until(async () => ((await actionsOf(stage.pool, eventId)).includes('cancel_orders waiting') ? true : null));
    const { told, environments } = await stop();
    const [live] = environments;
    expect(told).toEqual({ temporal: 'told', note: '' });
    expect(live).toMatchObject({
      state: 'HALTED',
      complete: false,
      orders: [{ orderId: order.orderId, atWork: true }],
    });
    expect(live?.left).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^cancel_orders: .*1 left: BUY BTCUSDT/),
        expect.stringContaining(`it goes on by itself: \`mastertrade breaker show ${eventId}\``),
      ]),
    );
    await stage.clearFaults();
    await carriedOut(live?.eventId ?? 0);
    expect(await statusAt(order)).toBe('CANCELED');
  });
});

describe('where another incident is open as well', () => {
  let drawdown = 0;

  it('resume ends the halt by hand, and says loudly what goes on stopping it', async () => {
    drawdown = await fireEvent(stage.pool, {
      environment: 'live',
      actions: [],
      coolDownUntil: Date.UTC(2100, 0, 1),
      marketTime: stageStart,
    });
    const { code, stdout } = await cli(['resume', '--environment', 'live', '--by', 'ada']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Event \d+ \(by hand, live\) has ended\./);
    expect(stdout).toContain('live STAYS HALTED:');
    expect(stdout).toContain('until 2100-01-01T00:00:00Z in market time');
    expect(stdout).toContain(`mastertrade breaker resolve ${drawdown} --by ADMIN --reason TEXT --early`);
  });

  it('it is ended by an admin alone before its time, and once', async () => {
    const event = { eventId: drawdown, environment: 'live', trigger: 'drawdown' } as const;
    const reason = 'it was a glitch';
    const trading = await createTradingClient({ config: loadConfig(env()) });
    const refused = await Promise.allSettled([
      trading.resolveIncident(event, { by: 'root', reason, early: false }),
      trading.resolveIncident(event, { by: 'ada', reason, early: true }),
    ]);
    expect(refused).toMatchObject([{ reason: { name: 'CoolDownRunning' } }, { reason: { name: 'NotAuthorized' } }]);
    const resolve = ['breaker', 'resolve', String(drawdown), '--reason', reason, '--by', 'root', '--early', '--json'];
    expect(answerOf(await cli(resolve))).toMatchObject({ eventId: drawdown, state: 'ACTIVE' });
    await expect(openIncident(stage.pool, drawdown)).rejects.toMatchObject({ name: 'IllegalTransition' });
    const late = trading.resolveIncident(event, { by: 'root', reason, early: true });
    await expect(late).rejects.toMatchObject({ name: 'IllegalTransition' });
    await trading.close();
    expect(answerOf(await cli(['breaker', 'show', '--environment', 'live', '--json']))).toMatchObject({
      environments: [{ environment: 'live', state: 'ACTIVE', open: [] }],
      last: [{ eventId: drawdown, trigger: 'drawdown' }, { trigger: 'manual' }, { trigger: 'manual' }],
    });
  });

  it('an event that is not there is named', async () => {
    await expect(incidentRecord(stage.pool, 4_711)).rejects.toMatchObject({ name: 'NotFound' });
  });
});

it('a policy is changed by what a file says, and says who has changed it', async () => {
  const file = join(folder, 'policy.json');
  await writeFile(file, JSON.stringify({ drawdown: { threshold: 15 } }));
  const args = ['--environment', 'live', '--set', file, '--by', 'root', '--json'];
  expect(answerOf(await cli(['breaker', 'policy', ...args]))).toMatchObject([
    { environment: 'live', updatedBy: 'root', policy: { drawdown: { threshold: 15, coolDownHours: 24 } } },
  ]);
  const stored = await showPolicy(stage.pool, 'live');
  await expect(
    setPolicy(stage.pool, { environment: 'live', policy: { drawdown: { threshold: 150 } }, by: 'root', source: file }),
  ).rejects.toMatchObject({ name: 'BadPolicy', message: expect.stringContaining('drawdown.threshold') });
  expect(await showPolicy(stage.pool, 'live')).toEqual(stored);
});

it('an account that is switched off and has nothing at work has nothing to be asked of its venue', async () => {
  const actions = ['cancel_orders', 'close_positions'] as const;
  const eventId = await fireEvent(stage.pool, { environment: 'live', actions, coolDownUntil: null });
  const off = new DomainError('LiveTradingDisabled', 'live trading is switched off', { next: 'switch it on' });
  const incidents = createIncidentActivities({
    store: stage.store,
    venueFor: () => Promise.reject(off),
    recvWindowMs: 5_000,
    horizonMs: 20_000,
  });
  const activity = new MockActivityEnvironment();
  await activity.run(() => incidents.cancelOrders(eventId));
  await activity.run(() => incidents.closePositions({ eventId, stranded: [] }));
  expect(await actionsOf(stage.pool, eventId)).toEqual(['cancel_orders done', 'close_positions done']);
});
