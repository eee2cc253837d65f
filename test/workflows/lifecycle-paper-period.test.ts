import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { sql } from 'slonik';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { approveUpdate } from '../../src/contracts/messages.ts';
import type { GateReport } from '../../src/domain/lifecycle/gates.ts';
import { createDesk, ordersOf, trader, type Desk, type TestStrategy } from '../support/desk.ts';
import { candlesPerDay, dayMs, dipCandles, dipStrategy, interval, marketStart } from '../support/dip-market.ts';
import { createTimeSkippingEnvironment } from '../support/time-skipping.ts';
import { refusalOf, startTestMachine, type TestMachine } from '../support/workflow-environment.ts';

const historyDays = 60;
const paperDays = 30;
const daysTooFew = 10;
const candles = dipCandles(historyDays + paperDays);
const paperCandles = candles.slice(historyDays * candlesPerDay);
const paperStart = marketStart + historyDays * dayMs;
const hourMs = 3_600_000;

let env: TestWorkflowEnvironment;
let machine: TestMachine;
let desk: Desk;
let strategy: TestStrategy;
let startedAt: number;

beforeAll(async () => {
  env = await createTimeSkippingEnvironment();
  machine = await startTestMachine(env, { candles, interval, now: paperStart });
  desk = createDesk(machine);
  await desk.createUser('chief', 'admin');
  startedAt = await env.currentTimeMs();
});
afterAll(async () => {
  await machine?.stop();
  await env?.teardown();
});

/** The report that a refused gate hands to the person who asked. */
const refusedReport = async (asked: Promise<unknown>): Promise<GateReport> => {
  const refusal = await refusalOf(asked);
  expect(refusal).toMatchObject({ type: 'GateNotMet', nonRetryable: true });
  const [details] = refusal.details as [{ report: GateReport; next: string }];
  expect(details.next).not.toBe('');
  return details.report;
};
const failed = (report: GateReport): readonly string[] =>
  report.criteria.filter(({ pass }) => !pass).map(({ name }) => name);
const criterion = (report: GateReport, name: string) => report.criteria.find((each) => each.name === name);

describe('a strategy under the production gates, on sixty days of history and thirty days of paper', () => {
  it('downloads the history and keeps a strategy without trades off paper, with the report', async () => {
    expect(await desk.backfill(marketStart, paperStart - 1)).toEqual({ stored: historyDays * candlesPerDay });
    const idle = await desk.createDraft(dipStrategy({}, 100), 'production');
    await idle.backtest();
    const report = await refusedReport(idle.promote('paper'));
    expect(report).toMatchObject({ gate: 'backtested→paper', policy: 'production', pass: false });
    expect(criterion(report, 'closed trades')).toEqual({
      name: 'closed trades',
      required: '≥ 30',
      actual: '0',
      pass: false,
    });
    expect(await idle.view()).toMatchObject({ status: 'backtested', lastGate: report });
  });

  it('goes to paper on a back-test that meets the gate', async () => {
    strategy = await desk.createDraft(dipStrategy(), 'production');
    expect(await strategy.backtest()).toMatchObject({ bars: historyDays * candlesPerDay, trades: historyDays });
    const { status, gate, approvalUntil } = await strategy.promote('paper');
    expect({ status, approvalUntil, failed: failed(gate) }).toEqual({
      status: 'paper',
      approvalUntil: null,
      failed: [],
    });
  });

  it('is refused promotion after ten days, for the missing market days alone', async () => {
    await desk.play(strategy, paperCandles.slice(0, daysTooFew * candlesPerDay));
    const report = await refusedReport(strategy.promote('active'));
    expect(failed(report)).toEqual(['market days on paper']);
    expect(criterion(report, 'market days on paper')).toMatchObject({ actual: String(daysTooFew), required: '≥ 14' });
    expect(await strategy.view()).toMatchObject({ status: 'paper', approvalUntil: null });
  });

  it('meets the gate after thirty days of candles, which took no day of any other clock', async () => {
    await desk.play(strategy, paperCandles.slice(daysTooFew * candlesPerDay));
    const { status, gate, approvalUntil } = await strategy.promote('active');
    expect(failed(gate)).toEqual([]);
    expect(criterion(gate, 'market days on paper')).toMatchObject({ actual: String(paperDays) });
    expect(criterion(gate, 'trades on paper')).toMatchObject({ actual: String(2 * paperDays) });
    expect(status).toBe('paper');
    const now = await env.currentTimeMs();
    expect(approvalUntil).toBeGreaterThan(now + 71 * hourMs);
    expect(now - startedAt).toBeLessThan(hourMs);
  });

  it('has one filled order with one trade for every decision, at candle times, and is flat', async () => {
    const orders = await ordersOf(machine, strategy);
    expect(orders).toHaveLength(2 * paperDays);
    expect(orders.map(({ side }) => side)).toEqual(Array.from({ length: paperDays }, () => ['BUY', 'SELL']).flat());
    expect(new Set(orders.map(({ environment, status }) => `${environment} ${status}`))).toEqual(
      new Set(['paper filled']),
    );
    const facts = await machine.pool.one(sql.type(
      z.object({ trades: z.number(), first: z.number(), last: z.number(), unequal: z.number(), positions: z.number() }),
    )`
      SELECT count(*)::int AS trades, min(t.executed_at) AS first, max(t.executed_at) AS last,
        (SELECT count(*)::int FROM orders o WHERE o.filled_quantity <>
          (SELECT coalesce(sum(quantity), 0) FROM trades WHERE order_id = o.id)) AS unequal,
        (SELECT count(*)::int FROM positions) AS positions
      FROM trades t WHERE strategy_id = ${strategy.strategyId}`);
    // The last day is a bad one: its stop is reached inside the fifth candle.
    const [firstEntry, lastStop] = [3, (paperDays - 1) * candlesPerDay + 4].map((i) => paperCandles[i]!.time);
    expect(facts).toEqual({ trades: 2 * paperDays, first: firstEntry, last: lastStop! + 1, unequal: 0, positions: 0 });
  });

  it('goes live when a person with the admin role approves, and the audit says who', async () => {
    expect(await strategy.ask(approveUpdate, { by: 'chief' })).toEqual({ status: 'active', version: 1 });
    const { transitions, status } = await strategy.view();
    expect(status).toBe('active');
    expect(transitions.map(({ from, to, by }) => [from, to, by])).toEqual([
      ['draft', 'backtested', trader],
      ['backtested', 'paper', trader],
      ['paper', 'active', 'chief'],
    ]);
    const audited = await machine.pool.anyFirst(sql.type(z.object({ actor: z.string() }))`
      SELECT actor FROM audit_logs WHERE action = 'transition_strategy' AND entity_id = ${strategy.strategyId}
      ORDER BY id`);
    expect(audited).toEqual([trader, trader, 'chief']);
  });

  it('costs history by the decision and not by the candle', async () => {
    const { historyLength } = await strategy.handle.describe();
    const decisions = 2 * paperDays;
    expect(historyLength / decisions).toBeLessThan(25);
    const clock = await desk.clock().describe();
    expect(clock.historyLength / paperCandles.length).toBeLessThan(20);
  });
});
