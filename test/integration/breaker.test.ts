import { randomUUID } from 'node:crypto';
import { type DatabasePool, sql } from 'slonik';
import { z } from 'zod';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { checkBooks } from '../../src/adapters/postgres/books-check.ts';
import { evaluateBreaker } from '../../src/adapters/postgres/breaker/evaluate.ts';
import { openEvents } from '../../src/adapters/postgres/breaker/events.ts';
import { tradingStateOf } from '../../src/adapters/postgres/breaker/trading-state.ts';
import { createDatabasePool } from '../../src/adapters/postgres/pool.ts';
import { createUser } from '../../src/adapters/postgres/users.ts';
import type { IncidentView } from '../../src/contracts/breaker.ts';
import { strictness } from '../../src/domain/breaker/check-policy.ts';
import { type BreakerTrigger, breakerActions } from '../../src/domain/breaker/policy.ts';
import { createRandom } from '../../src/domain/random.ts';
import type { OrderKind } from '../../src/domain/orders/order.ts';
import { type TradingDatabase, addStrategy, countRows, createTradingDatabase, newOrder } from '../support/trading.ts';

const live = 'live';
const account = { environment: live, exchange: 'simulator' } as const;
const minute = 60_000;
const hour = 60 * minute;
const start = Date.UTC(2026, 0, 1);

let database: TradingDatabase;
/** So that many ask at once. */
let crowd: DatabasePool;
let strategyId: string;
const store = () => database.store;

beforeAll(async () => {
  database = await createTradingDatabase();
  crowd = await createDatabasePool(database.url, { max: 24 });
  await createUser(database.pool, { username: 'ada', email: 'ada@example.com', role: 'admin', passwordHash: 'x' });
  await createUser(database.pool, { username: 'tom', email: 'tom@example.com', role: 'trader', passwordHash: 'x' });
});
afterAll(async () => {
  await crowd.end();
  await database.drop();
});

const candle = (time: number, price: string) => ({
  time,
  open: price,
  high: price,
  low: price,
  close: price,
  volume: '1',
});
const closeAt = (at: number, price: string) =>
  store().candles.ingest({ symbol: 'BTCUSDT', interval: '1m', candles: [candle(at - minute, price)] });
const evaluate = () => store().breaker.evaluateBreaker({ environment: live, now: start });
const openOf = async (trigger: BreakerTrigger): Promise<IncidentView> => {
  const event = (await openEvents(database.pool, live)).find((candidate) => candidate.trigger === trigger);
  if (!event) throw new Error(`no open event of ${trigger}`);
  return await store().breaker.inspectIncident(event.eventId);
};
const audits = (action: string) => countRows(database.pool, 'audit_logs', sql.fragment`action = ${action}`);
const statusOf = async (id: string) => (await store().strategies.load(id)).status;
const finish = async ({ eventId, actions }: IncidentView) => {
  for (const { action } of actions)
    await store().breaker.recordAction(eventId, { action, status: 'done', outcome: 'done' });
};
const approve = (eventId: number, over: { by?: string; early?: boolean } = {}) =>
  store().breaker.resolveIncident({ eventId, request: { by: 'ada', reason: 'looked at', early: false, ...over } });
const pause = (id: string, from: 'active' | 'paused' = 'active') =>
  store().strategies.transition({
    strategyId: id,
    from,
    to: 'paused',
    version: 1,
    by: 'tom',
    reason: 'holiday',
    gate: null,
    effectKey: randomUUID(),
  });
const resume = (id: string) =>
  store().strategies.transition({
    strategyId: id,
    from: 'paused',
    to: 'active',
    version: 1,
    by: 'tom',
    reason: 'back',
    gate: null,
    effectKey: randomUUID(),
  });

/** A strategy on BTC, whose price is 100: 5,000 USDT and 50 BTC are 10,000. */
beforeEach(async () => {
  await database.pool.query(sql.unsafe`
    DO $$ BEGIN
      UPDATE trading_state SET state = 'ACTIVE', reason = NULL, event_id = NULL;
      DELETE FROM circuit_breaker_events; DELETE FROM breaker_policies;
      DELETE FROM trades; DELETE FROM orders; DELETE FROM positions; DELETE FROM strategies;
      DELETE FROM balance_flows; DELETE FROM current_balances; DELETE FROM equity_state; DELETE FROM asset_prices;
      DELETE FROM market_data; DELETE FROM alerts; DELETE FROM audit_logs;
    END $$`);
  strategyId = await addStrategy(database.pool, 'active');
  await closeAt(start, '100');
  await store().balances.open(account, { USDT: '5000', BTC: '50' }, start);
  await store().breaker.lookAfterClose({ symbol: 'BTCUSDT', at: start });
});

