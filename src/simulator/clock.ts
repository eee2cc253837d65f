import { DomainError } from '../domain/errors.ts';

/** `stepped`: time stands still and is moved by the admin interface only. `wall`: the machine's clock. */
export type ClockMode = 'stepped' | 'wall';

/** The exchange's time in epoch ms, which is market time too. */
export interface Clock {
  readonly mode: ClockMode;
  now(): number;
  /** @throws DomainError `IllegalTransition` on a wall clock. */
  set(to: number): void;
}

export const wallClock = (): Clock => ({
  mode: 'wall',
  now: () => Date.now(),
  set() {
    throw new DomainError('IllegalTransition', 'the simulator runs on the wall clock, which cannot be moved', {
      next: 'start it with --clock stepped',
    });
  },
});

export const steppedClock = (start: number): Clock => {
  let now = start;
  return {
    mode: 'stepped',
    now: () => now,
    set(to) {
      now = to;
    },
  };
};
