import { describe, expect, it } from 'vitest';
import { createVenueClock } from '../../../src/adapters/exchange/venue-clock.ts';

/** A venue whose clock and round trip the test holds, beside our own monotonic clock. */
const venueAt = (start: number, roundTripMs: number) => {
  const state = { ours: 1_000, venue: start, asked: 0 };
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
  return { state, pass, fetchTime, monotonic: () => state.ours };
};

describe('a venue on wall time', () => {
  it('is asked once within the time to live and is right in between', async () => {
    const venue = venueAt(1_700_000_000_000, 40);
    const clock = createVenueClock(venue.fetchTime, { ttlMs: 30_000, monotonic: venue.monotonic });
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
    const clock = createVenueClock(venue.fetchTime, { ttlMs: 30_000, monotonic: venue.monotonic });
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
    const clock = createVenueClock(venue.fetchTime, { ttlMs: 0, monotonic: venue.monotonic });
    const first = await clock.now();
    expect(first).toBe(1_577_836_800_005);
    venue.state.ours += 5_000;
    expect(clock.read()).toBe(first);
    venue.state.venue = 1_577_836_900_000;
    expect(await clock.now()).toBe(1_577_836_900_005);
    expect(venue.state.asked).toBe(2);
  });
});
