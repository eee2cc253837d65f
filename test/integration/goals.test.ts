import { sql } from 'slonik';
import { z } from 'zod';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { GoalRequest } from '../../src/adapters/postgres/goals/set-goal.ts';
import { readEquity } from '../../src/adapters/postgres/portfolio/equity.ts';
import { writeRiskSnapshot } from '../../src/adapters/postgres/portfolio/snapshots.ts';
import { neutralSettings } from '../../src/domain/goals/risk-settings.ts';
import { entryIntent } from '../support/intents.ts';
import { type MarketStage, candlesOf, createMarketStage, marketStart, minute } from '../support/market-stage.ts';
import { addStrategy, countRows, definitionOf, newOrder } from '../support/trading.ts';

const hour = 3_600_000;
const day = 24 * hour;
const june = Date.UTC(2026, 5, 1);
const july = Date.UTC(2026, 6, 1);
const account = { environment: 'paper', exchange: 'paper' } as const;

let stage: MarketStage;

beforeAll(async () => {
  stage = await createMarketStage(candlesOf(['100', '100', '100']));
  await stage.activities.openAccount({ environment: 'paper', symbol: 'BTCUSDT' });
  await stage.replay(0, null);
});
afterAll(() => stage.close());

/** Everything but the account is gone: 10000 USDT are there and nothing else. */
beforeEach(async () => {
  await stage.pool.query(sql.unsafe`
    WITH a AS (DELETE FROM financial_goals), b AS (DELETE FROM processed_effects), c AS (DELETE FROM alerts), d AS (DELETE FROM audit_logs),
         e AS (DELETE FROM equity_state), f AS (DELETE FROM risk_metrics), g AS (DELETE FROM positions),
         h AS (UPDATE balance_flows SET is_linked = false), i AS (UPDATE orders SET status = 'cancelled')
    UPDATE risk_settings SET risk_scale = 1, risk_tolerance = NULL, max_strategies = NULL, adjusted_at = NULL`);
  await stage.pool.query(sql.unsafe`UPDATE trading_state SET state = 'ACTIVE'`);
  await worth(10_000);
});

/** The account is worth so much, without anything from the outside. */
const worth = async (usd: number): Promise<void> => {
  await stage.pool.query(sql.unsafe`
    UPDATE current_balances SET free_balance = ${usd}, locked_balance = 0, total_balance = ${usd}
    WHERE environment = 'paper' AND asset = 'USDT'`);
};

const set = async (over: Partial<GoalRequest> = {}): Promise<number> => {
  const { goal } = await stage.store.goals.set({
    type: 'monthly_return_pct',
    target: 10,
    environment: 'paper',
    by: 'ann',
    ...over,
  });
  return goal.goalId;
};
const tick = (goalId: number, at: number) => stage.store.goals.tick({ goalId, at });
const settings = () => stage.store.riskSettings.read('paper');

const auditRow = z.object({ action: z.string(), actor: z.string(), old_value: z.unknown(), new_value: z.unknown() });
const audit = (goalId: number, action: string) =>
  stage.pool.any(sql.type(auditRow)`
    SELECT action, actor, old_value, new_value FROM audit_logs
    WHERE entity_type = 'goal' AND entity_id = ${String(goalId)} AND action = ${action} ORDER BY id`);

const everything = async () =>
  await Promise.all(
    ['financial_goals', 'goal_progress', 'goal_adjustments', 'audit_logs', 'alerts', 'processed_effects'].map((table) =>
      countRows(stage.pool, table),
    ),
  );

