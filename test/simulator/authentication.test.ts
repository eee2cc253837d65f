import { afterAll, beforeAll, expect, test } from 'vitest';
import { AuthenticationError } from 'ccxt';
import { clientOf, credentials, type Driven, startReplay } from './simulator-client.ts';

let driven: Driven;
beforeAll(async () => {
  driven = await startReplay([[100, 102, 99, 101, 40]]);
});
afterAll(() => driven.simulator.close());

test('refuses a wrong key with -2015 and a wrong secret with -1022', async () => {
  const stranger = clientOf(driven.simulator.url, { ...credentials, apiKey: 'other' });
  await expect(stranger.fetchBalance(await driven.now())).rejects.toThrow(AuthenticationError);
  await expect(stranger.fetchBalance(await driven.now())).rejects.toThrow('-2015');
  const forger = clientOf(driven.simulator.url, { ...credentials, secret: 'other' });
  await expect(forger.fetchBalance(await driven.now())).rejects.toThrow('-1022');
});

test('refuses a parameter that was changed after signing, and one put behind the signature', async () => {
  const { exchange, now, simulator } = driven;
  const signed = exchange.sign('order', 'private', 'GET', { symbol: 'BTCUSDT', orderId: '1', ...(await now()) });
  const send = async (url: string) => {
    const address = url.replace('https://api.binance.com', simulator.url);
    const response = await fetch(address, { headers: { 'X-MBX-APIKEY': credentials.apiKey } });
    return response.json();
  };
  expect(await send(signed.url)).toMatchObject({ code: -2013 });
  expect(await send(signed.url.replace('orderId=1', 'orderId=2'))).toMatchObject({ code: -1022 });
  expect(await send(`${signed.url}&orderId=2`)).toMatchObject({ code: -1102 });
});

test('tells what the key may do and what trading costs', async () => {
  const { exchange, now } = driven;
  expect(await exchange.sapiGetAccountApiRestrictions(await now())).toMatchObject({
    enableWithdrawals: false,
    enableSpotAndMarginTrading: true,
  });
  expect(await exchange.fetchTradingFee('BTC/USDT', await now())).toMatchObject({ maker: '0.001', taker: '0.001' });
});

test('counts request weight in the headers', async () => {
  const response = await fetch(`${driven.simulator.url}/api/v3/exchangeInfo`);
  expect(Number(response.headers.get('x-mbx-used-weight-1m'))).toBeGreaterThanOrEqual(20);
});
