import type { BacktestSummary, PromoteOutcome } from '../../contracts/messages.ts';
import { setPolicy } from '../../adapters/postgres/breaker/index.ts';
import { ingestCandles } from '../../adapters/postgres/candles.ts';
import { bindVenue } from '../../adapters/postgres/market-venue.ts';
import { createStrategy } from '../../adapters/postgres/strategies.ts';
import { createUser } from '../../adapters/postgres/users.ts';
import { DomainError } from '../../domain/errors.ts';
import type { Candle } from '../../domain/market/candle.ts';
import type { GateReport } from '../../domain/lifecycle/gates.ts';
import { gatePolicies } from '../../domain/lifecycle/gates.ts';
import type { StrategyRef } from '../typed-client.ts';
import { breakerPolicy } from './breaker-policy.ts';
import { crashDuringEntry, type CrashOutcome } from './crash.ts';
import type { DemoMachine } from './machine.ts';
import type { DemoMarket } from './market.ts';
import type { Step } from './progress.ts';
import { clientOrderIdOf, orderStatusesOf } from './records.ts';
import { replay, type ReplayPorts, type ReplayResult } from './replay.ts';
import { backtestLine, gateLines } from './report.ts';
import { demoStrategy } from './strategy.ts';

export const exchange = 'simulator';
export const operator = 'demo';
export const admin = 'demo-admin';
export const policy = gatePolicies.demo;
export const capital = '10000';

type Market = Pick<DemoMarket, 'symbol' | 'interval'>;

/** Stores the history and creates the strategy and the person who will approve it. */
export const prepare = async (
  { pool, trading }: DemoMachine,
  market: Market,
  history: readonly Candle[],
): Promise<StrategyRef> => {
  await bindVenue(pool, 'market_data', exchange, null);
  await ingestCandles(pool, { ...market, candles: history });
  // A locked password: this user approves here and can never log in.
  await createUser(pool, { username: admin, email: `${admin}@localhost`, role: 'admin', passwordHash: '!' });
  const definition = demoStrategy(market.symbol, market.interval);
  const { strategyId } = await createStrategy(pool, { definition, policy: policy.name, by: operator });
  const strategy = { strategyId, name: definition.name, ...market };
  await trading.startStrategy(strategy);
  for (const environment of ['paper', 'live'] as const)
    await setPolicy(pool, { environment, policy: breakerPolicy(market.interval), by: operator });
  return strategy;
};

export const backtest = async (
  { trading }: DemoMachine,
  strategy: StrategyRef,
  step: Step,
): Promise<BacktestSummary> => {
  const request = { by: operator, from: null, to: null, capital, feePct: 0.1, slippageBps: 0 };
  const summary = await trading.backtest(strategy, request);
  step.say(backtestLine(summary));
  return summary;
};

const passed = (outcome: PromoteOutcome, step: Step): GateReport => {
  for (const line of gateLines(outcome.gate)) step.say(line);
  if (outcome.gate.pass) return outcome.gate;
  throw new DomainError('GateNotMet', `the gate ${outcome.gate.gate} was not passed on this market`, {
    next: 'try another market: another --seed, or another file',
    details: { gate: outcome.gate },
  });
};

export const promoteToPaper = async (
  { trading }: DemoMachine,
  strategy: StrategyRef,
  step: Step,
): Promise<GateReport> => passed(await trading.promote(strategy, { by: operator, to: 'paper' }), step);

export const promoteToActive = async (
  { trading }: DemoMachine,
  strategy: StrategyRef,
  step: Step,
): Promise<GateReport> => {
  const outcome = await trading.promote(strategy, { by: operator, to: 'active' });
  const gate = passed(outcome, step);
  if (outcome.status === 'active') return gate;
  step.say(`The gate is passed and a person's approval is waited for: the strategy is still on ${outcome.status}.`);
  const { status } = await trading.approve(strategy, { by: admin });
  step.say(`Approved by ${admin}: ${status}.`);
  return gate;
};

export const replayPorts = (
  { pool, trading, simulator, ending }: DemoMachine,
  market: Market,
  { strategyId }: StrategyRef,
): ReplayPorts => ({
  moveClock: (to) => {
    ending.throwIfAborted();
    return simulator.moveClock(to);
  },
  tick: () => trading.tick({ exchange, ...market }),
  orderStatuses: (orderIds) => {
    ending.throwIfAborted();
    return orderStatusesOf(pool, orderIds);
  },
  ordersInFlight: async () => (await trading.strategy(strategyId)).ordersInFlight,
});

export const rate = ({ candles, decisions, tickMs, settleMs }: ReplayResult): string =>
  `${candles} candles, ${decisions} decisions; ${(tickMs / candles).toFixed(0)} ms a close, ` +
  `${(settleMs / Math.max(1, decisions)).toFixed(0)} ms a decision`;

/** Replays candles while the strategy trades on paper. */
export const replayPaper = async (
  machine: DemoMachine,
  market: Market,
  strategy: StrategyRef,
  candles: readonly Candle[],
  step: Step,
): Promise<void> => {
  const result = await replay(
    replayPorts(machine, market, strategy),
    { candles, interval: market.interval },
    { onCandle: (done, total) => step.bar(done, total, 'candles on paper') },
  );
  step.say(rate(result));
};

/** Replays candles while the strategy trades live, and kills the worker in its first entry. */
export const replayLive = async (
  machine: DemoMachine,
  market: Market,
  strategy: StrategyRef,
  candles: readonly Candle[],
  step: Step,
): Promise<CrashOutcome | null> => {
  const { pool, simulator, ending } = machine;
  let crash: CrashOutcome | null = null;
  const ports = {
    isAccepted: async (orderId: string) => {
      const clientOrderId = await clientOrderIdOf(pool, orderId);
      return (
        clientOrderId !== null && (await simulator.orders()).some((order) => order.clientOrderId === clientOrderId)
      );
    },
    orderStatus: async (orderId: string) => {
      ending.throwIfAborted();
      return (await orderStatusesOf(pool, [orderId])).get(orderId);
    },
    killWorker: machine.killWorker,
    startWorker: machine.startWorker,
  };
  const replaying = replayPorts(machine, market, strategy);
  await simulator.hangNextOrder();
  const result = await replay(
    replaying,
    { candles, interval: market.interval },
    {
      onCandle: (done, total) => step.bar(done, total, 'candles live'),
      onDecisions: async (decisions) => {
        const entry = decisions.find((decision) => decision.kind === 'entry');
        if (entry === undefined || crash !== null) return;
        if (!(await replaying.ordersInFlight()).includes(entry.decisionId)) return;
        crash = await crashDuringEntry(ports, entry, step.say);
      },
    },
  );
  step.say(rate(result));
  return crash;
};
