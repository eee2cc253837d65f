import { describe, expect, it } from 'vitest';
import { createCcxtClient } from '../../../src/adapters/exchange/ccxt-client.ts';
import { type ClockJump, createVenueClock } from '../../../src/adapters/exchange/venue-clock.ts';
import { startSimulator } from '../../../src/simulator/server.ts';

/** A venue whose clock and round trip the test holds, beside our own monotonic clock. */
const venueAt = (start: number, roundTripMs: number) => {
  const state = { ours: 1_000, wallLead: start, venue: start, asked: 0 };
  const pass = (ms: number): void => {
    state.ours += ms;
    state.venue += ms;
  };
  const fetchTime = (): Promise<number> => {
    state.asked += 1;
    pass(roundTripMs / 2);
    const answer = state.venue;
    pass(roundTripMs / 2);
    return Promise.resolve(answer);
  };
  return { state, pass, fetchTime, monotonic: () => state.ours, wall: () => state.ours + state.wallLead };
};

describe('a venue on wall time', () => {
  it('is asked once within the time to live and is right in between', async () => {
    const venue = venueAt(1_700_000_000_000, 40);
    const clock = createVenueClock(venue.fetchTime, { ttlMs: 30_000, monotonic: venue.monotonic, wall: venue.wall });
    expect(await clock.now()).toBe(venue.state.venue);
    venue.pass(29_000);
    expect(await clock.now()).toBe(venue.state.venue);
    expect(clock.read()).toBe(venue.state.venue);
    expect(venue.state.asked).toBe(1);
    venue.pass(2_000);
    expect(await clock.now()).toBe(venue.state.venue);
    expect(venue.state.asked).toBe(2);
  });

  it('follows a shifted clock after a resync', async () => {
    const venue = venueAt(1_700_000_000_000, 0);
    const clock = createVenueClock(venue.fetchTime, { ttlMs: 30_000, monotonic: venue.monotonic, wall: venue.wall });
    await clock.now();
    venue.state.venue += 60_000;
    expect(await clock.now()).toBe(venue.state.venue - 60_000);
    expect(await clock.resync()).toBe(venue.state.venue);
    expect(await clock.now()).toBe(venue.state.venue);
  });
});

describe('a stepped venue', () => {
  it('is asked every time, and its reading does not move by our clock', async () => {
    const venue = venueAt(1_577_836_800_000, 10);
    const clock = createVenueClock(venue.fetchTime, { ttlMs: 0, monotonic: venue.monotonic, wall: venue.wall });
    const first = await clock.now();
    expect(first).toBe(1_577_836_800_005);
    venue.state.ours += 5_000;
    expect(clock.read()).toBe(first);
    venue.state.venue = 1_577_836_900_000;
    expect(await clock.now()).toBe(1_577_836_900_005);
    expect(venue.state.asked).toBe(2);
  });
});

describe('a clock that cannot be trusted any more', () => {
  const connect = async (roundTripMs = 0) => {
    const venue = venueAt(1_700_000_000_000, roundTripMs);
    const jumps: ClockJump[] = [];
    const { monotonic, wall } = venue;
    const onJump = (jump: ClockJump): void => void jumps.push(jump);
    const clock = createVenueClock(venue.fetchTime, { ttlMs: 30_000, monotonic, wall, onJump });
    await clock.now();
    return { venue, clock, jumps };
  };

  it('is asked before the next use after the venue has refused a timestamp', async () => {
    const { venue, clock } = await connect();
    clock.distrust();
    venue.state.venue += 3_000;
    expect(await clock.now()).toBe(venue.state.venue);
    expect(await clock.now()).toBe(venue.state.venue);
    expect(venue.state.asked).toBe(2);
  });

  it('is asked after this machine has slept: the monotonic clock stood still meanwhile', async () => {
    const { venue, clock, jumps } = await connect();
    venue.state.wallLead += 20_000;
    venue.state.venue += 20_000;
    expect(await clock.now()).toBe(venue.state.venue);
    expect(venue.state.asked).toBe(2);
    expect(jumps).toEqual([{ expected: venue.state.venue - 20_000, found: venue.state.venue }]);
  });

  it("tells of the venue's own jump, and of no drift within a second or half a slow round trip", async () => {
    const { venue, clock, jumps } = await connect(3_000);
    venue.state.venue += 2_400;
    await clock.resync();
    expect(jumps).toEqual([]);
    venue.state.venue -= 60_000;
    const found = await clock.resync();
    expect(jumps).toEqual([{ expected: found + 60_000, found }]);
  });

  it('stays distrusted where the venue does not answer', async () => {
    const { venue, monotonic, wall } = { venue: venueAt(1, 0), monotonic: () => 0, wall: () => 0 };
    const answers = [() => venue.fetchTime(), () => Promise.reject(new Error('no answer')), () => venue.fetchTime()];
    const clock = createVenueClock(() => (answers.shift() ?? venue.fetchTime)(), { ttlMs: 30_000, monotonic, wall });
    await clock.now();
    clock.distrust();
    await expect(clock.now()).rejects.toThrow('no answer');
    await clock.now();
    expect(venue.state.asked).toBe(2);
  });
});

describe('an order that is refused for its timestamp (-1021)', () => {
  it('has the clock asked again before its next attempt, and the jump is told of', async () => {
    const credentials = { apiKey: 'k'.repeat(64), secret: 's'.repeat(64) };
    const simulator = await startSimulator({ ...credentials, clock: 'wall' });
    try {
      const jumps: ClockJump[] = [];
      const client = await createCcxtClient({
        exchange: 'binance',
        credentials,
        baseUrl: simulator.url,
        msPerWeight: 0.001,
        onClockJump: (jump) => void jumps.push(jump),
      });
      const order = { symbol: 'BTCUSDT', side: 'BUY', type: 'MARKET', quantity: '0.001' };
      const place = () => client.call('createOrder', 'signed', (exchange) => exchange.privatePostOrder(order));
      await place();
      await fetch(`${simulator.url}/admin/faults`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ kind: 'clock-shift', ms: 60_000, times: null }),
      });
      await expect(place()).rejects.toMatchObject({ verdict: 'wait', code: '-1021' });
      const { requests } = simulator.requestTotals();
      await place();
      expect(simulator.requestTotals().requests - requests).toBe(2);
      expect(jumps).toHaveLength(1);
      expect(jumps.map(({ expected, found }) => Math.round((found - expected) / 1_000))).toEqual([60]);
    } finally {
      await simulator.close();
    }
  });
});
