import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { dec, type Decimal, sum, text, zero } from '../../src/domain/decimal.ts';
import { BinanceError } from '../../src/simulator/binance-errors.ts';
import { generatorSource } from '../../src/simulator/candle-source.ts';
import { steppedClock } from '../../src/simulator/clock.ts';
import { createExchange } from '../../src/simulator/exchange.ts';
import { openLedger } from '../../src/simulator/ledger.ts';
import { defaultFilters, priceAt } from '../../src/simulator/market.ts';
import { hasLimitPrice, isConditional, orderTypes } from '../../src/simulator/order-types.ts';
import { defaultRules } from '../../src/simulator/matching.ts';

const start = Date.UTC(2024, 0, 1);
const opening = { USDT: '1000', BTC: '0.01' };

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
const action = fc.oneof(
  { weight: 3, arbitrary: order },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('cancel' as const), pick: fc.nat(20) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('step' as const), ms: fc.integer({ min: 1, max: 600_000 }) }) },
);
const rules = fc.record({
  feeAsset: fc.constantFrom('received' as const, 'quote' as const),
  spreadBps: fc.constantFrom('0', '4'),
  slippageBps: fc.constantFrom('0', '7'),
  fillSplit: fc.constantFrom(null, '0.003'),
  volumeShare: fc.constantFrom('0.1', '0.0003'),
});

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
      const total: Record<string, Decimal> = { USDT: dec(opening.USDT), BTC: dec(opening.BTC) };
      const add = (asset: string, amount: Decimal): void => {
        total[asset] = (total[asset] ?? zero).plus(amount);
      };
      for (const placed of orders.values()) {
        const sign = dec(placed.side === 'BUY' ? 1 : -1);
        for (const trade of placed.trades) {
          fills += 1;
          if (isConditional(placed.type)) stopFills += 1;
          add('BTC', dec(trade.quantity).times(sign));
          add('USDT', zero.minus(dec(trade.quantity).times(dec(trade.price)).times(sign)));
          add(trade.commissionAsset, zero.minus(dec(trade.commission)));
          const isWorse =
            placed.side === 'BUY' ? dec(trade.price).gt(dec(placed.price)) : dec(trade.price).lt(dec(placed.price));
          expect(hasLimitPrice(placed.type) && isWorse).toBe(false);
        }
        expect(dec(placed.executedQuantity).lte(dec(placed.quantity))).toBe(true);
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
});
