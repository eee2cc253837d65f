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
}

export interface ReplayHooks {
  readonly onCandle?: (done: number, total: number) => void;
  /** Runs between a tick and the wait for the orders of its decisions. */
  readonly onDecisions?: (decisions: readonly Decision[]) => Promise<void>;
}

export interface ReplayResult {
  readonly candles: number;
  readonly decisions: number;
  /** Milliseconds spent in the ticks alone. */
  readonly tickMs: number;
}

const pollMs = 15;
const patienceMs = 60_000;

const hasLeftUs = (status: OrderStatus | undefined): boolean =>
  status !== undefined && status !== 'pending' && status !== 'submitting';

/**
 * Waits until every decision has an order row that is past sending, and every order that was told of new candles has
 * ended. The market stands still meanwhile: that is what makes a fast replay mean the same as a slow market.
 * @throws DomainError `ReplayStalled` naming the orders, when a minute was not enough.
 */
const settle = async (ports: ReplayPorts, tick: ClockTick): Promise<void> => {
  const decided = tick.decisions.map((decision) => decision.decisionId);
  const ids = [...new Set([...decided, ...tick.ordersNotified])];
  if (ids.length === 0) return;
  const deadline = Date.now() + patienceMs;
  for (;;) {
    const statuses = await ports.orderStatuses(ids);
    const waiting = ids.filter((id) => {
      const status = statuses.get(id);
      return tick.ordersNotified.includes(id) ? status === undefined || !isTerminal(status) : !hasLeftUs(status);
    });
    if (waiting.length === 0) return;
    if (Date.now() > deadline) {
      const found = waiting.map((id) => `${id} is ${statuses.get(id) ?? 'without a row'}`).join(', ');
      throw new DomainError('ReplayStalled', `the replay waited a minute for orders: ${found}`, {
        next: 'look at the order’s workflow in the Temporal Web UI: mastertrade demo --keep keeps it open',
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
  let decisions = 0;
  let tickMs = 0;
  for (const [index, candle] of market.candles.entries()) {
    await ports.moveClock(closeTimeOf(candle.time, market.interval));
    const start = performance.now();
    const tick = await ports.tick();
    tickMs += performance.now() - start;
    decisions += tick.decisions.length;
    if (tick.decisions.length > 0) await hooks.onDecisions?.(tick.decisions);
    await settle(ports, tick);
    hooks.onCandle?.(index + 1, market.candles.length);
  }
  return { candles: market.candles.length, decisions, tickMs };
};
