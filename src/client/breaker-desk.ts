import type { DatabasePool } from 'slonik';
import { openEvents } from '../adapters/postgres/breaker/events.ts';
import { listIncidents, viewOf } from '../adapters/postgres/breaker/incident.ts';
import { readTradingState } from '../adapters/postgres/breaker/trading-state.ts';
import { marketTimeOf } from '../adapters/postgres/portfolio/market-time.ts';
import type { IncidentView } from '../contracts/breaker.ts';
import type { TradingState } from '../domain/breaker/policy.ts';
import type { Environment } from '../domain/orders/order.ts';
import { endingCommand, waitsFor } from './breaker-text.ts';
import { utc } from './output.ts';
import { shownIncident } from './shown-incident.ts';

/** What may be done in an environment, and what keeps the rest from being done. Times are epoch ms. */
export interface BreakerDesk {
  readonly environment: Environment;
  readonly state: TradingState;
  readonly reason: string | null;
  /** Wall time: since when it is stopped, or since when it was let go. */
  readonly since: number;
  /** Null without a candle. */
  readonly marketTime: number | null;
  readonly open: readonly IncidentView[];
}

/** The trading state with since when it is so, epoch ms, and the events that are open: nothing is judged for it. */
export const readStop = async (pool: DatabasePool, environment: Environment) => {
  const { state, reason, since, eventId } = await readTradingState(pool, environment);
  const events = await openEvents(pool, environment);
  const stopped = events.find((event) => event.eventId === eventId);
  return { state, reason, since: stopped?.triggeredAt ?? since, events };
};

export const readBreaker = async (pool: DatabasePool, environment: Environment): Promise<BreakerDesk> => {
  const { events, ...stop } = await readStop(pool, environment);
  const open = await Promise.all(events.map((event) => viewOf(pool, event, Date.now())));
  return { environment, ...stop, marketTime: await marketTimeOf(pool, environment), open };
};

/** The same for a person: times as UTC text, and what each open event waits for. */
export const shownDesk = ({ since, marketTime, open, ...desk }: BreakerDesk) => ({
  ...desk,
  since: utc(since),
  marketTime: utc(marketTime),
  open: open.map((event) => ({
    ...shownIncident(event),
    waitsFor: waitsFor(event, marketTime),
    endedBy: endingCommand(event),
  })),
});

export type ShownDesk = ReturnType<typeof shownDesk>;

const lastMost = 10;

/** The last events of some environments, newest first. */
export const lastEvents = async (pool: DatabasePool, environments: readonly Environment[]) => {
  const [only] = environments;
  const events = await listIncidents(pool, {
    limit: lastMost,
    ...(environments.length === 1 && only !== undefined && { environment: only }),
  });
  return events.map(shownIncident);
};
