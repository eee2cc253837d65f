import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type CcxtClient, createCcxtClient } from '../../../src/adapters/exchange/ccxt-client.ts';
import { createMarketCatalogue } from '../../../src/adapters/exchange/market-catalogue.ts';
import { type RunningSimulator, startSimulator } from '../../../src/simulator/server.ts';

let simulator: RunningSimulator;
let client: CcxtClient;

const admin = (method: string, path: string, body?: unknown) =>
  fetch(`${simulator.url}/admin/${path}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  });
/** Requests that reach the exchange while `run` does. */
const requestsOf = async (run: () => Promise<unknown>): Promise<number> => {
  const { requests } = simulator.requestTotals();
  await run();
  return simulator.requestTotals().requests - requests;
};
const setStep = (stepSize: string) =>
  admin('POST', 'market', {
    symbol: 'BTCUSDT',
    base: 'BTC',
    quote: 'USDT',
    interval: '1m',
    filters: { stepSize },
    candles: [{ time: Date.UTC(2024, 0, 1), open: '1', high: '1', low: '1', close: '1', volume: '1' }],
  });

beforeAll(async () => {
  simulator = await startSimulator({ apiKey: 'key', secret: 'secret' });
});
afterAll(() => simulator.close());
beforeEach(async () => {
  await admin('DELETE', 'faults');
  client = await createCcxtClient({
    exchange: 'binance',
    credentials: null,
    baseUrl: simulator.url,
    msPerWeight: 0.001,
  });
});

describe('the markets', () => {
  it('are loaded once for all who ask meanwhile, and once again when they were found to be wrong', async () => {
    await setStep('0.01');
    const catalogue = createMarketCatalogue(client);
    const all = () => Promise.all(Array.from({ length: 20 }, () => catalogue.market('BTCUSDT')));
    expect(await requestsOf(all)).toBe(1);
    expect(await requestsOf(all)).toBe(0);
    await setStep('0.001');
    for (let refusal = 0; refusal < 5; refusal += 1) catalogue.invalidate();
    expect(await requestsOf(all)).toBe(1);
    expect((await catalogue.market('BTCUSDT')).filters.stepSize).toBe('0.001');
  });

  it('that were asked for before they were found to be wrong are not kept', async () => {
    await setStep('0.01');
    const catalogue = createMarketCatalogue(client);
    await admin('POST', 'faults', { kind: 'delay', route: 'GET /api/v3/exchangeInfo', ms: 200, before: 'reply' });
    const asked = catalogue.market('BTCUSDT');
    await expect.poll(() => simulator.requestTotals().requests).toBeGreaterThan(0);
    await expect
      .poll(async () => ((await (await admin('GET', 'state')).json()) as { faults: [] }).faults.length)
      .toBe(0);
    await setStep('0.0001');
    catalogue.invalidate();
    expect((await asked).filters.stepSize).toBe('0.0001');
  });

  it('are asked for again after a load that failed', async () => {
    await admin('POST', 'faults', { kind: 'error', route: 'GET /api/v3/exchangeInfo', status: 503 });
    const catalogue = createMarketCatalogue(client);
    await expect(catalogue.market('BTCUSDT')).rejects.toMatchObject({ verdict: 'wait' });
    expect(await catalogue.unified('BTCUSDT')).toBe('BTC/USDT');
  });
});
