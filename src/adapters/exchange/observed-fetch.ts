import { AsyncLocalStorage } from 'node:async_hooks';
import { z } from 'zod';
import { DomainError } from '../../domain/errors.ts';
import type { RateGate } from './rate-gate.ts';

/** What was seen of a call's last HTTP exchange, kept apart from every concurrent call's. */
export interface Evidence {
  /** True as soon as a request was handed to the network: from then on the venue may have acted. */
  sent: boolean;
  status: number | null;
  /** The venue's own error code and text, from the body. */
  code: string | null;
  message: string | null;
  retryAfterMs: number | null;
}

const noEvidence = (): Evidence => ({ sent: false, status: null, code: null, message: null, retryAfterMs: null });

const errorBody = z.object({ code: z.union([z.number(), z.string()]).transform(String), msg: z.string() });

const readErrorBody = (body: string): { code: string; msg: string } | null => {
  try {
    return errorBody.safeParse(JSON.parse(body)).data ?? null;
  } catch {
    return null;
  }
};

/**
 * Retry-After in ms: seconds, or an HTTP date, which is read against the reply's own `Date` where it has one. Null where
 * it is absent or unreadable.
 */
export const retryAfterOf = (headers: Headers): number | null => {
  const value = headers.get('retry-after');
  if (value === null) return null;
  if (/^\d+$/.test(value)) return Number(value) * 1000;
  const sent = Date.parse(headers.get('date') ?? '');
  const ms = Date.parse(value) - (Number.isNaN(sent) ? Date.now() : sent);
  return Number.isFinite(ms) ? Math.max(0, ms) : null;
};

/** Errors are short; a longer reply with a good status is not searched for one. */
const errorBodyMax = 1_000;

const bodyless = new Set([204, 205, 304]);

export interface ObservedFetch {
  /** Handed to ccxt as its `fetchImplementation`. */
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
  /** Runs one venue call and collects what its requests showed. */
  readonly observe: <T>(run: () => Promise<T>) => { readonly evidence: Evidence; readonly result: Promise<T> };
}

/**
 * A fetch that remembers, for each call, what came back: ccxt keeps only one shared set of last headers and leaves
 * code and Retry-After out of many of its errors. The body is read under ccxt's own timeout, so that a reply whose
 * headers arrive and whose body hangs is a timeout too.
 *
 * `origin` replaces the exchange's own (`https://api.binance.com`); a request to any other host is then refused
 * before it leaves, so that a simulated venue's keys and orders never reach a real one.
 *
 * Every request, whichever of ccxt's calls it comes from, passes `gate`: it leaves when the account's limits allow it.
 */
export const createObservedFetch = (exchangeOrigin: string, origin: string | null, gate: RateGate): ObservedFetch => {
  const current = new AsyncLocalStorage<Evidence>();

  const target = (url: string): string => {
    if (origin === null) return url;
    if (url.startsWith(`${exchangeOrigin}/`)) return origin + url.slice(exchangeOrigin.length);
    throw new DomainError('VenueMismatch', `a request to ${new URL(url).host} was stopped: this venue is ${origin}`, {
      next: 'this is a fault of the program: report it with the command that was run',
    });
  };

  return {
    fetch: async (url, init) => {
      const address = target(url);
      const evidence = current.getStore() ?? noEvidence();
      Object.assign(evidence, noEvidence());
      await gate.before(init.method ?? 'GET', address);
      init.signal?.throwIfAborted();
      evidence.sent = true;
      const response = await fetch(address, { ...init, redirect: 'error' });
      const { status, statusText, headers } = response;
      const retryAfterMs = retryAfterOf(headers);
      Object.assign(evidence, { status, retryAfterMs });
      const learn = async (body: string): Promise<void> => {
        const { code } = evidence;
        const pauseMs = await gate.after({ url: address, status, headers, body, code, retryAfterMs });
        evidence.retryAfterMs = pauseMs ?? retryAfterMs;
      };
      const body = await response.text().catch(async (cut: unknown) => {
        await learn('');
        throw cut;
      });
      if (response.status >= 400 || body.length < errorBodyMax) {
        const said = readErrorBody(body);
        evidence.code = said?.code ?? null;
        evidence.message = said?.msg ?? null;
      }
      await learn(body);
      return new Response(bodyless.has(status) ? null : body, { status, statusText, headers });
    },
    observe: (run) => {
      const evidence = noEvidence();
      return { evidence, result: current.run(evidence, run) };
    },
  };
};
