import { readBalances } from '../../adapters/postgres/balances.ts';
import { inspectIncident, listIncidents } from '../../adapters/postgres/breaker/index.ts';
import { tradingStateOf } from '../../adapters/postgres/breaker/trading-state.ts';
import { lastClose } from '../../adapters/postgres/order-trail.ts';
import type { IncidentView } from '../../contracts/breaker.ts';
import { dec, divide, floorToStep, rounding, text, zero } from '../../domain/decimal.ts';
import type { StrategyStatus } from '../../domain/lifecycle/transitions.ts';
import type { Candle } from '../../domain/market/candle.ts';
import { closeTimeOf } from '../../domain/market/interval.ts';
import { isDone } from '../breaker-text.ts';
import { intentOf } from '../commands/order/terms.ts';
import type { StrategyRef } from '../typed-client.ts';
import type { DemoMachine } from './machine.ts';
import type { DemoMarket } from './market.ts';
import type { Step } from './progress.ts';
import { openPositions, orderStatusesOf } from './records.ts';
import { replay } from './replay.ts';
import { admin, exchange, rate, replayPorts } from './stages.ts';
import { waitFor } from './wait-for.ts';

/** How the breaker met the fall. */
export interface FallOutcome {
  readonly incident: IncidentView;
  /** As it was when everything had been done: HALTED, nothing held, the strategy paused. */
  readonly halted: {
    readonly state: string;
    readonly positions: number;
    readonly strategy: StrategyStatus;
    readonly seconds: number;
  };
  /** As it was after the cool-down. */
  readonly after: { readonly state: string; readonly strategy: StrategyStatus };
}

/** Share of the free quote that a person puts in by hand, and the steps that it is bought in. */
const shareByHand = '0.6';
const stepByHand = '0.001';
const patienceMs = 60_000;

/** A position by hand beside the strategy's: what nobody's signal closes. */
const buyByHand = async (machine: DemoMachine, { symbol }: DemoMarket, step: Step): Promise<void> => {
  const { pool, trading } = machine;
  const last = await lastClose(pool, symbol);
  const balances = await readBalances(pool, { environment: 'live', exchange });
  const quote = [...balances.keys()].find((asset) => symbol.endsWith(asset)) ?? '';
  const spent = (balances.get(quote)?.free ?? zero).times(shareByHand);
  const bought = divide(spent, dec(last?.price ?? '1'), 8, rounding.down);
  const quantity = text(floorToStep(bought, dec(stepByHand)));
  const terms = { environment: 'live', symbol, side: 'buy', type: 'market', quantity, by: admin } as const;
  const intent = intentOf(terms, last, Date.now());
  await trading.placeOrder(intent);
  await waitFor(
    async () => ((await orderStatusesOf(pool, [intent.orderId])).get(intent.orderId) === 'filled' ? true : undefined),
    patienceMs,
    `the order by hand ${intent.orderId} was not filled`,
  );
  step.say(`${admin} buys ${quantity} ${symbol} by hand: ${text(spent.round(2))} ${quote}.`);
};

/**
 * Lets the market fall while something is held, until the breaker has met it and its cool-down is over. The market stands still while
 * the incident is carried out, and goes on when it is.
 * @returns null where the breaker did not fire
 */
export const meetFall = async (
  machine: DemoMachine,
  market: DemoMarket,
  strategy: StrategyRef,
  candles: readonly Candle[],
  step: Step,
): Promise<FallOutcome | null> => {
  const { pool, trading, ending } = machine;
  const statusOf = async (): Promise<StrategyStatus> => (await trading.strategy(strategy.strategyId)).status;
  const look = async (eventId: number): Promise<IncidentView> => {
    ending.throwIfAborted();
    return await inspectIncident(pool, eventId);
  };
  let fired: Pick<FallOutcome, 'incident' | 'halted'> | null = null;
  let after: FallOutcome['after'] | null = null;

  const carryOut = async (eventId: number): Promise<Pick<FallOutcome, 'incident' | 'halted'>> => {
    const began = performance.now();
    const incident = await waitFor(
      async () => {
        const view = await look(eventId);
        return isDone(view) && (await statusOf()) === 'paused' ? view : undefined;
      },
      patienceMs,
      `event ${eventId} was not carried out`,
    );
    const seconds = (performance.now() - began) / 1000;
    step.say(`${incident.reason}: event ${eventId}.`);
    for (const { action, outcome } of incident.actions) step.say(`${action}: ${outcome}`);
    const [state, positions] = [await tradingStateOf(pool, 'live'), await openPositions(pool, 'live')];
    return { incident, halted: { state, positions, strategy: await statusOf(), seconds } };
  };

  await buyByHand(machine, market, step);
  const result = await replay(
    replayPorts(machine, market, strategy),
    { candles, interval: market.interval },
    {
      onCandle: (done, total) => step.bar(done, total, 'candles of the fall'),
      afterCandle: async (candle) => {
        if (!fired) {
          const [open] = await listIncidents(pool, { environment: 'live', isOpen: true, limit: 1 });
          if (open) fired = await carryOut(open.eventId);
          return false;
        }
        const { eventId, coolDownUntil } = fired.incident;
        if (closeTimeOf(candle.time, market.interval) < (coolDownUntil ?? 0)) return false;
        const resolved = await waitFor(
          async () => {
            const view = await look(eventId);
            return view.resolvedAt !== null && (await statusOf()) === 'active' ? view : undefined;
          },
          patienceMs,
          `event ${eventId} did not end after its cool-down`,
        );
        fired = { ...fired, incident: resolved };
        after = { state: await tradingStateOf(pool, 'live'), strategy: await statusOf() };
        step.say(`Cooled down: trading is ${after.state}, the strategy is ${after.strategy} again.`);
        return true;
      },
    },
  );
  step.say(rate(result));
  const met = fired as Pick<FallOutcome, 'incident' | 'halted'> | null;
  return met && after && { ...met, after };
};
