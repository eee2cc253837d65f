import type { CommonQueryMethods } from 'slonik';
import type { ClosedPosition } from '../../domain/breaker/closed-position.ts';
import type { TradingState } from '../../domain/breaker/policy.ts';
import { type EntryHold, heldBackBy, protectionSpanMs } from '../../domain/breaker/protections.ts';
import type { StrategyStatus } from '../../domain/lifecycle/transitions.ts';
import { closeTimeOf } from '../../domain/market/interval.ts';
import type { Environment } from '../../domain/orders/order.ts';
import { readPolicy } from './breaker/policies.ts';
import { tradingStateOf } from './breaker/trading-state.ts';
import { lastCandleTime } from './candles.ts';
import { closedPositions } from './closed-positions.ts';
import type { StrategyRecord } from './strategies.ts';

export interface EntryHolds {
  readonly state: TradingState;
  /** By strategy; one that no protection holds back is not in it. */
  readonly holds: ReadonlyMap<string, EntryHold>;
}

/**
 * What keeps entries of strategies out of an environment: its trading state, and the protections of its policy. Closed positions are
 * read only where trading is ACTIVE and a protection is on, and no further back than they look.
 * @param request `at`: the close that is judged, `now`: when that is, both in market time, epoch ms
 */
export const entryHolds = async (
  db: CommonQueryMethods,
  request: {
    readonly environment: Environment;
    readonly strategyIds: readonly string[];
    readonly at: number;
    readonly now: number;
  },
): Promise<EntryHolds> => {
  const { environment, strategyIds, at, now } = request;
  const state = await tradingStateOf(db, environment);
  if (state !== 'ACTIVE') return { state, holds: new Map() };
  const { protections } = await readPolicy(db, environment);
  const span = protectionSpanMs(protections);
  if (span === null) return { state, holds: new Map() };
  const closed = await closedPositions(db, { environment, since: at - span, until: now, strategyIds });
  const holds = new Map<string, EntryHold>();
  for (const [strategyId, positions] of Map.groupBy(closed, (each: ClosedPosition) => each.strategyId)) {
    const hold = heldBackBy(protections, positions, at, now);
    if (hold) holds.set(strategyId, hold);
  }
  return { state, holds };
};

const environments: Partial<Record<StrategyStatus, Environment>> = { paper: 'paper', active: 'live', paused: 'live' };

/**
 * What keeps a strategy's entries out as of the newest stored close of its market; null where it does not trade, or its market has no
 * candle. `hold` is null where no protection holds it back.
 */
export const entriesOf = async (
  db: CommonQueryMethods,
  {
    strategyId,
    status,
    definition: { symbol, interval },
  }: Pick<StrategyRecord, 'strategyId' | 'status' | 'definition'>,
): Promise<{ readonly state: TradingState; readonly hold: EntryHold | null } | null> => {
  const environment = environments[status];
  const newest = await lastCandleTime(db, { symbol, interval });
  if (environment === undefined || newest === null) return null;
  const at = closeTimeOf(newest, interval);
  const { state, holds } = await entryHolds(db, {
    environment,
    strategyIds: [strategyId],
    at,
    now: closeTimeOf(at, interval),
  });
  return { state, hold: holds.get(strategyId) ?? null };
};
