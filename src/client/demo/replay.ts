import { setTimeout as sleep } from 'node:timers/promises';
import type { ClockTick, Decision } from '../../contracts/messages.ts';
import type { Candle } from '../../domain/market/candle.ts';
import { closeTimeOf, type Interval } from '../../domain/market/interval.ts';
import { isTerminal, type OrderStatus } from '../../domain/orders/order.ts';
import { DomainError } from '../../domain/errors.ts';

/** What a replay moves and looks at. */
export interface ReplayPorts {
  /** Moves the exchange's clock; epoch ms. */
  moveClock(to: number): Promise<void>;
  /** Resolves when the market clock has handled everything that is closed by now. */
  tick(): Promise<ClockTick>;
  /** Statuses of the order rows that exist, by order id. */
  orderStatuses(orderIds: readonly string[]): Promise<ReadonlyMap<string, OrderStatus>>;
  /** Orders that the strategy's workflow has started and not yet seen end. */
  ordersInFlight(): Promise<readonly string[]>;
}

export interface ReplayHooks {
  readonly onCandle?: (done: number, total: number) => void;
  /** Runs between a tick and the wait for the orders of its decisions. */
  readonly onDecisions?: (decisions: readonly Decision[]) => Promise<void>;
  /** Runs once all that followed from a candle is done; true ends the replay there. */
  readonly afterCandle?: (candle: Candle) => Promise<boolean>;
}

export interface ReplayResult {
  readonly candles: number;
  readonly decisions: number;
  /** Milliseconds spent in the ticks alone, and in waiting for the orders that followed. */
  readonly tickMs: number;
  readonly settleMs: number;
}

const pollMs = 15;
const patienceMs = 60_000;

/**
 * Waits until every decision has become an order that is past sending, and the strategy knows of every order that has
 * ended. What the candles fill is on record when the tick is over: what rests on then goes on resting. A decision that the strategy did not take up has no order and is not waited for.
 * The market stands still meanwhile: that is what makes a fast replay mean the same as a slow market.
 * @throws DomainError `ReplayStalled` naming the orders, when a minute was not enough.
 */
const settle = async (ports: ReplayPorts, tick: ClockTick): Promise<void> => {
  const decided = tick.decisions.map((decision) => decision.decisionId);
  const ids = [...new Set([...decided, ...tick.ordersNotified])];
  if (ids.length === 0) return;
  const deadline = Date.now() + patienceMs;
  for (;;) {
    // Asked in this order: what is not in flight by then either has its row or never gets one.
    const inFlight = await ports.ordersInFlight();
    const statuses = await ports.orderStatuses(ids);
    const isSettled = (id: string): boolean => {
      const status = statuses.get(id);
      if (status === undefined || isTerminal(status)) return !inFlight.includes(id);
      return status !== 'pending' && status !== 'submitting';
    };
    const waiting = ids.filter((id) => !isSettled(id));
    if (waiting.length === 0) return;
    if (Date.now() > deadline) {
      const found = waiting.map((id) => `${id} is ${statuses.get(id) ?? 'without a row'}`).join(', ');
      throw new DomainError('ReplayStalled', `the replay waited a minute for orders: ${found}`, {
        next: 'look at the order’s workflow in the Temporal Web UI while mastertrade demo runs',
        details: { orders: waiting },
      });
    }
    await sleep(pollMs);
  }
};

/** Plays the candles one by one: the next one closes only after all that followed from the last one is done. */
export const replay = async (
  ports: ReplayPorts,
  market: { readonly candles: readonly Candle[]; readonly interval: Interval },
  hooks: ReplayHooks = {},
): Promise<ReplayResult> => {
  let played = 0;
  let decisions = 0;
  let tickMs = 0;
  let settleMs = 0;
  for (const [index, candle] of market.candles.entries()) {
    await ports.moveClock(closeTimeOf(candle.time, market.interval));
    const start = performance.now();
    const tick = await ports.tick();
    tickMs += performance.now() - start;
    decisions += tick.decisions.length;
    if (tick.decisions.length > 0) await hooks.onDecisions?.(tick.decisions);
    const handled = performance.now();
    await settle(ports, tick);
    settleMs += performance.now() - handled;
    played = index + 1;
    hooks.onCandle?.(played, market.candles.length);
    if (await hooks.afterCandle?.(candle)) break;
  }
  return { candles: played, decisions, tickMs, settleMs };
};
