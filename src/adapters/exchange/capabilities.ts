import type { Venue } from '../../contracts/venue.ts';
import { DomainError } from '../../domain/errors.ts';

/** What an exchange was seen to do, by tests that drive its real ccxt class. */
export interface ExchangeCapabilities {
  readonly createWithClientId: boolean;
  readonly lookUpByClientId: boolean;
  readonly ownTrades: boolean;
  readonly nativeStop: boolean;
  readonly nativeOco: boolean;
}

/** Only tested exchanges are listed; ccxt knowing an exchange is not enough to trust it with orders. */
export const exchangeCapabilities = {
  binance: { createWithClientId: true, lookUpByClientId: true, ownTrades: true, nativeStop: true, nativeOco: true },
} as const satisfies Readonly<Record<string, ExchangeCapabilities>>;

export type SupportedExchange = keyof typeof exchangeCapabilities;

/**
 * The exchange under its ccxt id; the simulator speaks Binance's REST and is reached as `binance`.
 * @throws DomainError `VenueNotSupported` for one that is not in the table.
 */
export const supportedExchange = (id: string): SupportedExchange => {
  if (Object.hasOwn(exchangeCapabilities, id)) return id as SupportedExchange;
  throw new DomainError('VenueNotSupported', `exchange '${id}' has not been tested with client order ids`, {
    next: `use one of ${Object.keys(exchangeCapabilities).join(', ')}, the simulator, or the paper venue`,
  });
};

/**
 * How protection rests at an exchange of the table.
 * @throws DomainError `VenueNotSupported`
 */
export const restingProtection = (id: string): Venue['protection'] => {
  const { nativeOco, nativeStop }: ExchangeCapabilities = exchangeCapabilities[supportedExchange(id)];
  if (nativeOco) return 'pair';
  if (nativeStop) return 'stop';
  throw new DomainError('VenueNotSupported', `exchange '${id}' takes no stop orders`, {
    next: 'use an exchange where a stop can rest, the simulator, or the paper venue',
  });
};
