import { setTimeout as wait } from 'node:timers/promises';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type ApiCredentials, authenticate } from './auth.ts';
import { BinanceError } from './binance-errors.ts';
import type { Exchange } from './exchange.ts';
import { type FaultTable, type RequestFault, secondsLeft } from './faults.ts';
import { lagging } from './read-lag.ts';
import { type KeyPermissions, type Route, weightOf } from './routes/route.ts';
import { withDisorder } from './trade-reports.ts';
import type { UsageMeter } from './usage.ts';

export interface ServedExchange {
  readonly exchange: Exchange;
  readonly faults: FaultTable;
  readonly credentials: ApiCredentials;
  readonly permissions: KeyPermissions;
  readonly usage: UsageMeter;
}

interface Answer {
  readonly status: number;
  readonly body: string;
}

const errorAnswer = ({ status, code, message }: BinanceError): Answer => ({
  status,
  body: JSON.stringify({ code, msg: message }),
});

const serverError = ({ status, code }: Extract<RequestFault, { kind: 'error' }>): Answer =>
  code === null
    ? { status, body: `<html><body><h1>${status} Service unavailable</h1></body></html>` }
    : errorAnswer(new BinanceError(code, 'An unknown error occurred while processing the request.', status));

const queryOf = (request: FastifyRequest): string => {
  const { url } = request.raw;
  const mark = url?.indexOf('?') ?? -1;
  return mark === -1 ? '' : (url ?? '').slice(mark + 1);
};

const cut = (reply: FastifyReply): void => {
  reply.hijack();
  reply.raw.socket?.destroy();
};

/** Sends the answer, changed by what the fault does after the request took effect. */
const send = async (reply: FastifyReply, answer: Answer, fault: RequestFault | null, faults: FaultTable) => {
  if (fault?.kind === 'reset') return cut(reply);
  if (fault?.kind === 'hang') await faults.released();
  if (fault?.kind === 'delay' && fault.before === 'reply') await wait(fault.ms);
  const { status, body } = fault?.kind === 'error' ? serverError(fault) : answer;
  const text = fault?.kind === 'truncate' ? body.slice(0, Math.floor(body.length / 2)) : body;
  await reply.code(status).header('content-type', 'application/json;charset=UTF-8').send(text);
};

/** Faults that strike before the request takes effect: the refusal, or null where the request goes on. */
const refusal = (fault: RequestFault | null, reply: FastifyReply): Answer | null => {
  if (fault?.kind === 'reject') return errorAnswer(new BinanceError(fault.code, fault.msg, fault.status));
  if (fault?.kind === 'maintenance') return errorAnswer(new BinanceError(1, 'System is under maintenance.', 503));
  if (fault?.kind !== 'ban') return null;
  reply.header('retry-after', String(secondsLeft(fault)));
  const message = fault.status === 418 ? 'Way too much request weight used; IP banned.' : 'Too many requests.';
  return errorAnswer(new BinanceError(-1003, message, fault.status));
};

/** Registers one route of the exchange: faults, authentication, the answer, its errors in Binance's form, weights. */
export const serveRoute = (app: FastifyInstance, route: Route, served: ServedExchange): void => {
  const { exchange, faults, credentials, permissions, usage } = served;
  const name = `${route.method} ${route.path}`;
  const { orders = 0 } = route;

  const answerOf = (request: FastifyRequest, query: string, body: string, fault: RequestFault | null): Answer => {
    try {
      exchange.settle();
      const now = exchange.clock.now() + (fault?.kind === 'clock-shift' ? fault.ms : 0);
      const apiKey = request.headers['x-mbx-apikey'];
      if (route.signed) {
        authenticate({ apiKey: typeof apiKey === 'string' ? apiKey : undefined, query, body }, credentials, now);
      }
      const parameters = new URLSearchParams(`${query}&${body}`);
      const seen = fault?.kind === 'lag' && route.signed ? lagging(exchange, fault.ms) : exchange;
      const view = route.handle({ exchange: seen, faults, permissions, rateLimits: usage.limits, parameters, now });
      usage.countOrders(orders);
      return { status: 200, body: JSON.stringify(fault?.kind === 'trades' ? withDisorder(view, fault) : view) };
    } catch (error) {
      if (error instanceof BinanceError) return errorAnswer(error);
      throw error;
    }
  };

  app.route({
    method: route.method,
    url: route.path,
    async handler(request, reply) {
      const query = queryOf(request);
      const body = typeof request.body === 'string' ? request.body : '';
      const parameters = new URLSearchParams(`${query}&${body}`);
      const limited = usage.admit({ weight: weightOf(route, parameters), orders });
      if (limited !== null) {
        reply.headers(usage.headers({ orders })).header('retry-after', String(limited.retryAfterSeconds));
        await send(reply, errorAnswer(limited.error), null, faults);
        return reply;
      }
      const fault = faults.take(name, parameters);
      if (fault?.kind === 'delay' && fault.before === 'effect') await wait(fault.ms);
      const answer = refusal(fault, reply) ?? answerOf(request, query, body, fault);
      reply.headers(usage.headers({ orders }));
      await send(reply, answer, fault, faults);
      return reply;
    },
  });
};
