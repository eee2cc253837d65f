import type { WorkflowHandle } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { sql } from 'slonik';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  approveUpdate,
  archiveUpdate,
  type Decision,
  decisionSignal,
  pauseUpdate,
  resumeUpdate,
  reviseUpdate,
  venueNewsSignal,
} from '../../src/contracts/messages.ts';
import { taskQueues } from '../../src/contracts/task-queues.ts';
import { orderWatchWorkflowId } from '../../src/contracts/workflow-ids.ts';
import { createDesk, ordersOf, trader, type Desk, type TestStrategy } from '../support/desk.ts';
import { candlesPerDay, dayMs, dipCandles, dipStrategy, interval, marketStart } from '../support/dip-market.ts';
import { createTimeSkippingEnvironment } from '../support/time-skipping.ts';
import {
  exchange,
  refusalOf,
  settledUpdates,
  startTestMachine,
  type TestMachine,
} from '../support/workflow-environment.ts';

/** Good days but for every third: 14 and 17 are bad ones. */
const historyDays = 12;
const candles = dipCandles(historyDays + 8);
const historyEnd = marketStart + historyDays * dayMs;
const dip = 2;
const lastBar = candlesPerDay - 1;

let env: TestWorkflowEnvironment;
let machine: TestMachine;
let desk: Desk;
let watch: WorkflowHandle;
let played = historyDays * candlesPerDay;

beforeAll(async () => {
  env = await createTimeSkippingEnvironment();
  machine = await startTestMachine(env, { candles, interval, now: historyEnd });
  desk = createDesk(machine);
  await desk.createUser('chief', 'admin');
  await desk.backfill(marketStart, historyEnd - 1);
  watch = await machine.client.workflow.start('orderWatch', {
    workflowId: orderWatchWorkflowId(exchange),
    taskQueue: taskQueues.orchestration,
    args: [{ venue: exchange, pollMs: 600_000 }],
  });
});
afterAll(async () => {
  await watch?.terminate();
  await machine?.stop();
  await env?.teardown();
});

/** Plays the market up to and including a candle of a day. */
const playTo = async (strategy: TestStrategy, day: number, candle: number): Promise<void> => {
  const end = day * candlesPerDay + candle + 1;
  await desk.play(strategy, candles.slice(played, end));
  played = end;
};
const onPaper = async (): Promise<TestStrategy> => {
  const strategy = await desk.createDraft(dipStrategy(), 'demo');
  await strategy.backtest();
  await strategy.promote('paper');
  return strategy;
};
/** A strategy's orders, but for what rested at the exchange and was taken back. */
const shapes = async (strategy: TestStrategy): Promise<string[]> =>
  (await ordersOf(machine, strategy))
    .filter(({ intent, status }) => intent !== 'protection' || status === 'filled')
    .map(({ environment, side, status }) => `${environment} ${side} ${status}`);
/** What the watcher of the account finds when the exchange has news. */
const watched = async (strategy: TestStrategy, expected: readonly string[]): Promise<void> => {
  await watch.signal(venueNewsSignal);
  await expect.poll(async () => (await shapes(strategy)).slice(2), { timeout: 10_000 }).toEqual(expected);
};
const pause = (strategy: TestStrategy) => strategy.ask(pauseUpdate, { by: trader, reason: 'the market turned' });
const resume = (strategy: TestStrategy) => strategy.ask(resumeUpdate, { by: trader });
const archive = (strategy: TestStrategy) => strategy.ask(archiveUpdate, { by: trader });

/** Orders that the workflow has started, by its history; what was signalled before has been judged by then. */
const ordersStarted = async (strategy: TestStrategy): Promise<number> => {
  await refusalOf(strategy.promote('paper'));
  const { events } = await strategy.handle.fetchHistory();
  return (events ?? [])
    .filter((event) => event.startChildWorkflowExecutionInitiatedEventAttributes)
    .filter(
      ({ startChildWorkflowExecutionInitiatedEventAttributes: child }) =>
        child?.workflowType?.name === 'orderExecution',
    ).length;
};

