import { describe, expect, it } from 'vitest';
import { dec } from '../../../src/domain/decimal.ts';
import type { ProtectionLevels } from '../../../src/domain/fills/protection.ts';
import type { Market } from '../../../src/domain/market/market-filters.ts';
import { type ProtectionPlan, planProtection, restsAsPlanned } from '../../../src/domain/orders/protection-plan.ts';

const market: Market = {
  symbol: 'BTCUSDT',
  base: 'BTC',
  quote: 'USDT',
  filters: {
    tickSize: '0.01',
    stepSize: '0.001',
    minQuantity: '0.001',
    maxQuantity: '100',
    minNotional: '10',
  },
};
const levels = (stop: number | null, target: number | null): ProtectionLevels => ({
  stop,
  stopReason: 'stop_loss',
  target,
});
const planned = (quantity: string, at: ProtectionLevels, venue: 'pair' | 'stop' = 'pair') =>
  planProtection(dec(quantity), at, market, venue);

describe('what should rest for a position', () => {
  it('is the whole of it on the step, at both levels, where the venue takes pairs', () => {
    expect(planned('1.23456', levels(95, 110))).toEqual({
      kind: 'rest',
      plan: { quantity: '1.234', stop: '95', stopReason: 'stop_loss', target: '110' },
    });
  });
  it('is the stop alone where the venue takes none', () => {
    expect(planned('1', levels(95, 110), 'stop')).toMatchObject({ plan: { stop: '95', target: null } });
    expect(planned('1', levels(null, 110), 'stop')).toMatchObject({ plan: { stop: null, target: '110' } });
  });
  it('is at most what the market takes in one order', () => {
    expect(planned('250', levels(95, null))).toMatchObject({ plan: { quantity: '100' } });
  });
  it.each([
    ['no level', '1', levels(null, null), 'neither a stop nor a target'],
    ['less than a step', '0.0009', levels(95, null), 'less than BTCUSDT takes'],
    ['less than the smallest notional at the lower level', '0.1', levels(95, 110), 'less than BTCUSDT takes'],
    ['nothing', '0', levels(95, 110), 'less than BTCUSDT takes'],
  ])('is nothing with %s, and says why', (_, quantity, at, reason) => {
    expect(planned(quantity, at)).toMatchObject({ kind: 'none', reason: expect.stringContaining(reason) });
  });
});

describe('what rests', () => {
  const plan: ProtectionPlan = { quantity: '2', stop: '95', stopReason: 'stop_loss', target: '110' };
  const leg = (type: string, over: object = {}) => ({
    type,
    quantity: '2',
    filledQuantity: '0',
    price: type === 'TAKE_PROFIT' ? '110' : null,
    stopPrice: type === 'STOP_LOSS' ? '95' : null,
    ...over,
  });
  const stop = leg('STOP_LOSS');
  const target = leg('TAKE_PROFIT');
  it('is as planned with both orders at their levels over what is held', () => {
    expect(restsAsPlanned(plan, [stop, target])).toBe(true);
    expect(
      restsAsPlanned(plan, [
        { ...stop, stopPrice: '95.00' },
        { ...target, quantity: '2.000' },
      ]),
    ).toBe(true);
  });
  it('counts what is left of an order that has filled in part', () => {
    expect(restsAsPlanned(plan, [leg('STOP_LOSS', { quantity: '3', filledQuantity: '1' }), target])).toBe(true);
  });
  it.each([
    ['one is missing', [stop]],
    ['none is there', []],
    ['one is there twice', [stop, target, target]],
    ['the stop is elsewhere', [leg('STOP_LOSS', { stopPrice: '94' }), target]],
    ['the target is elsewhere', [stop, leg('TAKE_PROFIT', { price: '111' })]],
    ['one is smaller', [stop, leg('TAKE_PROFIT', { quantity: '1' })]],
  ])('is not where %s', (_, legs) => {
    expect(restsAsPlanned(plan, legs)).toBe(false);
  });
  it('is not where a target rests that nobody wants', () => {
    expect(restsAsPlanned({ ...plan, target: null }, [stop, target])).toBe(false);
  });
});