describe('an hour of a goal', () => {
  it('is looked at once, however many ask at the same time', async () => {
    const goalId = await set();
    await tick(goalId, june);
    const views = await Promise.all(Array.from({ length: 6 }, () => tick(goalId, june + 10 * day)));
    for (const view of views) expect(view).toEqual(views[0]);
    expect(views[0]).toMatchObject({ progress: 'behind', current: 0, adjusted: true });
    expect(await countRows(stage.pool, 'goal_progress')).toBe(2);
    expect(await countRows(stage.pool, 'goal_adjustments')).toBe(1);
    expect(await settings()).toMatchObject({
      riskScale: 1.1,
      riskTolerance: 0.02,
      goalId,
      adjustedAt: june + 10 * day,
    });
    const [change] = await audit(goalId, 'set_risk').then((rows) => rows.slice(-1));
    expect(change).toMatchObject({ actor: 'goalLoop', old_value: { riskScale: 1 }, new_value: { riskScale: 1.1 } });
    // Later in the same hour it is the same look; the next hour's is another one.
    await worth(20_000);
    expect(await tick(goalId, june + 10 * day + hour - 1)).toEqual(views[0]);
    expect(await tick(goalId, june + 10 * day + hour)).toMatchObject({ progress: 'ahead', current: 100 });
  });

  it('of several goals at once waits for each other instead of failing', async () => {
    const ids = await Promise.all([
      set(),
      set({ type: 'monthly_profit_usd', target: 1_000, priority: 2 }),
      set({ type: 'portfolio_target_usd', target: 50_000, priority: 3 }),
    ]);
    const views = await Promise.all(ids.flatMap((id) => [tick(id, june), tick(id, june + 10 * day)]));
    expect(views.filter(({ adjusted }) => adjusted).length).toBeLessThanOrEqual(1);
    expect(await countRows(stage.pool, 'goal_progress')).toBe(6);
  });

  it('changes nothing while a breaker is open, and says so', async () => {
    const goalId = await set();
    await tick(goalId, june);
    await stage.pool.query(sql.unsafe`UPDATE trading_state SET state = 'REDUCING' WHERE environment = 'paper'`);
    const view = await tick(goalId, june + 10 * day);
    expect(view).toMatchObject({ adjusted: false, progress: 'behind' });
    expect(view.note).toMatch(/trading is REDUCING/);
    expect(await settings()).toMatchObject({ riskScale: 1 });
  });

  it('writes nothing where no account was opened, or nobody wants it looked at', async () => {
    const live = await set({ environment: 'live' });
    const before = await everything();
    expect((await tick(live, june)).note).toMatch(/no account of live/);
    await expect(tick(999_999, june)).rejects.toMatchObject({ name: 'NotFound' });
    expect(await everything()).toEqual(before);
    await stage.store.goals.changeStatus({ goalId: live, to: 'paused', by: 'ann' });
    expect((await tick(live, june)).note).toBe('it is paused');
  });
});

describe('a month', () => {
  it('begins anew with what the snapshot at its turn says, and a goal that was reached stays active', async () => {
    const goalId = await set();
    await tick(goalId, june);
    await worth(11_000);
    expect(await tick(goalId, june + day)).toMatchObject({ current: 10, progress: 'ahead' });
    await tick(goalId, june + 2 * day);
    expect(await countRows(stage.pool, 'alerts', sql.fragment`alert_type = 'goal_achieved'`)).toBe(1);
    const { goal } = await tick(goalId, june + 3 * day);
    expect(goal).toMatchObject({ status: 'active', achievedAt: june + day });

    await worth(10_500);
    const reading = await readEquity(stage.pool, 'paper');
    await writeRiskSnapshot(stage.pool, { environment: 'paper', snapshotId: 'turn' }, reading!);
    await stage.pool.query(sql.unsafe`UPDATE risk_metrics SET timestamp = '2026-06-30 23:59:58'`);
    await worth(11_000);
    const turned = await tick(goalId, july + hour);
    expect(turned.goal.baseline).toEqual({ at: july, equity: 10_500, index: 1.05, netFlows: 10_000 });
    expect(turned.current).toBeCloseTo((1.1 / 1.05 - 1) * 100);
    expect(turned.note).toMatch(/began with 10500.00 USD, as of the first instant/);
    expect(await audit(goalId, 'begin_goal_period')).toHaveLength(2);
    await worth(11_600);
    await tick(goalId, july + day);
    expect(await countRows(stage.pool, 'alerts', sql.fragment`alert_type = 'goal_achieved'`)).toBe(2);

    const august = await tick(goalId, Date.UTC(2026, 7, 3));
    expect(august).toMatchObject({ current: 0, goal: { baseline: { at: Date.UTC(2026, 7, 3), equity: 11_600 } } });
    expect(august.note).toMatch(/nothing is stored of its first instant/);
  });

  it('leaves out what comes from the outside', async () => {
    const goalId = await set({ type: 'monthly_profit_usd', target: 1_000 });
    const worthId = await set({ type: 'portfolio_target_usd', target: 20_000, priority: 2 });
    await Promise.all([tick(goalId, june), tick(worthId, june)]);
    await stage.pool.query(sql.unsafe`
      WITH f AS (INSERT INTO balance_flows (flow_key, environment, exchange, asset, amount, kind, occurred_at)
                 VALUES ('goals-test', 'paper', 'paper', 'USDT', 50000, 'deposit', now()))
      UPDATE current_balances SET free_balance = 60100, total_balance = 60100 WHERE environment = 'paper' AND asset = 'USDT'`);
    expect(await tick(goalId, june + day)).toMatchObject({ current: 100 });
    expect(await tick(worthId, june + day)).toMatchObject({ current: 10_100, goal: { status: 'active' } });
    await stage.pool.query(sql.unsafe`DELETE FROM balance_flows WHERE flow_key = 'goals-test'`);
  });
});

