import { setTimeout as sleep } from 'node:timers/promises';
import { supportedExchange } from './capabilities.ts';
import { type CcxtPushExchange, loadPushExchangeClass } from './ccxt-exchange.ts';
import { sanitise } from './sanitise.ts';

export interface PushWatchOptions {
  /** ccxt id of the exchange. */
  readonly exchange: string;
  readonly credentials: { readonly apiKey: string; readonly secret: string };
  /** An order of the account has changed, or the connection was lost and one may have: look now. */
  readonly onNews: () => void;
  /** Why there is no connection, without secrets; it is tried again by itself. */
  readonly onTrouble?: (reason: string) => void;
  /** Replaces the exchange's own websocket API. */
  readonly url?: string;
  /** Venue time in epoch ms, which the subscription is signed with. Default: our own clock. */
  readonly now?: () => number;
  /** Pause before the first new attempt, doubled with each one that fails, at most the second. Default 1 s and 60 s. */
  readonly pausesMs?: readonly [first: number, longest: number];
}

export interface PushWatch {
  /** No news comes after it. */
  close(): Promise<void>;
}

/** An exchange may end a subscription without the connection: asking again after this long makes it anew. */
const renewAfterMs = 300_000;

const connect = async (
  { exchange, credentials, url, now }: PushWatchOptions,
  [base, max]: readonly [number, number],
): Promise<CcxtPushExchange> => {
  const Exchange = await loadPushExchangeClass(supportedExchange(exchange));
  const connected = new Exchange({
    ...credentials,
    verbose: false,
    options: { ws: { backoff: { base, max } } },
    fetchImplementation: () => Promise.reject(new Error('the watch of pushed news makes no request')),
  });
  connected.setMarkets([]);
  if (url?.startsWith('ws://') === true) await connected.loadHttpProxyAgent();
  if (url !== undefined) connected.urls.api.ws['ws-api'].spot = url;
  if (now !== undefined) connected.nonce = now;
  return connected;
};

/** ccxt rejects promises of its own that nobody waits for, which would end the process. */
const catchOwnFailures = ({ clients }: CcxtPushExchange): void => {
  for (const { futures, connected } of Object.values(clients))
    for (const own of [connected, ...Object.values(futures)]) own.catch(() => undefined);
};

/**
 * Listens to what the exchange pushes of the account's orders and takes from it only that there is something to see: orders
 * are still read by asking. Whoever uses it also asks at intervals, so nothing depends on it: it may be late, silent or gone.
 * @throws DomainError `VenueNotSupported`
 */
export const createPushWatch = async (options: PushWatchOptions): Promise<PushWatch> => {
  const { onNews, onTrouble, credentials, pausesMs = [1_000, 60_000] } = options;
  const [first, longest] = pausesMs;
  const exchange = await connect(options, pausesMs);
  const ended = new AbortController();
  const { signal } = ended;

  /** Whether there was news before it was time to ask again. */
  const hasNews = async (): Promise<boolean> => {
    const idle = new AbortController();
    const renewal = sleep(renewAfterMs, false, { signal: AbortSignal.any([signal, idle.signal]) }).catch(() => false);
    const next = exchange.watchOrders().then(() => true);
    catchOwnFailures(exchange);
    try {
      return await Promise.race([next, renewal]);
    } finally {
      idle.abort();
    }
  };

  const listen = async (): Promise<void> => {
    let pause = first;
    while (!signal.aborted) {
      try {
        const isNews = await hasNews();
        pause = first;
        if (isNews && !signal.aborted) onNews();
      } catch (error) {
        if (signal.aborted) return;
        onTrouble?.(sanitise(String(error), [credentials.apiKey, credentials.secret]));
        await sleep(pause, undefined, { signal }).catch(() => undefined);
        pause = Math.min(2 * pause, longest);
        if (!signal.aborted) onNews();
      }
    }
  };

  const listening = listen();
  return {
    close: async () => {
      ended.abort();
      await exchange.close();
      await listening;
    },
  };
};