/** A quarter of the equity is lost: 25 % is beyond the 20 that are allowed. */
const crash = () => closeAt(start + minute, '50');

let trades = 0;
/** Closed positions of the strategy, one a minute, as accounting leaves them. */
const closePositions = async (pnls: readonly string[]): Promise<void> => {
  for (const pnl of pnls) {
    trades += 1;
    const order = newOrder(strategyId, { side: 'SELL', kind: 'exit' });
    await store().orders.insert(order, 'test');
    const at = new Date(start + trades * minute).toISOString().slice(0, -1);
    await database.pool.query(sql.unsafe`
      INSERT INTO trades (order_id, strategy_id, symbol, side, quantity, price, environment, exchange, exchange_trade_id, executed_at,
                          realized_pnl_exact, is_flat)
      SELECT ${order.orderId}, ${strategyId}, 'BTCUSDT', side, 1, 100, 'live', 'simulator', ${String(trades)} || side, ${at}::timestamp,
             pnl, pnl IS NOT NULL
      FROM (VALUES ('BUY', NULL), ('SELL', ${pnl}::numeric)) AS leg (side, pnl)`);
  }
};
const losses = (count: number): readonly string[] => Array.from({ length: count }, () => '-1');

describe('a trip', () => {
  it('is one event, however many look at once', async () => {
    await crash();
    const racing = Array.from({ length: 16 }, () => evaluateBreaker(crowd, { environment: live, now: start }));
    const looking = store().breaker.lookAfterClose({ symbol: 'BTCUSDT', at: start + minute });
    const views = await Promise.all(racing);
    await looking;
    const event = await openOf('drawdown');
    for (const view of views)
      expect(view).toEqual({
        environment: live,
        state: 'HALTED',
        open: [{ eventId: event.eventId, trigger: 'drawdown' }],
      });
    expect(event).toMatchObject({
      state: 'HALTED',
      threshold: 20,
      actual: 25,
      reason: 'equity is 25 % below its peak; the limit is 20 %',
      marketTime: start + minute,
      coolDownUntil: start + minute + 24 * hour,
      isOver: false,
      actions: breakerActions.map((action) => ({ action, status: 'pending', at: null, outcome: '' })),
    });
    expect(await audits('trip_breaker')).toBe(1);
    expect(await countRows(database.pool, 'alerts', sql.fragment`severity = 'critical'`)).toBe(1);
    expect(await countRows(database.pool, 'circuit_breaker_events')).toBe(1);
  });

  it('comes with the close that it shows on, and a calm close asks for nothing', async () => {
    const looked = await store().breaker.lookAfterClose({ symbol: 'BTCUSDT', at: start });
    expect(looked).toEqual([]);
    await crash();
    expect(await store().breaker.lookAfterClose({ symbol: 'ETHUSDT', at: start + minute })).toEqual([]);
    expect(await store().breaker.lookAfterClose({ symbol: 'BTCUSDT', at: start + minute })).toEqual([live]);
    // Whoever was told may not have lived to begin.
    expect(await store().breaker.lookAfterClose({ symbol: 'BTCUSDT', at: start + 2 * minute })).toEqual([live]);
    await finish(await openOf('drawdown'));
    expect(await store().breaker.lookAfterClose({ symbol: 'BTCUSDT', at: start + 3 * minute })).toEqual([]);
    expect(await store().breaker.lookAfterClose({ symbol: 'BTCUSDT', at: start + 25 * hour })).toEqual([live]);
  });

  it('counts from a peak that a close has raised', async () => {
    await closeAt(start + minute, '200');
    await store().breaker.lookAfterClose({ symbol: 'BTCUSDT', at: start + minute });
    await closeAt(start + 2 * minute, '139');
    expect(await evaluate()).toMatchObject({ state: 'HALTED' });
    expect((await openOf('drawdown')).actual).toBe(20.3333);
  });

  it('is told in the refusal of an order: which event, and what to do', async () => {
    await crash();
    await evaluate();
    const { eventId } = await openOf('drawdown');
    const order = newOrder(strategyId);
    await store().orders.insert(order, 'test');
    await expect(submit(order.orderId, 'USDT')).rejects.toMatchObject({
      name: 'EntryForbidden',
      message: expect.stringContaining(`trading is HALTED for live by event ${eventId} (equity is 25 %`) as string,
      next: expect.stringContaining(`mastertrade breaker show ${eventId}`) as string,
    });
  });
});

