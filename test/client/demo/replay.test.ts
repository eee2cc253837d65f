import { describe, expect, it } from 'vitest';
import { replay, type ReplayPorts } from '../../../src/client/demo/replay.ts';
import type { ClockTick, Decision } from '../../../src/contracts/messages.ts';
import type { Candle } from '../../../src/domain/market/candle.ts';
import type { OrderStatus } from '../../../src/domain/orders/order.ts';

const candle = (index: number): Candle => ({
  time: index * 60_000,
  open: '1',
  high: '1',
  low: '1',
  close: '1',
  volume: '1',
});
const market = { candles: [candle(0), candle(1)], interval: '1m' } as const;

const tickOf = (part: Partial<ClockTick>): ClockTick => ({
  candles: 1,
  lastCandle: null,
  decisions: [],
  ordersNotified: [],
  ...part,
});
const decision = { decisionId: 'a' } as Decision;

/** A market whose looks at the orders are scripted: one entry a look, the last one for ever. */
const scripted = (ticks: ClockTick[], looks: { inFlight: string[]; status?: OrderStatus }[]) => {
  const log: string[] = [];
  let look = 0;
  const ports: ReplayPorts = {
    moveClock: async (to) => void log.push(`clock ${to}`),
    tick: async () => ticks.shift() ?? tickOf({}),
    ordersInFlight: async () => looks[look]?.inFlight ?? [],
    orderStatuses: async () => {
      const { status } = looks[Math.min(look, looks.length - 1)] ?? {};
      look = Math.min(look + 1, looks.length - 1);
      log.push(`look ${status ?? 'none'}`);
      return new Map(status === undefined ? [] : [['a', status]]);
    },
  };
  return { log, ports };
};

describe('the replay', () => {
  it('moves the clock to each close, and looks at no order where nothing was decided', async () => {
    const { log, ports } = scripted([], []);
    await replay(ports, market);
    expect(log).toEqual(['clock 60000', 'clock 120000']);
  });

  it('holds the market until a decision’s order is past sending', async () => {
    const { log, ports } = scripted(
      [tickOf({ decisions: [decision] })],
      [{ inFlight: ['a'] }, { inFlight: ['a'], status: 'submitting' }, { inFlight: ['a'], status: 'open' }],
    );
    await replay(ports, market);
    expect(log).toEqual(['clock 60000', 'look none', 'look submitting', 'look open', 'clock 120000']);
  });

  it('does not wait for an order that was filled in part and rests on', async () => {
    const { log, ports } = scripted(
      [tickOf({ ordersNotified: ['a'] })],
      [{ inFlight: ['a'], status: 'partially_filled' }],
    );
    await replay(ports, market);
    expect(log).toEqual(['clock 60000', 'look partially_filled', 'clock 120000']);
  });

  it('holds the market until the strategy knows of an order that the candle has ended', async () => {
    const { log, ports } = scripted(
      [tickOf({ ordersNotified: ['a'] })],
      [
        { inFlight: ['a'], status: 'filled' },
        { inFlight: [], status: 'filled' },
      ],
    );
    await replay(ports, market);
    expect(log).toEqual(['clock 60000', 'look filled', 'look filled', 'clock 120000']);
  });

  it('does not wait for a decision that the strategy did not take up', async () => {
    const { log, ports } = scripted([tickOf({ decisions: [decision] })], [{ inFlight: [] }]);
    await replay(ports, market);
    expect(log).toEqual(['clock 60000', 'look none', 'clock 120000']);
  });
});
