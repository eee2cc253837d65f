import { DomainError } from '../../domain/errors.ts';
import { parseKeyPermissions } from './binance-replies.ts';
import type { CcxtClient } from './ccxt-client.ts';

/**
 * Asks the venue what the API key may do and refuses one that may withdraw: a bot never needs it, and a stolen one is
 * then worth everything in the account. (`canWithdraw` of the account says something else: whether the account may.)
 * @throws DomainError `UnsafeApiKey`; VenueFailure where the venue does not answer.
 */
export const assertKeyCannotWithdraw = async (client: CcxtClient): Promise<void> => {
  const { enableWithdrawals } = await client.call('fetch', 'signed', async (exchange) =>
    parseKeyPermissions(await exchange.sapiGetAccountApiRestrictions()),
  );
  if (!enableWithdrawals) return;
  throw new DomainError('UnsafeApiKey', `the API key for ${client.exchange} may withdraw funds`, {
    next: 'create a key with reading and spot trading only, bound to your addresses, and use that',
  });
};
