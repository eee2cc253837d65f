/** Venue time in epoch ms, kept as a reading of the venue's clock and the time that has passed here since. */
export interface VenueClock {
  /** Asks the venue again where the last reading is older than its time to live. */
  now(): Promise<number>;
  /** Asks the venue in any case. */
  resync(): Promise<number>;
  /** By the last reading, without asking: for ccxt, which wants its nonce at once. Our own clock before any reading. */
  read(): number;
}

interface Reading {
  readonly venueTime: number;
  readonly takenAt: number;
}

/**
 * `ttlMs` is how long a reading is trusted: 30 s for an exchange that runs on wall time. 0 for a clock that is stepped
 * or sped up: then every `now()` asks, and `read()` is the last answer itself, since no time passes there by our clock.
 * A wall-clock reading is taken as the middle of its round trip, so it is off by half of that at most.
 */
export const createVenueClock = (
  fetchTime: () => Promise<number>,
  { ttlMs, monotonic = () => performance.now() }: { ttlMs: number; monotonic?: () => number },
): VenueClock => {
  let reading: Reading | null = null;
  const stepped = ttlMs === 0;

  const read = (): number => {
    if (reading === null) return Date.now();
    return stepped ? reading.venueTime : Math.round(reading.venueTime + monotonic() - reading.takenAt);
  };
  const resync = async (): Promise<number> => {
    const asked = monotonic();
    const venueTime = await fetchTime();
    reading = { venueTime, takenAt: (asked + monotonic()) / 2 };
    return read();
  };
  return {
    read,
    resync,
    now: async () => (reading !== null && monotonic() - reading.takenAt < ttlMs ? read() : resync()),
  };
};
