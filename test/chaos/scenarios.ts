import { amendUpdate, cancelUpdate } from '../../src/contracts/messages.ts';
import type { OrderStatus } from '../../src/domain/orders/order.ts';
import { isTerminal } from '../../src/domain/orders/order.ts';
import { addStrategy, definitionOf } from '../support/trading.ts';
import { dip } from './market.ts';
import type { OrderHandle, Stage } from './stage.ts';
import { until } from './until.ts';

/** One order's way from its intent to its end, driven from outside: the market's clock and a person's cancel. */
export interface Scenario {
  readonly name: string;
  /** Ahead of the order, with a worker that nothing kills. Returns the strategy. */
  readonly prepare: (stage: Stage) => Promise<string>;
  /** Starts the order; returns when it has come to its end. `cycle` is the venue time at which it began. */
  readonly run: (stage: Stage, strategyId: string, cycle: number) => Promise<void>;
}

const place = 'POST /api/v3/order';

const isOver = (status: OrderStatus): boolean => isTerminal(status) || status === 'unknown';

/** Until the row says one of these, or that the order is over. True: it is not over. */
const reaches = async (stage: Stage, orderId: string, statuses: readonly OrderStatus[]): Promise<boolean> =>
  await until(async () => {
    const row = await stage.store.orders.find(orderId);
    if (!row) return null;
    if (isOver(row.status)) return false;
    return statuses.includes(row.status) ? true : null;
  });

const active = (stage: Stage): Promise<string> => addStrategy(stage.pool, 'active');

/** Rests at 90, a tenth below the market. */
const resting = (stage: Stage): Promise<string> => {
  const order = { type: 'limit', offset_bps: 1_000, expire_bars: 100_000 } as const;
  return addStrategy(stage.pool, 'active', definitionOf({}, { order }));
};

const ended = async (handle: OrderHandle): Promise<void> => {
  await handle.result();
};

const entry = async (stage: Stage, strategyId: string): Promise<{ orderId: string; handle: OrderHandle }> => {
  const intent = await stage.intent(strategyId);
  return { orderId: intent.orderId, handle: await stage.start(intent) };
};

const cancel = async (handle: OrderHandle): Promise<void> => {
  await handle.executeUpdate(cancelUpdate, { args: [{ by: 'test' }] });
};

/** Leaves at 90 or at 110, by orders that rest at the venue. */
const guarded = (stage: Stage): Promise<string> =>
  addStrategy(stage.pool, 'active', definitionOf({}, { stop_loss_pct: 10, take_profit_pct: 10 }));

/** Until a stop and a target rest for what is held; false where nobody knows what became of one. */
const isCovered = async (stage: Stage, strategyId: string): Promise<boolean> =>
  await until(async () => {
    const legs = await stage.store.protection.orders({ strategyId, symbol: 'BTCUSDT', environment: 'live' });
    if (legs.some(({ status }) => status === 'unknown')) return false;
    return legs.length === 2 && legs.every(({ status }) => status === 'open') ? true : null;
  });

/** Buys at the market and waits for the protection; false where one of the two is not known of. */
const enterCovered = async (stage: Stage, strategyId: string): Promise<boolean> => {
  const { status } = await (await entry(stage, strategyId)).handle.result();
  return status === 'filled' && (await isCovered(stage, strategyId));
};

export const scenarios: readonly Scenario[] = [
  {
    name: 'market',
    prepare: active,
    run: async (stage, strategyId) => {
      await ended((await entry(stage, strategyId)).handle);
    },
  },
  {
    name: 'limit',
    prepare: resting,
    run: async (stage, strategyId, cycle) => {
      const { orderId, handle } = await entry(stage, strategyId);
      if (await reaches(stage, orderId, ['open'])) await stage.moveTo(cycle + dip.whole);
      await ended(handle);
    },
  },
  {
    name: 'partial',
    prepare: resting,
    run: async (stage, strategyId, cycle) => {
      await stage.moveTo(cycle + dip.whole);
      const { orderId, handle } = await entry(stage, strategyId);
      if (await reaches(stage, orderId, ['open'])) await stage.moveTo(cycle + dip.small);
      if (await reaches(stage, orderId, ['partially_filled'])) await stage.moveTo(cycle + dip.rest);
      await ended(handle);
    },
  },
  {
    name: 'cancelled',
    prepare: resting,
    run: async (stage, strategyId) => {
      const { orderId, handle } = await entry(stage, strategyId);
      if (await reaches(stage, orderId, ['open'])) await cancel(handle);
      await ended(handle);
    },
  },
  {
    name: 'partial-cancelled',
    prepare: resting,
    run: async (stage, strategyId, cycle) => {
      await stage.moveTo(cycle + dip.whole);
      const { orderId, handle } = await entry(stage, strategyId);
      if (await reaches(stage, orderId, ['open'])) await stage.moveTo(cycle + dip.small);
      if (await reaches(stage, orderId, ['partially_filled'])) await cancel(handle);
      await ended(handle);
    },
  },
  {
    name: 'exit',
    prepare: async (stage) => {
      const strategyId = await active(stage);
      await ended((await entry(stage, strategyId)).handle);
      return strategyId;
    },
    run: async (stage, strategyId) => {
      await ended(await stage.start(await stage.intent(strategyId, { side: 'SELL', kind: 'exit' })));
    },
  },
  {
    name: 'answer-lost',
    prepare: active,
    run: async (stage, strategyId) => {
      await stage.fault({ kind: 'reset', route: place });
      await ended((await entry(stage, strategyId)).handle);
    },
  },
  {
    name: 'refused',
    prepare: active,
    run: async (stage, strategyId) => {
      await stage.fault({
        kind: 'reject',
        route: place,
        code: -2010,
        msg: 'Account has insufficient balance for requested action.',
      });
      await ended((await entry(stage, strategyId)).handle);
    },
  },
  {
    name: 'amended',
    prepare: resting,
    run: async (stage, strategyId) => {
      const { orderId, handle } = await entry(stage, strategyId);
      if (!(await reaches(stage, orderId, ['open']))) return await ended(handle);
      const { replacedBy } = await handle.executeUpdate(amendUpdate, { args: [{ by: 'test', price: '89' }] });
      await ended(handle);
      if (!replacedBy) throw new TypeError('the amended order has no replacement');
      const replacement = stage.handleOf(replacedBy);
      if (await reaches(stage, replacedBy, ['open'])) await cancel(replacement);
      await ended(replacement);
    },
  },
  {
    name: 'protected',
    prepare: guarded,
    run: async (stage, strategyId, cycle) => {
      if (!(await enterCovered(stage, strategyId))) return;
      await stage.moveTo(cycle + dip.whole);
      await stage.guardOf(strategyId).result();
    },
  },
  {
    name: 'protected-exit',
    prepare: async (stage) => {
      const strategyId = await guarded(stage);
      if (!(await enterCovered(stage, strategyId))) throw new TypeError('the position is not covered');
      return strategyId;
    },
    run: async (stage, strategyId) => {
      const handle = await stage.start(await stage.intent(strategyId, { side: 'SELL', kind: 'exit' }));
      const { status } = await handle.result();
      if (status === 'filled') await stage.guardOf(strategyId).result();
    },
  },
];