const submit = (orderId: string, reserveAsset: string) =>
  store().orders.markSubmitting({ orderId, sentAt: start, reserveAsset, reserveAmount: '1', actor: 'test' });

describe('while trading is stopped', () => {
  const tell = async (kind: OrderKind, over: { reduceOnly: boolean; metadata?: Record<string, unknown> }) => {
    const side = over.reduceOnly ? 'SELL' : 'BUY';
    const { metadata, ...plain } = newOrder(strategyId, { side, kind, reduceOnly: over.reduceOnly });
    const order = { ...plain, metadata: { ...metadata, ...over.metadata } };
    await store().orders.insert(order, 'test');
    return await submit(order.orderId, over.reduceOnly ? 'BTC' : 'USDT').then(
      ({ submitted }) => (submitted ? 'goes' : 'is refused before'),
      (error: unknown) => (error instanceof Error ? error.name : ''),
    );
  };
  const atRest = { type: 'STOP_LOSS', price: '90', candleTime: 0 };

  it.each(['REDUCING', 'HALTED'] as const)('%s lets through what the table says', async (state) => {
    await database.pool.query(sql.unsafe`
      INSERT INTO positions (strategy_id, symbol, environment, side, quantity, entry_price, opened_at)
      VALUES (${strategyId}, 'BTCUSDT', 'live', 'LONG', 50, 100, now())`);
    await store().breaker.setPolicy({ environment: live, policy: { manual: { state } }, by: 'ada' });
    const { incident } = await store().breaker.haltByHand({ environment: live, by: 'tom', reason: 'odd', actions: [] });
    const metadata = { incident: incident.eventId };
    const reducing = state === 'REDUCING' ? 'goes' : 'EntryForbidden';
    expect(await tell('entry', { reduceOnly: false })).toBe('EntryForbidden');
    expect(await tell('manual', { reduceOnly: false, metadata })).toBe('EntryForbidden');
    expect(await tell('exit', { reduceOnly: true })).toBe(reducing);
    expect(await tell('manual', { reduceOnly: true })).toBe(reducing);
    expect(await tell('protection', { reduceOnly: true })).toBe('goes');
    expect(await tell('exit', { reduceOnly: true, metadata: { protection: atRest } })).toBe('goes');
    expect(await tell('exit', { reduceOnly: true, metadata })).toBe('goes');
    expect(await tell('exit', { reduceOnly: true, metadata: { incident: incident.eventId + 1 } })).toBe(reducing);
    // Of an incident of the other environment, and of one that has ended.
    const paper = await store().breaker.haltByHand({ environment: 'paper', by: 'tom', reason: 'odd', actions: [] });
    expect(await tell('exit', { reduceOnly: true, metadata: { incident: paper.incident.eventId } })).toBe(reducing);
    await store().breaker.resumeByHand({ environment: 'paper', by: 'tom', reason: 'fine' });
    await crash();
    await evaluate();
    await store().breaker.resumeByHand({ environment: live, by: 'tom', reason: 'fine' });
    expect(await tell('exit', { reduceOnly: true, metadata })).toBe('EntryForbidden');
  });

  it('no entry turns submitting after the event’s commit, however many try at once', async () => {
    const orders = Array.from({ length: 80 }, () => newOrder(strategyId));
    await Promise.all(orders.map((order) => store().orders.insert(order, 'test')));
    await crash();
    const submissions = orders.map(({ orderId }) => submit(orderId, 'USDT'));
    await Promise.race(submissions);
    const trip = evaluateBreaker(crowd, { environment: live, now: start });
    const outcomes = await Promise.allSettled(submissions);
    await trip;
    const row = z.object({ tripped: z.number(), before: z.number(), after: z.number() });
    const { tripped, before, after } = await database.pool.one(sql.type(row)`
      WITH trip AS (SELECT id FROM audit_logs WHERE action = 'trip_breaker')
      SELECT trip.id::int AS tripped, count(*) FILTER (WHERE a.id < trip.id)::int AS before, count(*) FILTER (WHERE a.id > trip.id)::int AS after
      FROM trip LEFT JOIN audit_logs a ON a.new_value ->> 'status' = 'submitting' GROUP BY trip.id`);
    expect(tripped).toBeGreaterThan(0);
    expect(before).toBe(outcomes.filter(({ status }) => status === 'fulfilled').length);
    expect(before).toBeGreaterThan(0);
    expect(before).toBeLessThan(orders.length);
    expect(after).toBe(0);
    expect((await checkBooks(database.pool)).filter(({ rule }) => rule === 'breaker')).toEqual([]);
    const refused = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason as unknown] : []));
    for (const refusal of refused) expect(refusal).toMatchObject({ name: 'EntryForbidden' });
  });
});

