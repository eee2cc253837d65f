import { VenueFailure, type VenueVerdict } from '../../domain/orders/venue-failure.ts';
import type { Evidence } from './observed-fetch.ts';
import { sanitise } from './sanitise.ts';

/** The calls whose failures are told apart; `fetch` covers every other read. */
export type VenueCall = 'createOrder' | 'cancelOrder' | 'fetchOrder' | 'fetchOHLCV' | 'fetch';

/** Credentials, permissions, account: no repetition helps, whatever the call and whatever ccxt's class. */
const credentialCodes = new Set(['-1002', '-1022', '-1099', '-2008', '-2014', '-2015']);
/** Too many requests, too many orders. */
const rateCodes = new Set(['-1003', '-1015']);
const clockCode = '-1021';
/** The venue read the order and refused it: a filter, a parameter, a balance, a rule. */
const refusalCode = /^-(1013|1014|1016|1020|11\d\d|2010)$/;
const unknownOrderCodes = new Set(['-2011', '-2013']);

/** ccxt's class of an error and all it descends from, by name: `InsufficientFunds`, `ExchangeError`, `BaseError`, …. */
const classNames = (error: unknown): ReadonlySet<string> => {
  const names = new Set<string>();
  for (let at: unknown = Object(error); at !== null; at = Object.getPrototypeOf(at))
    names.add((at as object).constructor.name);
  return names;
};

const rejectedClasses = [
  'InsufficientFunds',
  'InvalidOrder',
  'BadRequest',
  'MarketClosed',
  'NotSupported',
  'ArgumentsRequired',
];

const isAny = (names: ReadonlySet<string>, wanted: readonly string[]): boolean =>
  wanted.some((name) => names.has(name));

/** Nothing left this process: the venue cannot have it. */
const unsentVerdict = (names: ReadonlySet<string>, message: string): VenueVerdict => {
  if (names.has('AuthenticationError')) return 'fatal';
  if (isAny(names, rejectedClasses)) return 'rejected';
  return names.has('OperationFailed') || message.includes('throttle queue') ? 'wait' : 'fatal';
};

const createVerdict = ({ status, code, message }: Evidence, names: ReadonlySet<string>): VenueVerdict => {
  if (message?.includes('Duplicate order sent') === true) return 'ambiguous';
  if (status !== null && status < 500 && code !== null && refusalCode.test(code)) return 'rejected';
  if (status === null || status >= 500) return 'ambiguous';
  return isAny(names, rejectedClasses) && !names.has('OrderNotFound') ? 'rejected' : 'ambiguous';
};

const readVerdict = (call: VenueCall, { code }: Evidence, names: ReadonlySet<string>): VenueVerdict => {
  const single = call === 'cancelOrder' || call === 'fetchOrder';
  if (single && ((code !== null && unknownOrderCodes.has(code)) || names.has('OrderNotFound'))) return 'not_found';
  return isAny(names, rejectedClasses) ? 'fatal' : 'wait';
};

const verdictOf = (call: VenueCall, evidence: Evidence, names: ReadonlySet<string>, message: string): VenueVerdict => {
  const { sent, status, code } = evidence;
  if (!sent) return unsentVerdict(names, message);
  if (code !== null && credentialCodes.has(code)) return 'fatal';
  if (status === 418 || status === 429) return 'wait';
  const unsure = call === 'createOrder' && status !== null && status >= 500;
  if (code !== null && !unsure && (rateCodes.has(code) || code === clockCode)) return 'wait';
  if (status === 451 || (!unsure && names.has('AuthenticationError'))) return 'fatal';
  return call === 'createOrder' ? createVerdict(evidence, names) : readVerdict(call, evidence, names);
};

/**
 * What a failed call means, by the venue's own code first and ccxt's class second. An order is `rejected` or `wait`
 * only where the venue surely did not take it; whatever is not recognised is `ambiguous` for an order, and `wait` for a
 * call that may be repeated. A verdict of `wait` carries the venue's Retry-After.
 */
export const classify = (
  call: VenueCall,
  error: unknown,
  evidence: Evidence,
  secrets: readonly string[] = [],
): VenueFailure => {
  const names = classNames(error);
  const raw = error instanceof Error ? error.message : String(error);
  const verdict = verdictOf(call, evidence, names, raw);
  const kind = error instanceof Error ? error.constructor.name : typeof error;
  const said = evidence.message ?? raw;
  const code = evidence.code === null ? '' : ` ${evidence.code}`;
  return new VenueFailure(verdict, `${call}: ${kind}${code}: ${sanitise(said, secrets)}`, {
    code: evidence.code,
    retryAfterMs: evidence.retryAfterMs,
  });
};
