import { AsyncLocalStorage } from 'node:async_hooks';
import { z } from 'zod';
import { DomainError } from '../../domain/errors.ts';

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

/** Retry-After in ms: seconds, or an HTTP date. Null where it is absent or unreadable. */
const retryAfterOf = (header: string | null): number | null => {
  if (header === null) return null;
  const ms = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - Date.now();
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
 */
export const createObservedFetch = (exchangeOrigin: string, origin: string | null): ObservedFetch => {
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
      Object.assign(evidence, noEvidence(), { sent: true });
      const response = await fetch(address, { ...init, redirect: 'error' });
      evidence.status = response.status;
      evidence.retryAfterMs = retryAfterOf(response.headers.get('retry-after'));
      const body = await response.text();
      if (response.status >= 400 || body.length < errorBodyMax) {
        const said = readErrorBody(body);
        evidence.code = said?.code ?? null;
        evidence.message = said?.msg ?? null;
      }
      const { status, statusText, headers } = response;
      return new Response(bodyless.has(status) ? null : body, { status, statusText, headers });
    },
    observe: (run) => {
      const evidence = noEvidence();
      return { evidence, result: current.run(evidence, run) };
    },
  };
};