describe('fires and ends at the same time', () => {
  it('leave the state of the strictest open event, and an audit in order', async () => {
    const random = createRandom(11);
    const moves: readonly (() => Promise<unknown>)[] = [
      () => evaluateBreaker(crowd, { environment: live, now: start }),
      () => crash().then(() => evaluate()),
      () => closeAt(start + minute, '100'),
      () => store().breaker.haltByHand({ environment: live, by: 'tom', reason: 'odd', actions: null }),
      () => store().breaker.resumeByHand({ environment: live, by: 'tom', reason: 'fine' }),
      () => endOne(),
    ];
    const endOne = async () => {
      const [event] = await openEvents(crowd, live);
      if (event) await approve(event.eventId, { early: true });
    };
    for (let round = 0; round < 25; round += 1) {
      const drawn = Array.from({ length: 6 }, () => moves[random.below(moves.length)]!);
      for (const outcome of await Promise.allSettled(drawn.map((move) => move())))
        if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ name: 'NotFound' });
      const open = await openEvents(database.pool, live);
      const strictest = Math.max(0, ...open.map(({ state }) => strictness(state)));
      expect(await tradingStateOf(database.pool, live)).toBe(['ACTIVE', 'REDUCING', 'HALTED'][strictest]);
    }
    const spans = await database.pool.any(sql.type(
      z.object({ trips: z.number(), ends: z.number(), ordered: z.boolean(), open: z.boolean() }),
    )`
      SELECT count(*) FILTER (WHERE a.action = 'trip_breaker')::int AS trips, count(*) FILTER (WHERE a.action = 'resolve_breaker')::int AS ends,
             coalesce(min(a.id) FILTER (WHERE a.action = 'trip_breaker') < min(a.id) FILTER (WHERE a.action = 'resolve_breaker'), true) AS ordered,
             e.resolved_at IS NULL AS open
      FROM circuit_breaker_events e JOIN audit_logs a ON a.entity_type = 'system' AND a.entity_id = e.id::text GROUP BY e.id`);
    expect(spans.length).toBeGreaterThan(5);
    for (const { open, ...span } of spans) expect(span).toEqual({ trips: 1, ends: open ? 0 : 1, ordered: true });
  });
});

