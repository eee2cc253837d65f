import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLifecycleActivities } from '../../src/activities/lifecycle-activities.ts';
import type { RiskParams } from '../../src/domain/strategy/definition.ts';
import { type MarketStage, candlesOf, createMarketStage } from '../support/market-stage.ts';
import { addStrategy, definitionOf } from '../support/trading.ts';

let stage: MarketStage;
beforeAll(async () => {
  stage = await createMarketStage(candlesOf(['101', '102', '103']));
  await stage.activities.openAccount({ environment: 'paper', symbol: 'BTCUSDT' });
  await stage.closeOf(0);
});
afterAll(() => stage.close());

const cases: readonly (readonly [string, Partial<RiskParams>])[] = [
  ['sizing by kelly', { position_size: { type: 'kelly', value: 0.5 } }],
  ['partial targets', { exits: [{ pct: 1, fraction: 0.5 }] }],
  ['several positions at a time', { max_open_positions: 3 }],
];

describe.each(cases)('%s, which orders do not carry out', (found, risk) => {
  it('are named at the gate to paper', async () => {
    const activities = createLifecycleActivities({
      store: stage.store,
      marketOf: () => Promise.reject(new TypeError()),
    });
    const strategyId = await addStrategy(stage.pool, 'paper', definitionOf({}, risk));
    const { report } = await activities.judgeGate({ strategyId, to: 'paper' });
    expect(report.pass).toBe(false);
    expect(report.criteria.at(-1)).toEqual({
      name: 'what orders can carry out',
      required: 'all',
      actual: `not ${found}`,
      pass: false,
    });
  });

  it('are refused by the entry of a strategy that trades all the same', async () => {
    const strategyId = await addStrategy(stage.pool, 'paper', definitionOf({}, risk));
    const { decisions } = await stage.handleClose(null);
    const decision = decisions.find((each) => each.strategyId === strategyId);
    expect(await stage.place(decision!)).toMatchObject({
      status: 'rejected',
      note: `STRATEGY: paper orders do not carry out ${found}`,
    });
  });
});

it('a strategy that orders carry out wholly passes that criterion, and buys', async () => {
  const activities = createLifecycleActivities({ store: stage.store, marketOf: () => Promise.reject(new TypeError()) });
  const strategyId = await addStrategy(stage.pool, 'paper', definitionOf());
  const { report } = await activities.judgeGate({ strategyId, to: 'paper' });
  expect(report.criteria.at(-1)).toMatchObject({ actual: 'all', pass: true });
  const { decisions } = await stage.handleClose(null);
  const decision = decisions.find((each) => each.strategyId === strategyId);
  expect((await stage.place(decision!)).status).toBe('open');
});
