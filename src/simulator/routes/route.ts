import { missingParameter } from '../binance-errors.ts';
import type { Exchange } from '../exchange.ts';
import type { FaultTable } from '../faults.ts';
import type { SimulatedRateLimit } from '../usage.ts';

/** What a key may do, as `apiRestrictions` tells it. */
export interface KeyPermissions {
  readonly enableWithdrawals: boolean;
}

export interface RouteContext {
  readonly exchange: Exchange;
  readonly faults: FaultTable;
  readonly permissions: KeyPermissions;
  readonly rateLimits: readonly SimulatedRateLimit[];
  /** Query and body together. */
  readonly parameters: URLSearchParams;
  /** The exchange's time, epoch ms, as this request is told. */
  readonly now: number;
}

export interface Route {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  /** Request weight, as in Binance's documentation. */
  readonly weight: number | ((parameters: URLSearchParams) => number);
  readonly signed: boolean;
  /** How many it adds to the count of orders; none where left out. */
  readonly orders?: number;
  /** The JSON answer. @throws BinanceError */
  handle(context: RouteContext): unknown;
}

export const weightOf = ({ weight }: Route, parameters: URLSearchParams): number =>
  typeof weight === 'number' ? weight : weight(parameters);

/** A whole number, or `fallback` where the parameter was not sent. @throws BinanceError -1102. */
export const integerParameter = <Fallback>(
  parameters: URLSearchParams,
  name: string,
  fallback: Fallback,
): number | Fallback => {
  const value = parameters.get(name);
  if (value === null) return fallback;
  const number = Number(value);
  if (value === '' || !Number.isSafeInteger(number)) throw missingParameter(name);
  return number;
};

/** `limit` between 1 and `largest`. */
export const limitParameter = (parameters: URLSearchParams, fallback: number, largest: number): number =>
  Math.min(Math.max(1, integerParameter(parameters, 'limit', fallback)), largest);