describe('an end', () => {
  it('waits for the cool-down, the actions and an admin, and does not fire again from the same fall', async () => {
    await crash();
    await evaluate();
    const { eventId } = await openOf('drawdown');
    await expect(approve(eventId)).rejects.toMatchObject({ name: 'CoolDownRunning' });
    await closeAt(start + minute + 24 * hour, '50');
    await expect(approve(eventId)).rejects.toMatchObject({ name: 'ActionsRunning' });
    await finish(await openOf('drawdown'));
    expect(await openOf('drawdown')).toMatchObject({ isOver: true, waitsForApproval: true });
    await expect(store().breaker.resolveIncident({ eventId, request: null })).rejects.toMatchObject({
      name: 'NotAuthorized',
    });
    await expect(approve(eventId, { by: 'tom' })).rejects.toMatchObject({ name: 'NotAuthorized' });
    expect(await audits('resolve_breaker')).toBe(0);
    const ended = await approve(eventId);
    expect(ended).toMatchObject({ isOver: true, waitsForApproval: false });
    expect(ended.resolvedAt).not.toBeNull();
    expect(await approve(eventId)).toEqual(ended);
    expect(await evaluate()).toEqual({ environment: live, state: 'ACTIVE', open: [] });
    expect(await countRows(database.pool, 'alerts', sql.fragment`severity = 'critical' AND status = 'active'`)).toBe(0);
    // From the new peak a new fall counts.
    await closeAt(start + 25 * hour, '19');
    expect(await evaluate()).toMatchObject({ state: 'HALTED' });
  });

  it('comes by itself where no admin is asked for', async () => {
    await store().breaker.setPolicy({
      environment: live,
      policy: { drawdown: { requiresApproval: false } },
      by: 'ada',
    });
    await crash();
    await evaluate();
    await finish(await openOf('drawdown'));
    const { eventId } = await openOf('drawdown');
    const end = () => store().breaker.resolveIncident({ eventId, request: null });
    await expect(end()).rejects.toMatchObject({ name: 'CoolDownRunning' });
    await database.pool.query(sql.unsafe`UPDATE strategies SET status = 'archived'`);
    // Nothing moves the market's time any more, and a day has gone by on the wall.
    expect((await end()).resolvedAt).not.toBeNull();
    expect(await tradingStateOf(database.pool, live)).toBe('ACTIVE');
  });

  it('early takes an admin', async () => {
    await crash();
    await evaluate();
    const { eventId } = await openOf('drawdown');
    await expect(approve(eventId, { by: 'tom', early: true })).rejects.toMatchObject({ name: 'NotAuthorized' });
    await approve(eventId, { early: true });
    expect(await evaluate()).toMatchObject({ state: 'ACTIVE', open: [] });
  });
});

describe('losses in a row', () => {
  it('fire, escalate once, and are not counted again after the end', async () => {
    await closePositions(['1', ...losses(5)]);
    expect(await evaluate()).toMatchObject({ open: [] });
    await closePositions(losses(1));
    expect(await evaluate()).toMatchObject({ state: 'REDUCING' });
    expect(await openOf('loss_streak')).toMatchObject({
      actual: 6,
      reason: '6 closed positions in a row lost; the limit is 6',
    });
    await finish(await openOf('loss_streak'));
    await closePositions(losses(4));
    await Promise.all([evaluate(), evaluate(), evaluate()]);
    expect(await openOf('loss_streak')).toMatchObject({
      state: 'HALTED',
      escalations: [{ actual: 10 }],
      actions: [{ status: 'done' }, { status: 'pending' }, { status: 'pending' }, { status: 'done' }],
    });
    expect(await audits('escalate_breaker')).toBe(1);
    expect(await tradingStateOf(database.pool, live)).toBe('HALTED');
    await approve((await openOf('loss_streak')).eventId, { early: true });
    expect(await evaluate()).toMatchObject({ state: 'ACTIVE' });
    await closePositions(losses(5));
    expect(await evaluate()).toMatchObject({ state: 'ACTIVE' });
    await closePositions(losses(1));
    expect(await evaluate()).toMatchObject({ state: 'REDUCING' });
  });

  it('end with a position that broke even', async () => {
    await closePositions([...losses(5), '0', ...losses(5)]);
    expect(await evaluate()).toMatchObject({ open: [] });
  });

  it('that are past where it gets worse fire and get worse at once', async () => {
    await closePositions(losses(10));
    expect(await evaluate()).toMatchObject({ state: 'HALTED' });
    expect(await openOf('loss_streak')).toMatchObject({ state: 'HALTED', escalations: [{ actual: 10 }] });
  });
});

