import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { sql } from 'slonik';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { lockEvent } from '../../src/adapters/postgres/breaker/events.ts';
import { lockTradingState } from '../../src/adapters/postgres/breaker/trading-state.ts';
import { grow } from '../../src/adapters/postgres/breaker/trip.ts';
import { breakerQuery, resolveUpdate } from '../../src/contracts/breaker.ts';
import { tickUpdate } from '../../src/contracts/messages.ts';
import { taskQueues } from '../../src/contracts/task-queues.ts';
import { circuitBreakerWorkflowId, marketWorkflowId } from '../../src/contracts/workflow-ids.ts';
import { createDesk } from '../support/desk.ts';
import { dayMs, dipCandles, dipStrategy, interval, marketStart } from '../support/dip-market.ts';
import { actionsOf, fireEvent, incidentOf, look, tradingStateOf, viewOf } from '../support/incidents.ts';
import { createTimeSkippingEnvironment } from '../support/time-skipping.ts';
import { addStrategy } from '../support/trading.ts';
import { exchange, refusalOf, startTestMachine, symbol, type TestMachine } from '../support/workflow-environment.ts';

const firedAt = marketStart + dayMs;
const fiveDays = 5 * dayMs;

let env: TestWorkflowEnvironment;
let machine: TestMachine;

beforeAll(async () => {
  env = await createTimeSkippingEnvironment();
  machine = await startTestMachine(env, { candles: dipCandles(12), interval, now: firedAt });
  const desk = createDesk(machine);
  await desk.createUser('chief', 'admin');
  await desk.createUser('assistant', 'trader');
  // Trades on paper, so that its market's clock is the breaker's.
  await addStrategy(machine.pool, 'paper', dipStrategy());
  await machine.client.workflow.start('marketClock', {
    workflowId: marketWorkflowId(exchange, symbol, interval),
    taskQueue: taskQueues.orchestration,
    args: [{ exchange, symbol, interval, pace: 'stepped', lastHandled: null }],
  });
  await close(firedAt);
  await machine.client.workflow.start('circuitBreaker', {
    workflowId: circuitBreakerWorkflowId('paper'),
    taskQueue: taskQueues.orchestration,
    args: [{ environment: 'paper' }],
  });
});
afterAll(async () => {
  await machine?.stop();
  await env?.teardown();
});

/** All that has closed by then is handled at one close. */
const close = async (at: number): Promise<void> => {
  await machine.moveClock(at);
  await machine.client.workflow.getHandle(marketWorkflowId(exchange, symbol, interval)).executeUpdate(tickUpdate);
};
const incident = (eventId: number) => incidentOf(machine.client, 'paper', eventId);
const resolve = (eventId: number, by: string, { early = false, reason = 'looked at' } = {}) =>
  incident(eventId).executeUpdate(resolveUpdate, { args: [{ by, reason, early }] });
const untilActions = async (eventId: number, actions: readonly string[]): Promise<void> => {
  await expect.poll(() => actionsOf(machine.pool, eventId), { timeout: 10_000 }).toEqual(actions);
};
const reminders = (eventId: number) =>
  machine.pool.anyFirst(sql.type(z.object({ key: z.string() }))`
    SELECT dedupe_key AS key FROM alerts WHERE dedupe_key LIKE ${`breaker/${eventId}/reminder/%`} ORDER BY dedupe_key`);

