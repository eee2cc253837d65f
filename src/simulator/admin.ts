import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { text } from '../domain/decimal.ts';
import { DomainError } from '../domain/errors.ts';
import { isInterval } from '../domain/market/interval.ts';
import { ledgerView } from './binance-shapes.ts';
import type { Exchange } from './exchange.ts';
import { faultSchema, type FaultTable } from './faults.ts';
import type { LoadedMarket } from './ledger-events.ts';
import type { NumberedEvent } from './ledger.ts';
import { defaultFilters, priceAt } from './market.ts';

const decimalText = z.string().regex(/^\d+(\.\d+)?$/);
const clockBody = z.union([z.strictObject({ to: z.int() }), z.strictObject({ by: z.int() })]);
const faultsBody = z.union([
  z.strictObject({ faults: z.array(faultSchema) }),
  faultSchema.transform((one) => ({ faults: [one] })),
]);
const marketBody = z.strictObject({
  symbol: z.string().regex(/^[A-Z0-9]{1,20}$/),
  base: z.string().min(1),
  quote: z.string().min(1),
  interval: z.string().refine(isInterval),
  mode: z.enum(['replace', 'append']).default('replace'),
  filters: z
    .strictObject({
      tickSize: decimalText,
      stepSize: decimalText,
      minQuantity: decimalText,
      maxQuantity: decimalText,
      minNotional: decimalText,
    })
    .partial()
    .default({}),
  candles: z.array(
    z.strictObject({
      time: z.int(),
      open: decimalText,
      high: decimalText,
      low: decimalText,
      close: decimalText,
      volume: decimalText,
    }),
  ),
});

const parsed = <Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> => {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  throw new DomainError('BadInput', `the request is malformed: ${z.prettifyError(result.error)}`, {
    next: 'correct the body and send it again',
  });
};

/** What is posted, on top of what was posted for the symbol before where it is to be appended. */
const marketToLoad = (exchange: Exchange, body: z.output<typeof marketBody>): LoadedMarket => {
  const { mode, ...market } = body;
  const before = exchange.ledger.state.loadedMarkets.get(market.symbol);
  const filters = { ...(before?.filters ?? defaultFilters), ...market.filters } as LoadedMarket['filters'];
  if (mode === 'replace' || before === undefined) return { ...market, filters };
  if (before.interval !== market.interval) {
    throw new DomainError('BadInput', `${market.symbol} is replayed in ${before.interval}, not ${market.interval}`, {
      next: 'append candles of the same interval, or replace the market',
    });
  }
  return { ...market, filters, candles: [...before.candles, ...market.candles] };
};

const stateView = (exchange: Exchange, faults: FaultTable) => {
  const now = exchange.clock.now();
  return {
    now,
    mode: exchange.clock.mode,
    sequence: exchange.ledger.eventsAfter(0).length,
    openOrders: exchange.openOrders().length,
    markets: exchange.markets().map((market) => ({
      symbol: market.symbol,
      base: market.base,
      quote: market.quote,
      interval: market.source.interval,
      first: market.source.first,
      last: market.source.last,
      price: text(priceAt(market, now)),
    })),
    faults: faults.list(),
    heldReplies: faults.held(),
  };
};

/** A posted market is told by the number of its candles. */
const eventView = (event: NumberedEvent) =>
  event.type === 'market' ? { ...event, market: { ...event.market, candles: event.market.candles.length } } : event;

const eventsAfter = (exchange: Exchange, sequence: number) => exchange.ledger.eventsAfter(sequence).map(eventView);

const ledgerDump = (exchange: Exchange) => {
  const orders = [...exchange.ledger.state.orders.values()];
  const accepted: Record<string, number> = {};
  for (const { clientOrderId } of orders) accepted[clientOrderId] = (accepted[clientOrderId] ?? 0) + 1;
  return {
    now: exchange.clock.now(),
    orders: orders.map(ledgerView),
    lists: [...exchange.ledger.state.lists.values()],
    accepted,
    balances: Object.fromEntries(
      [...exchange.ledger.state.balances].map(([asset, { free, locked }]) => [
        asset,
        { free: text(free), locked: text(locked) },
      ]),
    ),
    events: eventsAfter(exchange, 0),
  };
};

/** The interface by which tests and the demo drive the market, the clock and the faults. JSON, under `/admin`. */
export const serveAdmin = (app: FastifyInstance, exchange: Exchange, faults: FaultTable): void => {
  app.get('/admin/state', () => stateView(exchange, faults));
  app.get('/admin/ledger', () => {
    exchange.settle();
    return ledgerDump(exchange);
  });
  app.get<{ Querystring: { after?: string } }>('/admin/events', ({ query }) => {
    exchange.settle();
    const events = eventsAfter(exchange, parsed(z.coerce.number().int().nonnegative(), query.after ?? 0));
    return { events, last: exchange.ledger.eventsAfter(0).length };
  });
  app.post('/admin/clock', ({ body }) => {
    const move = parsed(clockBody, body);
    exchange.moveClock('to' in move ? move.to : exchange.clock.now() + move.by);
    return { now: exchange.clock.now() };
  });
  app.post('/admin/market', ({ body }) => {
    const market = marketToLoad(exchange, parsed(marketBody, body));
    exchange.loadMarket(market);
    return { symbol: market.symbol, candles: market.candles.length };
  });
  app.post('/admin/faults', ({ body }) => ({ ids: parsed(faultsBody, body).faults.map((fault) => faults.add(fault)) }));
  app.delete('/admin/faults', () => {
    faults.clear();
    return {};
  });
};
