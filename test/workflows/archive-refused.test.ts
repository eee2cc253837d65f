import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { archiveUpdate } from '../../src/contracts/messages.ts';
import { createDesk, ordersOf, trader, type Desk } from '../support/desk.ts';
import { candlesPerDay, dayMs, dipCandles, dipStrategy, interval, marketStart } from '../support/dip-market.ts';
import { createTimeSkippingEnvironment } from '../support/time-skipping.ts';
import { refusalOf, startTestMachine, type TestMachine } from '../support/workflow-environment.ts';

/** The day after is a good one. */
const historyDays = 12;
const candles = dipCandles(historyDays + 1);
const historyEnd = marketStart + historyDays * dayMs;
/** Of the day: the close of the dip. */
const dip = historyDays * candlesPerDay + 2;

let env: TestWorkflowEnvironment;
let machine: TestMachine;
let desk: Desk;

beforeAll(async () => {
  env = await createTimeSkippingEnvironment();
  machine = await startTestMachine(env, { candles, interval, now: historyEnd });
  desk = createDesk(machine);
  await desk.backfill(marketStart, historyEnd - 1);
});
afterAll(async () => {
  await machine?.stop();
  await env?.teardown();
});

describe('a strategy whose position does not close', () => {
  it('is not archived and says why; it is once the market has taken the position', async () => {
    const strategy = await desk.createDraft(dipStrategy(), 'demo');
    await strategy.backtest();
    await strategy.promote('paper');
    const shapes = async (): Promise<string[]> =>
      (await ordersOf(machine, strategy)).map(({ environment, side, status }) => `${environment} ${side} ${status}`);
    const archive = () => strategy.ask(archiveUpdate, { by: trader });

    await desk.play(strategy, candles.slice(historyDays * candlesPerDay, dip + 2));
    const refusal = refusalOf(archive());
    await expect.poll(shapes, { timeout: 10_000 }).toEqual(['paper BUY filled', 'paper SELL open']);
    await env.sleep('16 minutes');
    expect(await refusal).toMatchObject({
      type: 'PositionStillOpen',
      message: expect.stringContaining('BTCUSDT (paper)'),
    });
    expect(await strategy.view()).toMatchObject({ status: 'paper' });
    await desk.play(strategy, candles.slice(dip + 2, dip + 3));
    expect(await shapes()).toEqual(['paper BUY filled', 'paper SELL filled']);
    expect(await archive()).toEqual({ status: 'archived', version: 1 });
  });
});