describe('an incident that only an admin may end', () => {
  let eventId: number;

  it('does what it has to at once, and is not ended before its cool-down has passed', async () => {
    const actions = ['pause_trading', 'cancel_orders', 'notify'] as const;
    eventId = await fireEvent(machine.pool, {
      environment: 'paper',
      actions,
      marketTime: firedAt,
      coolDownUntil: firedAt + fiveDays,
      policy: { state: 'HALTED', actions, requiresApproval: true },
      remindHours: 1,
    });
    await look(machine.client, 'paper');
    await untilActions(eventId, ['pause_trading done', 'cancel_orders done', 'notify done']);
    await expect
      .poll(() => viewOf(incident(eventId)), { timeout: 10_000 })
      .toMatchObject({ isOver: false, waitsForApproval: false, resolvedAt: null });
    expect(await refusalOf(resolve(eventId, 'chief'))).toMatchObject({ type: 'CoolDownRunning' });
    expect(await refusalOf(resolve(eventId, 'assistant', { early: true }))).toMatchObject({ type: 'NotAuthorized' });
    expect(await refusalOf(resolve(eventId, 'chief', { reason: ' ' }))).toMatchObject({
      type: 'BadInput',
      message: 'an incident is not ended without a reason',
    });
    expect(await tradingStateOf(machine.pool, 'paper')).toBe('HALTED');
  });

  it('reminds nobody of what no person has to do', async () => {
    await env.sleep('150 minutes');
    expect(await reminders(eventId)).toEqual([]);
  });

  it('notices by the last candle of five days that they have passed, and then waits for an admin', async () => {
    const candle = dayMs / 6;
    for (let at = firedAt + candle; at < firedAt + fiveDays; at += candle) await close(at);
    expect(await viewOf(incident(eventId))).toMatchObject({ isOver: false });
    await close(firedAt + fiveDays);
    await expect
      .poll(() => viewOf(incident(eventId)), { timeout: 10_000 })
      .toMatchObject({ isOver: true, waitsForApproval: true, resolvedAt: null });
    expect(await tradingStateOf(machine.pool, 'paper')).toBe('HALTED');
  });

  it('reminds every hour until an admin ends it', async () => {
    await env.sleep('150 minutes');
    expect(await reminders(eventId)).toEqual([`breaker/${eventId}/reminder/1`, `breaker/${eventId}/reminder/2`]);
    expect(await refusalOf(resolve(eventId, 'assistant'))).toMatchObject({ type: 'NotAuthorized' });
    expect(await resolve(eventId, 'chief')).toMatchObject({ resolvedAt: expect.any(Number) });
    await expect
      .poll(async () => (await incident(eventId).describe()).status.name, { timeout: 10_000 })
      .toBe('COMPLETED');
    expect(await tradingStateOf(machine.pool, 'paper')).toBe('ACTIVE');
  });
});

describe('an incident that ends by itself', () => {
  let eventId: number;

  it('does what is added when it gets worse', async () => {
    eventId = await fireEvent(machine.pool, {
      environment: 'paper',
      actions: ['notify'],
      state: 'REDUCING',
      marketTime: firedAt + fiveDays,
      coolDownUntil: firedAt + fiveDays + dayMs,
    });
    await look(machine.client, 'paper');
    await untilActions(eventId, ['notify done']);
    await machine.pool.transaction(async (tx) => {
      await lockTradingState(tx, 'paper');
      await grow(tx, await lockEvent(tx, eventId), {
        state: 'HALTED',
        actions: ['cancel_orders', 'close_positions'],
        again: [],
        actual: 31,
        reason: 'equity is 31 % below its peak',
        marketTime: firedAt + fiveDays,
        coolDownUntil: null,
        by: 'test',
      });
    });
    // Nobody tells it: it looks by itself.
    await env.sleep('16 minutes');
    await untilActions(eventId, ['cancel_orders done', 'close_positions done', 'notify done']);
  });

  it('is started again where it was stopped by force, and does nothing twice', async () => {
    const { runId } = await incident(eventId).describe();
    await incident(eventId).terminate('test');
    await look(machine.client, 'paper');
    await expect.poll(async () => (await incident(eventId).describe()).runId, { timeout: 10_000 }).not.toBe(runId);
    await expect.poll(() => viewOf(incident(eventId)), { timeout: 10_000 }).toMatchObject({ eventId, isOver: false });
  });

  it('ends when its cool-down has passed, and trading goes on', async () => {
    await close(firedAt + fiveDays + dayMs);
    await expect.poll(() => tradingStateOf(machine.pool, 'paper'), { timeout: 10_000 }).toBe('ACTIVE');
    await expect
      .poll(async () => (await incident(eventId).describe()).status.name, { timeout: 10_000 })
      .toBe('COMPLETED');
    const breaker = machine.client.workflow.getHandle(circuitBreakerWorkflowId('paper'));
    await expect
      .poll(() => breaker.query(breakerQuery), { timeout: 10_000 })
      .toMatchObject({ state: 'ACTIVE', open: [] });
    const done = await machine.pool.anyFirst(sql.type(z.object({ action: z.string() }))`
      SELECT new_value ->> 'action' AS action FROM audit_logs
      WHERE action = 'breaker_action' AND entity_id = ${String(eventId)} ORDER BY id`);
    expect(done).toEqual(['notify', 'cancel_orders', 'close_positions']);
  });
});
