import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createCcxtMarketData } from '../../../src/adapters/exchange/ccxt-market-data.ts';
import { createCcxtVenue } from '../../../src/adapters/exchange/ccxt-venue.ts';
import { assertKeyCannotWithdraw } from '../../../src/adapters/exchange/key-safety.ts';
import type { Venue } from '../../../src/contracts/venue.ts';
import { candlesBy, credentials, idOf, type SimulatedVenue, start, startSimulatedVenue } from './simulated-venue.ts';

const candles = candlesBy(-1);
let bench: SimulatedVenue;
let venue: Venue;
const ref = (n: number) => ({ symbol: 'BTCUSDT', clientOrderId: idOf(n) });

beforeEach(async () => {
  bench = await startSimulatedVenue();
  ({ venue } = bench);
});
afterEach(() => bench.close());

describe('the unmodified ccxt class against the simulator on a clock of its own', () => {
  it('buys at market, and the account agrees with the fills', async () => {
    const report = await venue.place(await bench.order(1, { type: 'MARKET', price: null, timeInForce: null }));
    expect(report).toMatchObject({ status: 'filled', filledQuantity: '1', clientOrderId: idOf(1) });
    expect(report.fills).toEqual([
      expect.objectContaining({ price: '100', quantity: '1', commission: '0.001', commissionAsset: 'BTC' }),
    ]);
    expect(await venue.balances()).toEqual({ USDT: '900', BTC: '3.999' });
    expect(await venue.find(ref(1))).toMatchObject({ status: 'filled', fills: report.fills });
  });

  it('rests a bid, fills it in parts as the market comes to it, and shows it among the open orders', async () => {
    expect(await venue.place(await bench.order(2, { quantity: '3' }))).toMatchObject({ status: 'open', fills: [] });
    expect(await venue.openOrders()).toMatchObject([{ ...ref(2), filledQuantity: '0' }]);
    await bench.step(11);
    const partly = await venue.find(ref(2));
    expect(partly).toMatchObject({ status: 'partially_filled' });
    expect(await venue.openOrders()).toMatchObject([{ ...ref(2), filledQuantity: partly?.filledQuantity }]);
    await bench.step(5);
    const filled = await venue.find(ref(2));
    expect(filled).toMatchObject({ status: 'filled', filledQuantity: '3' });
    expect(filled?.fills.length).toBeGreaterThan(1);
    expect(await venue.openOrders()).toEqual([]);
  });

  it('cancels what rests and keeps the id it was placed under; a filled order stays filled', async () => {
    await venue.place(await bench.order(3));
    expect(await venue.cancel(ref(3))).toMatchObject({
      status: 'cancelled',
      clientOrderId: idOf(3),
      filledQuantity: '0',
    });
    await venue.place(await bench.order(4));
    await bench.step(30);
    expect(await venue.cancel(ref(4))).toMatchObject({ status: 'filled', filledQuantity: '1' });
    expect(await venue.cancel(ref(99))).toBeNull();
  });

  it.each([
    ['hang', 'ambiguous'],
    ['reset', 'ambiguous'],
    ['error', 'ambiguous'],
    ['truncate', 'ambiguous'],
  ])('after %s, the accepted order is found by its id and was accepted once', async (kind, verdict) => {
    await bench.admin('faults', { kind, route: 'POST /api/v3/order' });
    const hasty = createCcxtVenue({ client: await bench.connect({ timeoutMs: 500 }), id: 'simulator' });
    await expect(hasty.place(await bench.order(5))).rejects.toMatchObject({ verdict });
    expect(await venue.find(ref(5))).toMatchObject({ status: 'open', clientOrderId: idOf(5) });
    expect(await bench.accepted()).toEqual({ [idOf(5)]: 1 });
  });

  it('says null for an order that the venue hides, and finds it when it shows', async () => {
    await venue.place(await bench.order(6));
    await bench.admin('faults', { kind: 'hide', clientOrderId: idOf(6) });
    expect(await venue.find(ref(6))).toBeNull();
    expect(await venue.find(ref(6))).toMatchObject({ status: 'open' });
  });

  it('is told to wait by a ban, for as long as the venue says, with nothing taken', async () => {
    const request = await bench.order(7);
    await venue.market('BTCUSDT');
    await bench.admin('faults', { kind: 'ban', route: 'POST /api/v3/order', ms: 60_000 });
    const failure: unknown = await venue.place(request).catch((error: unknown) => error);
    expect(failure).toMatchObject({ verdict: 'wait', retryAfterMs: 60_000 });
    await expect(venue.place(request)).rejects.toMatchObject({ verdict: 'wait' });
    expect(await bench.accepted()).toEqual({});
  });

  it('does not send an order that the clock has left behind, nor one the balance cannot pay', async () => {
    const late = await bench.order(8);
    await bench.step(1);
    await expect(venue.place(late)).rejects.toMatchObject({ verdict: 'wait' });
    await expect(venue.place(await bench.order(9, { quantity: '100' }))).rejects.toMatchObject({
      verdict: 'rejected',
      code: '-2010',
    });
    await expect(venue.place(await bench.order(10, { quantity: '0.00001' }))).rejects.toMatchObject({
      verdict: 'rejected',
    });
    expect(await bench.accepted()).toEqual({});
  });

  it('answers for fees, filters and the key', async () => {
    expect(await venue.feeRates('BTCUSDT')).toEqual({ maker: '0.001', taker: '0.001' });
    expect((await venue.market('BTCUSDT')).filters).toMatchObject({ tickSize: '0.01', stepSize: '0.00001' });
    await expect(assertKeyCannotWithdraw(bench.client)).resolves.toBeUndefined();
    const stranger = await bench.connect({ credentials: { ...credentials, secret: 'wrong' } });
    await expect(createCcxtVenue({ client: stranger, id: 'simulator' }).balances()).rejects.toMatchObject({
      verdict: 'fatal',
    });
  });

  it('gives the candles that were replayed so far, exactly', async () => {
    const source = createCcxtMarketData({ client: bench.client, id: 'simulator' });
    const ask = () => source.candles({ symbol: 'BTCUSDT', interval: '1m', from: start, limit: 100 });
    expect(await ask()).toEqual([]);
    await bench.step(5);
    const closed = await ask();
    expect(closed.map(({ time }) => time)).toEqual(candles.slice(0, 5).map(({ time }) => time));
    expect(closed.map(({ close }) => Number(close))).toEqual([99, 98, 97, 96, 95]);
  });
});