describe('volatility', () => {
  /** Windows of five minutes, in which the price moves up and down by a share. */
  const play = async (from: number, shares: readonly number[]): Promise<number> => {
    const prices = shares.flatMap((share) =>
      Array.from({ length: 5 }, (_, i) => (i % 2 === 0 ? 100 * (1 + share) : 100)),
    );
    const candles = prices.map((price, i) => candle(from + i * minute, String(price)));
    await store().candles.ingest({ symbol: 'BTCUSDT', interval: '1m', candles });
    return from + candles.length * minute;
  };
  const calm = Array.from({ length: 22 }, () => 0.001);

  beforeEach(async () => {
    const volatilitySpike = { windowMinutes: 5, historyDays: 1 };
    await store().breaker.setPolicy({ environment: live, policy: { volatilitySpike }, by: 'ada' });
  });

  it('fires once, and ends where it is well below where it fired', async () => {
    let at = await play(start, calm.slice(3));
    expect(await evaluate()).toMatchObject({ open: [] });
    at = await play(at, [0.001, 0.001, 0.001, 0.0055]);
    expect(await evaluate()).toMatchObject({ state: 'REDUCING', open: [{ trigger: 'volatility_spike' }] });
    const { eventId, coolDownUntil } = await openOf('volatility_spike');
    expect(coolDownUntil).toBeNull();
    await finish(await openOf('volatility_spike'));
    at = await play(at, [0.0035]);
    expect(await openOf('volatility_spike')).toMatchObject({ isOver: false });
    expect(await store().breaker.lookAfterClose({ symbol: 'BTCUSDT', at })).toEqual([live]);
    at = await play(at, [0.002]);
    expect(await openOf('volatility_spike')).toMatchObject({ isOver: true });
    await store().breaker.resolveIncident({ eventId, request: null });
    expect(await evaluate()).toMatchObject({ state: 'ACTIVE', open: [] });
  });

  it('that a person has ended early does not fire again from the same minutes', async () => {
    let at = await play(start, [...calm, 0.0055]);
    await evaluate();
    await approve((await openOf('volatility_spike')).eventId, { early: true });
    expect(await evaluate()).toMatchObject({ open: [] });
    at = await play(at, [0.0055]);
    expect(await evaluate()).toMatchObject({ open: [{ trigger: 'volatility_spike' }] });
  });
});

describe('strategies', () => {
  const pauseBy = async (): Promise<IncidentView> => {
    await crash();
    await evaluate();
    return await store().breaker.pauseTrading((await openOf('drawdown')).eventId);
  };

  it('that a breaker pauses go on with its end, those that a person paused do not', async () => {
    const person = await addStrategy(database.pool, 'active');
    const both = await addStrategy(database.pool, 'active');
    await pause(person);
    const event = await pauseBy();
    expect(event.strategies).toEqual([strategyId, person, both].toSorted());
    expect(event.actions[0]).toMatchObject({
      action: 'pause_trading',
      status: 'done',
      outcome: '2 paused, 1 held that was paused already',
    });
    expect(await store().breaker.pauseTrading(event.eventId)).toEqual(event);
    // Asked with the status that the asker knows.
    expect(await pause(both)).toEqual({ status: 'paused', version: 1, heldBy: [`breaker/${event.eventId}`, 'person'] });
    await expect(pause(both, 'paused')).rejects.toMatchObject({ name: 'IllegalTransition' });
    const ended = await approve(event.eventId, { early: true });
    expect(ended.strategies).toEqual([strategyId]);
    expect(await Promise.all([strategyId, person, both].map(statusOf))).toEqual(['active', 'paused', 'paused']);
    expect(await resume(both)).toMatchObject({ status: 'active', heldBy: [] });
    expect(await resume(person)).toMatchObject({ status: 'active' });
    const unheld = await countRows(database.pool, 'strategy_holds');
    expect(unheld).toBe(0);
  });

  it('that only a breaker holds are not resumed by a person; one that both hold stays paused', async () => {
    const { eventId } = await pauseBy();
    await expect(resume(strategyId)).rejects.toMatchObject({ name: 'StillHeld' });
    await pause(strategyId, 'paused');
    expect(await resume(strategyId)).toEqual({ status: 'paused', version: 1, heldBy: [`breaker/${eventId}`] });
    expect(await statusOf(strategyId)).toBe('paused');
    await approve(eventId, { early: true });
    expect(await statusOf(strategyId)).toBe('active');
  });

  it('stay paused until the last of two events has ended', async () => {
    const { eventId } = await pauseBy();
    const { incident } = await store().breaker.haltByHand({
      environment: live,
      by: 'tom',
      reason: 'odd',
      actions: null,
    });
    await store().breaker.pauseTrading(incident.eventId);
    await approve(eventId, { early: true });
    expect(await statusOf(strategyId)).toBe('paused');
    expect(await tradingStateOf(database.pool, live)).toBe('HALTED');
    await store().breaker.resumeByHand({ environment: live, by: 'tom', reason: 'fine' });
    expect(await statusOf(strategyId)).toBe('active');
  });

  it('are not promoted to live money meanwhile', async () => {
    const onPaper = await addStrategy(database.pool, 'paper');
    await pauseBy();
    const promoted = store().strategies.transition({
      strategyId: onPaper,
      from: 'paper',
      to: 'active',
      version: 1,
      by: 'ada',
      reason: 'gate met',
      gate: null,
      effectKey: randomUUID(),
    });
    await expect(promoted).rejects.toMatchObject({ name: 'GateNotMet' });
  });
});

