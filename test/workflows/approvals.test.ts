import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { approveUpdate } from '../../src/contracts/messages.ts';
import { gatePolicies } from '../../src/domain/lifecycle/gates.ts';
import { alertsOf, createDesk, type Desk, type TestStrategy } from '../support/desk.ts';
import { candlesPerDay, dayMs, dipCandles, dipStrategy, interval, marketStart } from '../support/dip-market.ts';
import { createTimeSkippingEnvironment } from '../support/time-skipping.ts';
import { refusalOf, settledUpdates, startTestMachine, type TestMachine } from '../support/workflow-environment.ts';

const historyDays = 10;
const candles = dipCandles(historyDays + 2);
const historyEnd = marketStart + historyDays * dayMs;
const windowMs = gatePolicies.demo.paper.approvalWindowHours * 3_600_000;

let env: TestWorkflowEnvironment;
let machine: TestMachine;
let desk: Desk;
let strategy: TestStrategy;

beforeAll(async () => {
  env = await createTimeSkippingEnvironment();
  machine = await startTestMachine(env, { candles, interval, now: historyEnd });
  desk = createDesk(machine);
  await desk.createUser('chief', 'admin');
  await desk.createUser('assistant', 'trader');
  await desk.backfill(marketStart, historyEnd - 1);
  strategy = await desk.createDraft(dipStrategy(), 'demo');
  await strategy.backtest();
  await strategy.promote('paper');
  await desk.play(strategy, candles.slice(historyDays * candlesPerDay));
});
afterAll(async () => {
  await machine?.stop();
  await env?.teardown();
});

const lapsed = () => alertsOf(machine, strategy.strategyId, 'approval_lapsed');

describe('a promotion to live that needs a person', () => {
  it('waits on paper for as long as the policy says', async () => {
    const { status, approvalUntil } = await strategy.promote('active');
    expect(status).toBe('paper');
    const left = (approvalUntil ?? 0) - (await env.currentTimeMs());
    expect(left).toBeGreaterThan(windowMs - 60_000);
    expect(left).toBeLessThanOrEqual(windowMs);
    await env.sleep(windowMs - 120_000);
    expect(await strategy.view()).toMatchObject({ status: 'paper', approvalUntil });
    expect(await lapsed()).toEqual([]);
  });

  it('is not approved by a user without the admin role, nor by nobody we know', async () => {
    const assistant = await refusalOf(strategy.ask(approveUpdate, { by: 'assistant' }));
    expect(assistant).toMatchObject({ type: 'NotAuthorized', message: expect.stringContaining('trader') });
    expect(await refusalOf(strategy.ask(approveUpdate, { by: 'stranger' }))).toMatchObject({ type: 'NotAuthorized' });
    expect(await strategy.view()).toMatchObject({ status: 'paper', approvalUntil: expect.any(Number) });
  });

  it('lapses when nobody approves in time: it stays on paper and one alert says so', async () => {
    await env.sleep(180_000);
    expect(await strategy.view()).toMatchObject({ status: 'paper', approvalUntil: null });
    expect(await lapsed()).toEqual([
      { alert_type: 'approval_lapsed', severity: 'warning', message: expect.stringContaining('It stays paper') },
    ]);
  });

  it('cannot be approved after it has lapsed', async () => {
    const refusal = await refusalOf(strategy.ask(approveUpdate, { by: 'chief' }));
    expect(refusal).toMatchObject({ type: 'IllegalTransition', details: [{ status: 'paper' }] });
    expect(await strategy.view()).toMatchObject({ status: 'paper' });
  });

  it('goes live when it is asked for again and an admin approves in time, once', async () => {
    expect((await strategy.promote('active')).approvalUntil).not.toBeNull();
    const approve = () => strategy.ask(approveUpdate, { by: 'chief' });
    const { answers, refusals } = await settledUpdates([approve(), approve()]);
    expect(answers).toEqual([{ status: 'active', version: 1 }]);
    expect(refusals).toMatchObject([
      { type: 'IllegalTransition', message: 'the strategy is active and waits for no approval' },
    ]);
    await env.sleep(2 * windowMs);
    expect(await strategy.view()).toMatchObject({ status: 'active', approvalUntil: null });
    expect(await lapsed()).toHaveLength(1);
  });
});
