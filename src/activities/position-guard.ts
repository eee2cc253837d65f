import type { OrderRecord } from '../adapters/postgres/orders.ts';
import type { HeldRecord, PositionKey } from '../adapters/postgres/protection.ts';
import type { Store } from '../adapters/postgres/store.ts';
import type { StrategyRecord } from '../adapters/postgres/strategies.ts';
import type { GuardView } from '../contracts/messages.ts';
import { type OrderProtection, intentOf } from '../contracts/order-intent.ts';
import { circuitBreakerWorkflowId } from '../contracts/workflow-ids.ts';
import type { Venue } from '../contracts/venue.ts';
import { dec, min, zero } from '../domain/decimal.ts';
import { exitSide } from '../domain/fills/fill-model.ts';
import { type FollowedProtection, followProtection } from '../domain/fills/follow-protection.ts';
import { intervalMs, openTimeOf } from '../domain/market/interval.ts';
import { type ProtectionPlan, planProtection, restsAsPlanned } from '../domain/orders/protection-plan.ts';
import { createDecision, protectionOf } from './decisions.ts';
import { tryAgain } from './failures.ts';
import type { CancelRequest, OrderSync } from './order-sync.ts';
import { type Sent, createProtectionSender, guardActor as actor } from './protection-sender.ts';
import { protectiveLegs } from './protective-legs.ts';

/** Cancel, look again, place: more rounds than this in one go means that something else moves all the time. */
const mostRounds = 6;
const askAgainMs = 1_000;
/** A position held for longer is followed over its newest bars. */
const mostBarsHeld = 20_000;

export interface GuardDeps {
  readonly store: Store;
  readonly sync: OrderSync;
  /** How long a position may be uncovered before a person is told, ms. */
  readonly unprotectedLimitMs: number;
}

const isLive = ({ status }: OrderRecord): boolean => status === 'open' || status === 'partially_filled';

/**
 * Keeps what rests at a venue in line with what a strategy holds there. It works by comparing: from whatever state an earlier attempt
 * left, the same rules lead to the same end, and rows are written before anything is sent.
 */