describe('a stop by hand', () => {
  const halt = (actions: Parameters<ReturnType<typeof store>['breaker']['haltByHand']>[0]['actions']) =>
    store().breaker.haltByHand({ environment: live, by: 'tom', reason: 'odd', actions });

  it('is one event that grows, repeats nothing that is left, and ends whatever is left', async () => {
    const { incident, isNew } = await halt(null);
    expect({ isNew, actions: incident.actions.map(({ action }) => action) }).toEqual({
      isNew: true,
      actions: ['pause_trading', 'cancel_orders', 'notify'],
    });
    expect(await halt(null)).toMatchObject({ isNew: false, added: [], incident: { escalations: [] } });
    const { eventId } = incident;
    await store().breaker.recordAction(eventId, { action: 'cancel_orders', status: 'done', outcome: 'none' });
    const grown = await halt(['cancel_orders', 'close_positions']);
    expect(grown).toMatchObject({ isNew: false, added: ['cancel_orders', 'close_positions'] });
    expect(grown.incident.actions.map(({ status }) => status)).toEqual(['pending', 'pending', 'pending', 'pending']);
    expect(await openOf('manual')).toMatchObject({ isOver: false, waitsForApproval: false });
    await expect(store().breaker.resolveIncident({ eventId, request: null })).rejects.toMatchObject({
      name: 'CoolDownRunning',
    });
    const ended = await store().breaker.resumeByHand({ environment: live, by: 'tom', reason: 'fine' });
    expect(ended.resolvedAt).not.toBeNull();
    await expect(store().breaker.resumeByHand({ environment: live, by: 'tom', reason: 'fine' })).rejects.toMatchObject({
      name: 'NotFound',
    });
  });
});

describe('what is refused', () => {
  it.each([
    [{ drawdown: { threshold: 100 } }, 'drawdown.threshold'],
    [{ sharpe_drop: { threshold: 1 } }, 'sharpe_drop'],
    [{ lossStreak: { actions: ['sell_all'] } }, 'lossStreak.actions.0'],
  ])('a policy of %j: by name, and nothing is written', async (policy, path) => {
    const setting = store().breaker.setPolicy({ environment: live, policy, by: 'ada' });
    await expect(setting).rejects.toMatchObject({
      name: 'BadPolicy',
      message: expect.stringContaining(path) as string,
    });
    expect(await countRows(database.pool, 'breaker_policies')).toBe(0);
    expect(await audits('set_breaker_policy')).toBe(0);
  });

  it('a stored policy that somebody has broken: a person is told, the defaults hold, and it can be set again', async () => {
    await database.pool.query(sql.unsafe`
      INSERT INTO breaker_policies (environment, policy, updated_by) VALUES ('live', '{"drawdown": 3}', 'somebody')`);
    await crash();
    expect(await evaluate()).toMatchObject({ state: 'HALTED' });
    expect(await countRows(database.pool, 'alerts', sql.fragment`alert_type = 'breaker_policy'`)).toBe(1);
    expect((await store().breaker.showPolicy(live)).problem).toContain('drawdown: found 3');
    const policy = { drawdown: { threshold: 30 } };
    expect(await store().breaker.setPolicy({ environment: live, policy, by: 'ada' })).toMatchObject({
      policy: { drawdown: { threshold: 30, state: 'HALTED' } },
      updatedBy: 'ada',
      problem: null,
    });
  });
});