describe('requests that meet each other', () => {
  let strategy: TestStrategy;
  let entry: Decision;

  it('let one of two promotions win; the other is told the state it met', async () => {
    strategy = await desk.createDraft(dipStrategy(), 'demo');
    await strategy.backtest();
    const { answers, refusals } = await settledUpdates([strategy.promote('paper'), strategy.promote('paper')]);
    expect(answers).toMatchObject([{ status: 'paper' }]);
    expect(refusals).toMatchObject([
      { type: 'IllegalTransition', message: 'the strategy is paper: it cannot promote to paper' },
    ]);
    expect(refusals[0]?.details).toMatchObject([{ status: 'paper' }]);
    const transitions = await machine.pool.oneFirst(sql.type(z.object({ n: z.number() }))`
      SELECT count(*)::int AS n FROM audit_logs
      WHERE action = 'transition_strategy' AND entity_id = ${strategy.strategyId} AND new_value ->> 'status' = 'paper'`);
    expect(transitions).toBe(1);
  });

  it('handle a close once, however many ask for it', async () => {
    await playTo(strategy, historyDays, dip - 1);
    // A tick that has read the time before the close keeps the two after it waiting, so that they go on together.
    await machine.admin('POST', 'faults', { kind: 'delay', route: 'GET /api/v3/time', ms: 1_000 });
    const early = desk.tick();
    await expect.poll(async () => (await machine.admin<{ faults: unknown[] }>('GET', 'state')).faults).toEqual([]);
    await machine.moveClock(marketStart + historyDays * dayMs + (dip + 1) * (dayMs / candlesPerDay));
    played += 1;
    const ticks = await Promise.all([early, desk.tick(), desk.tick()]);
    expect(ticks[0].decisions).toEqual([]);
    const decisions = ticks.flatMap((tick) => tick.decisions);
    expect(decisions).toMatchObject([{ strategyId: strategy.strategyId, kind: 'entry', version: 1 }]);
    expect(ticks.map(({ candles: stored }) => stored).toSorted((a, b) => a - b)).toEqual([0, 0, 1]);
    [entry] = decisions as [Decision];
    await expect.poll(() => shapes(strategy), { timeout: 10_000 }).toEqual(['paper BUY open']);
  });

  it('make one order of a decision, however often it is signalled', async () => {
    await strategy.handle.signal(decisionSignal, entry);
    await strategy.handle.signal(decisionSignal, entry);
    expect(await ordersStarted(strategy)).toBe(1);
    await playTo(strategy, historyDays, lastBar);
    await strategy.handle.signal(decisionSignal, entry);
    expect(await ordersStarted(strategy)).toBe(2);
    expect(await shapes(strategy)).toEqual(['paper BUY filled', 'paper SELL filled']);
  });

  it('take a revised strategy back to draft, and ignore what its old version decided', async () => {
    const revised = { by: trader, definition: dipStrategy({}, 29_450), description: 'a deeper dip' };
    expect(await strategy.ask(reviseUpdate, revised)).toEqual({ status: 'draft', version: 2 });
    const late = { ...entry, decisionId: 'b0a9e7a4-5d6f-5c7e-9c7b-2f1f0c3a9b41' };
    await strategy.handle.signal(decisionSignal, late);
    await strategy.backtest();
    await strategy.promote('paper');
    await strategy.handle.signal(decisionSignal, { ...late, decisionId: 'b0a9e7a4-5d6f-5c7e-9c7b-2f1f0c3a9b42' });
    expect(await ordersStarted(strategy)).toBe(2);
    expect(await strategy.view()).toMatchObject({ status: 'paper', version: 2, ordersInFlight: [] });
    const versions = await machine.pool.anyFirst(sql.type(z.object({ version: z.number() }))`
      SELECT version FROM strategy_versions WHERE strategy_id = ${strategy.strategyId} ORDER BY version`);
    expect(versions).toEqual([1, 2]);
    expect(await archive(strategy)).toMatchObject({ status: 'archived' });
  });
});

describe('a live strategy', () => {
  let strategy: TestStrategy;

  it('cannot be paused before it is live, and enters there', async () => {
    strategy = await onPaper();
    expect(await refusalOf(pause(strategy))).toMatchObject({ type: 'IllegalTransition' });
    await playTo(strategy, 13, lastBar);
    await strategy.promote('active');
    await strategy.ask(approveUpdate, { by: 'chief' });
    await playTo(strategy, 14, dip);
    expect(await shapes(strategy)).toEqual(['paper BUY filled', 'paper SELL filled', 'live BUY filled']);
  });

  it('keeps its exits while it is paused, and enters nothing', async () => {
    expect(await pause(strategy)).toEqual({ status: 'paused', version: 1 });
    expect(await refusalOf(pause(strategy))).toMatchObject({ type: 'IllegalTransition' });
    expect(await refusalOf(strategy.promote('active'))).toMatchObject({ type: 'IllegalTransition' });
    await playTo(strategy, 14, lastBar);
    await watched(strategy, ['live BUY filled', 'live SELL filled']);
    await playTo(strategy, 15, lastBar);
    const before = await ordersStarted(strategy);
    await strategy.handle.signal(decisionSignal, {
      decisionId: 'b0a9e7a4-5d6f-5c7e-9c7b-2f1f0c3a9b43',
      strategyId: strategy.strategyId,
      version: 1,
      environment: 'live',
      kind: 'entry',
      side: 'BUY',
      symbol: 'BTCUSDT',
      candleTime: 0,
      decidedAt: 0,
      referencePrice: '29400',
      reason: 'decided just before the pause',
    });
    expect(await ordersStarted(strategy)).toBe(before);
    expect(await strategy.view()).toMatchObject({ status: 'paused', ordersInFlight: [] });
  });

  it('enters again once it is resumed', async () => {
    expect(await resume(strategy)).toEqual({ status: 'active', version: 1 });
    expect(await refusalOf(resume(strategy))).toMatchObject({ type: 'IllegalTransition' });
    await playTo(strategy, 16, dip);
    expect((await shapes(strategy)).slice(4)).toEqual(['live BUY filled']);
  });

  it('closes its position before it is archived, and its workflow ends', async () => {
    expect(await archive(strategy)).toEqual({ status: 'archived', version: 1 });
    expect((await shapes(strategy)).slice(4)).toEqual(['live BUY filled', 'live SELL filled']);
    await strategy.handle.result();
    const left = await machine.pool.oneFirst(sql.type(z.object({ n: z.number() }))`
      SELECT count(*)::int AS n FROM positions WHERE strategy_id = ${strategy.strategyId}`);
    expect(left).toBe(0);
  });
});
