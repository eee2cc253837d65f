/** Venue time in epoch ms, kept as a reading of the venue's clock and the time that has passed here since. */
export interface VenueClock {
  /** Asks the venue again where the last reading is older than its time to live or is not trusted any more. */
  now(): Promise<number>;
  /** Asks the venue in any case. */
  resync(): Promise<number>;
  /** By the last reading, without asking: for ccxt, which wants its nonce at once. Our own clock before any reading. */
  read(): number;
  /** The venue has refused a timestamp: the next `now()` asks. */
  distrust(): void;
}

/** What the venue's clock showed where the one before it, and the time that has passed, had promised something else. */
export interface ClockJump {
  readonly expected: number;
  readonly found: number;
}

export interface VenueClockOptions {
  /** How long a reading is trusted, ms; 0 for a clock that is stepped or sped up. */
  readonly ttlMs: number;
  /** Told of a reading that is more than a second from what was expected; never for a stepped clock. */
  readonly onJump?: ((jump: ClockJump) => void) | undefined;
  readonly monotonic?: () => number;
  readonly wall?: () => number;
}

interface Reading {
  readonly venueTime: number;
  readonly takenAt: number;
  /** Our wall clock less our monotonic one when it was taken. */
  readonly wallLead: number;
}

/** By as much as this the venue lets a timestamp be ahead. */
const jumpMs = 1_000;

/**
 * `ttlMs` is how long a reading is trusted: 30 s for an exchange that runs on wall time. 0 for a clock that is stepped
 * or sped up: then every `now()` asks, and `read()` is the last answer itself, since no time passes there by our clock.
 * A wall-clock reading is taken as the middle of its round trip, so it is off by half of that at most. It is not trusted
 * past a moment at which our wall clock moved against the monotonic one: the machine has slept, or was set.
 */
export const createVenueClock = (fetchTime: () => Promise<number>, options: VenueClockOptions): VenueClock => {
  const { ttlMs, onJump, monotonic = () => performance.now(), wall = () => Date.now() } = options;
  let reading: Reading | null = null;
  let trusted = false;
  const stepped = ttlMs === 0;

  const timeBy = ({ venueTime, takenAt }: Reading): number =>
    stepped ? venueTime : Math.round(venueTime + monotonic() - takenAt);
  const read = (): number => (reading === null ? wall() : timeBy(reading));

  const resync = async (): Promise<number> => {
    const asked = monotonic();
    const venueTime = await fetchTime();
    const before = reading;
    const answered = monotonic();
    reading = { venueTime, takenAt: (asked + answered) / 2, wallLead: wall() - answered };
    trusted = true;
    if (before !== null && !stepped) {
      const [expected, found] = [timeBy(before), timeBy(reading)];
      if (Math.abs(found - expected) > jumpMs + (answered - asked) / 2) onJump?.({ expected, found });
    }
    return read();
  };

  const holds = (): boolean =>
    trusted &&
    reading !== null &&
    monotonic() - reading.takenAt < ttlMs &&
    Math.abs(wall() - monotonic() - reading.wallLead) < jumpMs;

  return {
    read,
    resync,
    distrust: () => {
      trusted = false;
    },
    now: async () => (holds() ? read() : resync()),
  };
};
