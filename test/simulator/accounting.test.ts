import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { dec, type Decimal, sum, text, zero } from '../../src/domain/decimal.ts';
import { BinanceError } from '../../src/simulator/binance-errors.ts';
import { generatorSource } from '../../src/simulator/candle-source.ts';
import { steppedClock } from '../../src/simulator/clock.ts';
import { createExchange } from '../../src/simulator/exchange.ts';
import { openLedger } from '../../src/simulator/ledger.ts';
import { defaultFilters, priceAt } from '../../src/simulator/market.ts';
import type { OcoRequest } from '../../src/simulator/order-lists.ts';
import type { OrderRequest } from '../../src/simulator/order-request.ts';
import { hasLimitPrice, isConditional, orderTypes, type SimulatedOrderType } from '../../src/simulator/order-types.ts';
import { defaultRules } from '../../src/simulator/matching.ts';

const start = Date.UTC(2024, 0, 1);
const opening = { USDT: '1000', BTC: '0.01', BNB: '0.002' };

const order = fc.record({
  kind: fc.constant('order' as const),
  side: fc.constantFrom('BUY' as const, 'SELL' as const),
  type: fc.constantFrom(...orderTypes),
  timeInForce: fc.constantFrom('GTC' as const, 'IOC' as const),
  steps: fc.integer({ min: 1, max: 4000 }),
  /** Ticks from the last price. */
  offset: fc.integer({ min: -4000, max: 4000 }),
  stopOffset: fc.integer({ min: -2000, max: 2000 }),
});
const list = fc.record({
  kind: fc.constant('list' as const),
  side: fc.constantFrom('BUY' as const, 'SELL' as const),
  target: fc.constantFrom('LIMIT_MAKER' as const, 'TAKE_PROFIT' as const, 'TAKE_PROFIT_LIMIT' as const),
  stop: fc.constantFrom('STOP_LOSS' as const, 'STOP_LOSS_LIMIT' as const),
  steps: fc.integer({ min: 20, max: 2000 }),
  above: fc.integer({ min: 1, max: 3000 }),
  below: fc.integer({ min: 1, max: 3000 }),
});
type Bracket = typeof list extends fc.Arbitrary<infer Value> ? Value : never;
const action = fc.oneof(
  { weight: 2, arbitrary: list },
  { weight: 3, arbitrary: order },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('cancel' as const), pick: fc.nat(20) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('step' as const), ms: fc.integer({ min: 1, max: 600_000 }) }) },
);
const rules = fc.record({
  feeAsset: fc.constantFrom('received' as const, 'quote' as const, 'BNB' as const),
  spreadBps: fc.constantFrom('0', '4'),
  slippageBps: fc.constantFrom('0', '7'),
  fillSplit: fc.constantFrom(null, '0.003'),
  volumeShare: fc.constantFrom('0.1', '0.0003'),
});

const ocoOf = (act: Bracket, last: Decimal, index: number): OcoRequest => {
  const [above, below] = act.side === 'SELL' ? [act.target, act.stop] : [act.stop, act.target];
  const leg = (type: SimulatedOrderType, name: string, ticks: number): OrderRequest => {
    const price = last.plus(dec('0.01').times(dec(ticks)));
    return {
      clientOrderId: `${name}-${index}`,
      side: act.side,
      type,
      timeInForce: 'GTC',
      price: hasLimitPrice(type) ? price : zero,
      stopPrice: isConditional(type) ? price : zero,
      quantity: dec('0.00001').times(dec(act.steps)),
    };
  };
  return {
    listClientOrderId: `list-${index}`,
    above: leg(above, 'above', act.above),
    below: leg(below, 'below', -act.below),
  };
};

/** Refusals are part of the game; whatever else is thrown fails the test. */
const tried = (run: () => unknown): void => {
  try {
    run();
  } catch (error) {
    if (!(error instanceof BinanceError)) throw error;
  }
};

test('whatever is ordered, cancelled and traded, balances stay whole and what the fills say', () => {
  let fills = 0;
  let stopFills = 0;
  let listFills = 0;
  fc.assert(
    fc.property(rules, fc.array(action, { minLength: 5, maxLength: 40 }), (given, actions) => {
      const market = {
        symbol: 'BTCUSDT',
        base: 'BTC',
        quote: 'USDT',
        filters: defaultFilters,
        source: generatorSource({ seed: 3, interval: '1m' }),
      };
      const ledger = openLedger(null, opening, start);
      const exchange = createExchange(steppedClock(start), ledger, [market], { ...defaultRules, ...given });
      for (const [index, act] of actions.entries()) {
        if (act.kind === 'step') exchange.moveClock(exchange.clock.now() + act.ms);
        else if (act.kind === 'list')
          tried(() => exchange.placeOco(market, ocoOf(act, priceAt(market, exchange.clock.now()), index)));
        else if (act.kind === 'cancel') tried(() => exchange.cancel(exchange.openOrders()[act.pick]));
        else {
          const last = priceAt(market, exchange.clock.now());
          const beside = (ticks: number): Decimal => last.plus(dec('0.01').times(dec(ticks)));
          const price = hasLimitPrice(act.type) ? beside(act.offset) : zero;
          const stopPrice = isConditional(act.type) ? beside(act.stopOffset) : zero;
          const quantity = dec('0.00001').times(dec(act.steps));
          tried(() => exchange.place(market, { ...act, clientOrderId: `order-${index}`, price, stopPrice, quantity }));
        }
      }
      const { balances, orders } = ledger.state;
      const total: Record<string, Decimal> = { USDT: dec(opening.USDT), BTC: dec(opening.BTC), BNB: dec(opening.BNB) };
      const add = (asset: string, amount: Decimal): void => {
        total[asset] = (total[asset] ?? zero).plus(amount);
      };
      for (const placed of orders.values()) {
        const sign = dec(placed.side === 'BUY' ? 1 : -1);
        for (const trade of placed.trades) {
          fills += 1;
          if (isConditional(placed.type)) stopFills += 1;
          if (placed.orderListId !== undefined) listFills += 1;
          add('BTC', dec(trade.quantity).times(sign));
          add('USDT', zero.minus(dec(trade.quantity).times(dec(trade.price)).times(sign)));
          add(trade.commissionAsset, zero.minus(dec(trade.commission)));
          const isWorse =
            placed.side === 'BUY' ? dec(trade.price).gt(dec(placed.price)) : dec(trade.price).lt(dec(placed.price));
          expect(hasLimitPrice(placed.type) && isWorse).toBe(false);
        }
        expect(dec(placed.executedQuantity).lte(dec(placed.quantity))).toBe(true);
      }
      for (const { orderIds } of ledger.state.lists.values()) {
        const legs = orderIds.flatMap((id) => orders.get(id) ?? []);
        expect(legs).toHaveLength(2);
        expect(legs.filter(({ trades }) => trades.length > 0).length).toBeLessThanOrEqual(1);
      }
      for (const [asset, { free, locked }] of balances) {
        expect(free.gte(zero) && locked.gte(zero)).toBe(true);
        expect(text(free.plus(locked))).toBe(text(total[asset] ?? zero));
        const lockedByOrders = sum(
          exchange.openOrders().flatMap((open) => (open.lockAsset === asset ? [dec(open.lockedAmount)] : [])),
        );
        expect(text(locked)).toBe(text(lockedByOrders));
      }
    }),
    { numRuns: 200 },
  );
  expect(fills).toBeGreaterThan(200);
  expect(stopFills).toBeGreaterThan(50);
  expect(listFills).toBeGreaterThan(50);
});