export const createPositionGuard = ({ store, sync, unprotectedLimitMs }: GuardDeps) => {
  const send = createProtectionSender(store, sync);

  const cancelAll = async (venue: Venue, legs: readonly OrderRecord[], request: CancelRequest): Promise<void> => {
    for (const leg of legs) {
      const known = await store.orders.load(leg.orderId);
      if (known.status === 'unknown') continue;
      const after = await sync.cancel(venue, known, request);
      if (isLive(after) || after.status === 'submitting')
        throw tryAgain('CancelNotSettled', `${venue.id} still shows order ${after.clientOrderId} as open`, askAgainMs);
    }
  };

  /** Takes back everything that protects a position. What filled meanwhile is booked. */
  const makeWay = async (venue: Venue, key: PositionKey, request: CancelRequest): Promise<void> =>
    await cancelAll(venue, await store.protection.orders(key), request);

  /** What is there once the venue has been asked: in the end each order is live, pending or unknown. */
  const settled = async (venue: Venue, key: PositionKey): Promise<readonly OrderRecord[]> => {
    for (const leg of await store.protection.orders(key)) {
      const known = await store.orders.load(leg.orderId);
      if (isLive(known) || known.status === 'submitting') await sync.sync(venue, known, actor);
    }
    return await store.protection.orders(key);
  };

  const follow = async (
    { definition: { symbol, interval, risk_params: risk } }: StrategyRecord,
    held: HeldRecord,
    tickSize: number,
    now: number,
  ): Promise<FollowedProtection> => {
    const from = openTimeOf(held.openedAt, interval);
    const bars = Math.min(mostBarsHeld, Math.ceil((now - from) / intervalMs[interval]));
    const columns = await store.candles.latestColumns({ symbol, interval, from, limit: Math.max(bars, 1) });
    const position = { entryPrice: Number(held.entryPrice), openedAt: held.openedAt };
    return followProtection(risk, columns, position, tickSize, intervalMs[interval]);
  };

  /** Base that is held and free, or reserved by the protection itself. */
  const sellable = async (key: PositionKey, held: HeldRecord, base: string, legs: readonly OrderRecord[]) => {
    const balances = await store.balances.read({ environment: key.environment, exchange: held.exchange });
    const own = legs.reduce((total, leg) => total.plus(leg.reservedAmount ?? '0'), zero);
    return min(dec(held.quantity), (balances.get(base)?.free ?? zero).plus(own));
  };

  const viewOf = (
    venue: Venue,
    state: GuardView['state'],
    held: HeldRecord | null,
    legs: readonly OrderRecord[],
    note: string,
    exit: GuardView['exit'] = null,
  ): GuardView => ({
    state,
    exchange: venue.id,
    held: held?.quantity ?? '0',
    stop: legs.find(({ type }) => type === 'STOP_LOSS')?.stopPrice ?? null,
    target: legs.find(({ type }) => type === 'TAKE_PROFIT')?.price ?? null,
    orders: legs.map((leg) => leg.orderId),
    note,
    exit,
    breaker: state === 'flat' ? circuitBreakerWorkflowId(venue.environment) : null,
  });

  /** Leaves by a market order, decided on the newest closed candle as the market clock would decide it. */
  const leaveNow = async (
    venue: Venue,
    key: PositionKey,
    { definition, version }: StrategyRecord,
    held: HeldRecord,
    {
      type,
      level,
      reason,
    }: { readonly type: OrderProtection['type']; readonly level: number | null; readonly reason: string },
  ): Promise<GuardView> => {
    const { symbol, interval } = definition;
    const [newest] = await store.candles.read({ symbol, interval, limit: 1, latest: true });
    const candleTime = newest?.time ?? openTimeOf(held.openedAt, interval);
    const exit = createDecision(
      {
        ...key,
        version,
        kind: 'exit',
        side: exitSide(held.side),
        candleTime,
        referencePrice: newest?.close ?? held.entryPrice,
        reason,
        ...(level !== null && { protection: protectionOf({ type, level, candleTime }) }),
      },
      interval,
    );
    return viewOf(venue, 'leaving', held, [], `${reason}: the market is beyond it already`, intentOf(exit, interval));
  };

  const warn = async (key: PositionKey, held: HeldRecord, severity: 'warning' | 'critical', message: string) => {
    await store.alerts.raise({
      type: 'position_unprotected',
      severity,
      title: `${held.quantity} ${key.symbol} (${key.environment}) ${severity === 'critical' ? 'is' : 'was'} without protection at the venue`,
      message,
      entityType: 'position',
      entityId: `${key.strategyId}/${key.symbol}/${key.environment}`,
      dedupeKey: `position_unprotected/${key.strategyId}/${key.symbol}/${key.environment}/${held.openedAt}/${severity}`,
    });
  };

  /** Writes the rows and sends them; null where somebody else changed the position in between: look again. */
  const cover = async (
    venue: Venue,
    key: PositionKey,
    strategy: StrategyRecord,
    held: HeldRecord,
    plan: ProtectionPlan,
  ): Promise<Sent | null> => {
    const now = await venue.now(key.symbol);
    const number = await store.protection.count(key);
    const uncovered = now - held.openedAt;
    if (number === 0 && uncovered > unprotectedLimitMs)
      await warn(key, held, 'warning', `It was covered ${Math.round(uncovered / 1000)} s after its first fill.`);
    const market = await venue.market(key.symbol);
    const legs = await store.protection.insert(
      key,
      protectiveLegs(key, strategy, held, market, plan, number, now),
      actor,
    );
    return legs && (await send(venue, key.symbol, legs));
  };

  const guard = async (venue: Venue, key: PositionKey): Promise<GuardView> => {
    for (let round = 0; round < mostRounds; round += 1) {
      const legs = await settled(venue, key);
      const held = await store.protection.held(key);
      const at = await venue.now(key.symbol);
      if (!held) {
        if (legs.length === 0) return viewOf(venue, 'flat', null, [], 'nothing is held');
        await cancelAll(venue, legs, { at, by: actor, reason: 'the position is closed' });
        if ((await store.protection.orders(key)).every(({ status }) => status === 'unknown'))
          return viewOf(venue, 'flat', null, [], 'nothing is held');
        continue;
      }
      if (await store.protection.isLeaving(key)) return viewOf(venue, 'leaving', held, legs, 'an exit is at work');
      const lost = legs.find(({ status }) => status === 'unknown');
      if (lost)
        return viewOf(venue, 'unprotected', held, legs, `what became of protective order ${lost.orderId} is unknown`);
      const strategy = await store.strategies.load(key.strategyId);
      const market = await venue.market(key.symbol);
      const { trigger, levels } = await follow(strategy, held, Number(market.filters.tickSize), at);
      const stop = { type: 'STOP_LOSS', level: levels.stop, reason: levels.stopReason } as const;
      if (trigger && legs.length === 0) return await leaveNow(venue, key, strategy, held, trigger);
      const planned = planProtection(
        await sellable(key, held, market.base, legs),
        levels,
        market,
        venue.protection === 'stop' ? 'stop' : 'pair',
      );
      if (planned.kind === 'rest' && restsAsPlanned(planned.plan, legs)) {
        if (legs.every(isLive)) return viewOf(venue, 'resting', held, legs, 'covered');
        const resent = await send(
          venue,
          key.symbol,
          legs.filter(({ status }) => status === 'pending'),
        );
        if (resent.kind === 'beyond') return await leaveNow(venue, key, strategy, held, stop);
        if (resent.kind === 'refused') return viewOf(venue, 'unprotected', held, [], resent.note);
        continue;
      }
      if (legs.length > 0) {
        await cancelAll(venue, legs, { at, by: actor, reason: 'what is held or its levels changed' });
        continue;
      }
      if (planned.kind === 'none') return viewOf(venue, 'uncoverable', held, [], planned.reason);
      const sent = await cover(venue, key, strategy, held, planned.plan);
      if (sent?.kind === 'beyond') return await leaveNow(venue, key, strategy, held, stop);
      if (sent?.kind === 'refused') return viewOf(venue, 'unprotected', held, [], sent.note);
    }
    throw tryAgain(
      'ProtectionUnsettled',
      `what protects ${key.symbol} of ${key.strategyId} keeps changing`,
      askAgainMs,
    );
  };

  /** Tells a person once a position has been uncovered for too long. @param since epoch ms, wall time */
  const watchWindow = async (key: PositionKey, since: number, note: string): Promise<void> => {
    if (Date.now() - since < unprotectedLimitMs) return;
    const held = await store.protection.held(key);
    if (held) await warn(key, held, 'critical', `${note}. It is tried again; close it by hand if it stays so.`);
  };

  return {
    makeWay,
    /**
     * @param since wall time, epoch ms, from which the position counts as uncovered
     * @throws VenueFailure, ApplicationFailure what passes by itself: to be tried again
     */
    guard: async (venue: Venue, key: PositionKey, since: number): Promise<GuardView> => {
      try {
        const view = await guard(venue, key);
        if (view.state === 'unprotected') await watchWindow(key, since, view.note);
        return view;
      } catch (error) {
        await watchWindow(key, since, error instanceof Error ? error.message : String(error));
        throw error;
      }
    },
  };
};

export type PositionGuard = ReturnType<typeof createPositionGuard>;
