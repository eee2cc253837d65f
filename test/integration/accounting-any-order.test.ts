import {
  type Arbitrary,
  array,
  assert,
  asyncProperty,
  boolean,
  constant,
  constantFrom,
  integer,
  record,
  shuffledSubarray,
  tuple,
} from 'fast-check';
import { sql } from 'slonik';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkBooks } from '../../src/adapters/postgres/books-check.ts';
import { dec, text } from '../../src/domain/decimal.ts';
import type { Environment } from '../../src/domain/orders/order.ts';
import { type PlayedOrder, type Stage, type VenueTruth, booksOf, reportsOf, submitAll } from '../support/accounting.ts';
import { type TradingDatabase, addStrategy, countRows, createTradingDatabase } from '../support/trading.ts';

/** Histories to play on each account, a second or so each. */
const runs = Number(process.env['ACCOUNTING_RUNS'] ?? '5');
const environments: readonly Environment[] = ['paper', 'live'];

let database: TradingDatabase;
let strategies: readonly string[];
let stages = 0;

beforeAll(async () => {
  database = await createTradingDatabase();
  strategies = [await addStrategy(database.pool, 'active'), await addStrategy(database.pool, 'active')];
});
afterAll(() => database.drop());

const newStage = (environment: Environment): Stage => {
  stages += 1;
  return { environment, exchange: `venue${stages}`, symbol: `COIN${stages}USDT` };
};

/** Trades of halves at about 100: under a least notional of 70, a single half is dust. */
const tradeSpec = record({
  halves: integer({ min: 1, max: 4 }),
  price: integer({ min: 90, max: 110 }),
  at: integer({ min: 0, max: 15 }),
  fee: record({ asset: constantFrom('BTC', 'USDT', 'BNB'), amount: constantFrom('0', '0.001', '0.0005') }),
});

const orderSpec = record({
  strategy: integer({ min: 0, max: 1 }),
  side: constantFrom('BUY', 'SELL'),
  trades: array(tradeSpec, { maxLength: 3 }),
  unfilled: integer({ min: 0, max: 2 }),
  end: constantFrom('cancelled', 'expired', 'working'),
  reduceOnly: boolean(),
  minNotional: constantFrom('0', '70'),
  reserves: constantFrom('0', '80', '120'),
  isPair: boolean(),
  tellsAll: boolean(),
});

const history = (environment: Environment): Arbitrary<readonly VenueTruth[]> =>
  array(orderSpec, { minLength: 3, maxLength: 6 }).map((orders) => {
    let tradeId = 7;
    return orders.map(({ trades, unfilled, reserves, isPair, ...order }): VenueTruth => {
      const halves = trades.reduce((all, trade) => all + trade.halves, unfilled + (trades.length === 0 ? 1 : 0));
      const quantity = text(dec(halves).times('0.5'));
      const sellsShort = environment === 'paper' && order.side === 'SELL' && order.strategy === 1;
      const reserve =
        order.side === 'BUY' || sellsShort
          ? { asset: 'USDT', amount: text(dec(quantity).times(reserves)) }
          : { asset: 'BTC', amount: quantity };
      const fills = trades.map(({ halves: half, price, at, fee }) => {
        tradeId += 1;
        return {
          tradeId: String(tradeId),
          price: String(price),
          quantity: text(dec(half).times('0.5')),
          commission: fee.amount,
          commissionAsset: fee.asset,
          executedAt: at * 86_400_000,
        };
      });
      const isFilled = unfilled === 0 && trades.length > 0;
      return {
        ...order,
        quantity,
        reserve,
        fills,
        end: isFilled ? 'filled' : order.end,
        isPair: isPair && environment === 'live' && order.side === 'SELL',
      };
    });
  });

/** Reports as (order, report) in any order, some of them more than once. */
const anyOrder = (truths: readonly VenueTruth[]): Arbitrary<readonly (readonly [number, number])[]> => {
  const places = truths
    .flatMap(({ isPair, fills, tellsAll }) => [...(isPair ? [5] : []), fills.length + (tellsAll ? 5 : 4)])
    .flatMap((reports, order) => Array.from({ length: reports }, (_, report) => [order, report] as const));
  return tuple(shuffledSubarray(places), shuffledSubarray(places, { minLength: places.length })).map(([early, all]) => [
    ...early,
    ...all,
  ]);
};

const applyOne = async (played: readonly PlayedOrder[], [order, report]: readonly [number, number]): Promise<void> => {
  const of = played[order]!;
  await database.store.orders.applyReport(of.order.orderId, reportsOf(of)[report]!, 'test');
};

/** Each lane applies its share one after the other, all lanes at the same time, each on a connection of its own. */
const inLanes = async (
  played: readonly PlayedOrder[],
  sequence: readonly (readonly [number, number])[],
  lanes: number,
): Promise<void> => {
  const lane = async (number: number): Promise<void> => {
    for (const [index, place] of sequence.entries()) if (index % lanes === number) await applyOne(played, place);
  };
  await Promise.all(Array.from({ length: lanes }, (_, number) => lane(number)));
};

const audits = () => countRows(database.pool, 'audit_logs');

describe.each(environments)('reports of two strategies on one %s account', (environment) => {
  it(
    'give the same rows in any order, repeated, at once, knowing only a part',
    { timeout: 30_000 * runs },
    async () => {
      const cases = history(environment).chain((truths) =>
        tuple(constant(truths), anyOrder(truths), constantFrom(1, 4)),
      );
      await assert(
        asyncProperty(cases, async ([truths, sequence, lanes]) => {
          const straight = newStage(environment);
          const inOrder = await submitAll(database, straight, strategies, truths);
          for (const [index, of] of inOrder.entries()) {
            for (const report of reportsOf(of).keys()) await applyOne(inOrder, [index, report]);
          }
          const expected = await booksOf(database.pool, straight, inOrder);

          const stage = newStage(environment);
          const played = await submitAll(database, stage, strategies, truths);
          await inLanes(played, sequence, lanes);
          expect(await booksOf(database.pool, stage, played)).toEqual(expected);

          const before = await audits();
          await inLanes(played, sequence, 2);
          expect(await booksOf(database.pool, stage, played)).toEqual(expected);
          expect(await audits()).toBe(before);
        }),
        { numRuns: runs, endOnFailure: true },
      );
    },
  );
});

describe('the books after all of it', () => {
  it('hold every invariant, and no total is anything but opening balances, trades and fees', async () => {
    expect(await countRows(database.pool, 'trades', sql.fragment`exchange LIKE 'venue%'`)).toBeGreaterThan(0);
    expect(await checkBooks(database.pool)).toEqual([]);
  });
});