describe('a portfolio target that is reached', () => {
  it('is achieved, told once, and leaves every stake a strategy’s own again', async () => {
    const goalId = await set({ type: 'portfolio_target_usd', target: 12_000 });
    await tick(goalId, june);
    expect(await tick(goalId, june + 90 * day)).toMatchObject({ progress: 'behind', adjusted: true });
    expect(await settings()).toMatchObject({ riskScale: 1.1 });
    await worth(12_000);
    const reached = await tick(goalId, june + 91 * day);
    expect(reached.goal).toMatchObject({ status: 'achieved', achievedAt: june + 91 * day });
    expect(await settings()).toEqual({ ...neutralSettings, adjustedAt: june + 90 * day });
    expect((await audit(goalId, 'set_risk')).at(-1)).toMatchObject({
      old_value: { riskScale: 1.1 },
      new_value: { riskScale: 1 },
    });
    expect(await audit(goalId, 'achieve_goal')).toHaveLength(1);
    expect(await countRows(stage.pool, 'alerts', sql.fragment`alert_type = 'goal_achieved'`)).toBe(1);
    expect((await tick(goalId, june + 92 * day)).note).toBe('it is achieved');
    await expect(stage.store.goals.changeStatus({ goalId, to: 'active', by: 'ann' })).rejects.toMatchObject({
      name: 'IllegalTransition',
    });
  });
});

describe('a portfolio target whose date has passed', () => {
  it('is told once, and adjusts nothing any more', async () => {
    const targetDate = Date.UTC(2100, 0, 1);
    const goalId = await set({ type: 'portfolio_target_usd', target: 12_000, targetDate });
    await tick(goalId, targetDate - 90 * day);
    expect(await tick(goalId, targetDate - day)).toMatchObject({ adjusted: true });
    for (const days of [0, 1, 2])
      expect((await tick(goalId, targetDate + days * day)).note).toMatch(/its date has passed/);
    expect(await countRows(stage.pool, 'alerts', sql.fragment`alert_type = 'goal_missed'`)).toBe(1);
    expect(await settings()).toEqual({ ...neutralSettings, adjustedAt: targetDate - day });
  });
});

