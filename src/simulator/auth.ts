import { createHmac, timingSafeEqual } from 'node:crypto';
import {
  badApiKey,
  badApiKeyFormat,
  badSignature,
  missingParameter,
  recvWindowTooLarge,
  timestampAhead,
  timestampBehind,
} from './binance-errors.ts';

export interface ApiCredentials {
  readonly apiKey: string;
  readonly secret: string;
}

/** A signed request as it arrived: raw query without `?`, raw body, both still encoded. */
export interface SignedRequest {
  readonly apiKey: string | undefined;
  readonly query: string;
  readonly body: string;
}

const defaultRecvWindow = 5000;
const largestRecvWindow = 60_000;
const signatureAtEnd = /(?:^|&)signature=([0-9a-fA-F]*)$/;

const sameText = (a: string, b: string): boolean =>
  a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));

const checkTime = (parameters: URLSearchParams, serverTime: number): void => {
  const timestamp = Number(parameters.get('timestamp') ?? Number.NaN);
  if (!Number.isInteger(timestamp)) throw missingParameter('timestamp');
  const recvWindow = Number(parameters.get('recvWindow') ?? defaultRecvWindow);
  if (!(recvWindow <= largestRecvWindow)) throw recvWindowTooLarge();
  if (timestamp >= serverTime + 1000) throw timestampAhead();
  if (serverTime - timestamp > recvWindow) throw timestampBehind();
};

/**
 * Checks key, HMAC-SHA256 over query and body (`signature` last, not part of what is signed) and timestamp, as Binance's
 * "SIGNED endpoint security" page describes. `serverTime` is epoch ms.
 * @throws BinanceError -2014, -2015, -1102, -1022, -1021, -1131.
 */
export const authenticate = (request: SignedRequest, credentials: ApiCredentials, serverTime: number): void => {
  const { apiKey, query, body } = request;
  if (apiKey === undefined || apiKey === '') throw badApiKeyFormat();
  if (apiKey !== credentials.apiKey) throw badApiKey();
  const holder = body === '' ? query : body;
  const signature = signatureAtEnd.exec(holder);
  if (signature === null) throw missingParameter('signature');
  const payload = `${body === '' ? '' : query}${holder.slice(0, signature.index)}`;
  const expected = createHmac('sha256', credentials.secret).update(payload).digest('hex');
  if (!sameText(expected, (signature[1] ?? '').toLowerCase())) throw badSignature();
  checkTime(new URLSearchParams(`${query}&${body}`), serverTime);
};