describe('a goal that is set', () => {
  it('takes the place of its type’s, keeps what is left out, and is looked at anew in the same hour', async () => {
    const goalId = await set({ priority: 4, riskTolerance: 0.05 });
    await tick(goalId, june);
    const { goal, replaced } = await stage.store.goals.set({ type: 'monthly_return_pct', target: 5, by: 'bob' });
    expect(goal).toMatchObject({
      goalId,
      target: 5,
      priority: 4,
      riskTolerance: 0.05,
      environment: 'paper',
      baseline: null,
    });
    expect(replaced).toMatchObject({ target: 10 });
    const [, change] = await audit(goalId, 'set_goal');
    expect(change).toMatchObject({ actor: 'bob', old_value: { target: 10 }, new_value: { target: 5 } });
    expect((await tick(goalId, june + 1)).goal.target).toBe(5);
    expect(await countRows(stage.pool, 'financial_goals')).toBe(1);
  });

  it.each([
    [{ target: 0 }, /target is 0/],
    [{ target: -1 }, /target is -1/],
    [{ target: Number.NaN }, /target is NaN/],
    [{ type: 'portfolio_target_usd', target: 1, targetDate: 1_000 }, /1970-01-01.* is in the past/],
    [{ targetDate: Date.UTC(2100, 0, 1) }, /has no target date/],
    [{ riskTolerance: 0 }, /risk tolerance is 0/],
    [{ riskTolerance: 0.26 }, /risk tolerance is 0.26/],
    [{ maxDrawdown: 1 }, /maximum drawdown is 1/],
    [{ priority: 0 }, /priority is 0/],
    [{ bounds: { ceiling: 9 } }, /bounds.ceiling is 9/],
  ] as const)('with %o is refused, and nothing is written', async (over, message) => {
    const before = await everything();
    await expect(set(over)).rejects.toMatchObject({
      name: 'BadGoal',
      message: expect.stringMatching(message) as string,
    });
    expect(await everything()).toEqual(before);
  });

  it('says that its portfolio target is reached already', async () => {
    const { notes } = await stage.store.goals.set({
      type: 'portfolio_target_usd',
      target: 9_000,
      environment: 'paper',
      by: 'ann',
    });
    expect(notes.join()).toMatch(/worth 10000.00 USD already/);
  });
});

describe('what goals have set', () => {
  const enter = async (): Promise<{ quantity: string; riskScale: string | undefined }> => {
    const risk = { position_size: { type: 'fixed_quote', value: 1_001 } } as const;
    const strategyId = await addStrategy(stage.pool, 'paper', definitionOf({}, risk));
    const intent = entryIntent(strategyId, marketStart + minute, { environment: 'paper' });
    await stage.activities.placeOrder(intent);
    const { quantity, metadata } = await stage.store.orders.load(intent.orderId);
    return { quantity, riskScale: metadata.riskScale };
  };

  it('sizes the next order, and no order any more once the goal is paused', async () => {
    // 1001 at 100 with a fee of 0.1 %: 10.
    expect(await enter()).toEqual({ quantity: '10', riskScale: '1' });
    await worth(10_000);
    const goalId = await set();
    await tick(goalId, june);
    await tick(goalId, june + 10 * day);
    expect(await enter()).toEqual({ quantity: '11', riskScale: '1.1' });
    await stage.store.goals.changeStatus({ goalId, to: 'paused', by: 'ann' });
    expect(await settings()).toEqual({ ...neutralSettings, adjustedAt: june + 10 * day });
    await worth(10_000);
    expect(await enter()).toEqual({ quantity: '10', riskScale: '1' });
    await stage.store.goals.changeStatus({ goalId, to: 'active', by: 'ann' });
    expect(await audit(goalId, 'change_goal_status')).toHaveLength(2);
  });

  it('keeps all but so many strategies from holding something, however many try at once', async () => {
    await set({ bounds: { strategies: 9, ceiling: 1.2 } });
    expect(await settings()).toMatchObject({ maxStrategies: 9 });
    const goalId = await set({ bounds: { strategies: 2 } });
    expect(await settings()).toMatchObject({ maxStrategies: 2 });
    expect((await audit(goalId, 'set_goal')).at(-1)?.new_value).toMatchObject({
      bounds: { strategies: 2, strategiesCeiling: 3, ceiling: 1.2, floor: 0.25 },
    });
    const orders = await Promise.all(
      Array.from({ length: 6 }, async () => {
        const strategyId = await addStrategy(stage.pool, 'paper');
        const order = newOrder(strategyId, account);
        await stage.store.orders.insert(order, 'test');
        return order;
      }),
    );
    const submit = ({ orderId }: { orderId: string }) =>
      stage.store.orders.markSubmitting({
        orderId,
        sentAt: 0,
        reserveAsset: 'USDT',
        reserveAmount: '1',
        actor: 'test',
      });
    const outcomes = await Promise.allSettled(orders.map(submit));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(2);
    for (const outcome of outcomes)
      if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ name: 'CapExceeded' });
    // An order by hand is nobody's strategy.
    const manual = await stage.store.strategies.ensureManual('paper');
    const byHand = newOrder(manual, { ...account, kind: 'manual' });
    await stage.store.orders.insert(byHand, 'test');
    expect(await submit(byHand)).toMatchObject({ submitted: true });
  });
});
