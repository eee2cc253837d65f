import { ApplicationFailure } from '@temporalio/common';
import { DomainError } from '../domain/errors.ts';
import { VenueFailure } from '../domain/orders/venue-failure.ts';

/**
 * Maps what an activity throws to what Temporal should do with it: a domain refusal is final and keeps its name, a
 * venue's pause sets the time of the next attempt, everything else is transient and left to the retry policy.
 */
export const toFailure = (error: unknown): unknown => {
  if (error instanceof DomainError) {
    return ApplicationFailure.nonRetryable(error.message, error.name, { next: error.next, ...error.details });
  }
  if (error instanceof VenueFailure) {
    return ApplicationFailure.create({
      message: error.message,
      type: `VenueFailure.${error.verdict}`,
      nonRetryable: error.verdict === 'fatal' || error.verdict === 'rejected',
      ...(error.retryAfterMs === null ? {} : { nextRetryDelay: error.retryAfterMs }),
    });
  }
  return error;
};

/** A state that passes by itself: tried again after `delayMs`, for as long as it takes. */
export const tryAgain = (name: string, message: string, delayMs: number): ApplicationFailure =>
  ApplicationFailure.create({ message, type: name, nonRetryable: false, nextRetryDelay: delayMs });

type Activity<A extends unknown[], R> = (...args: A) => Promise<R>;

/** The activities of one family, each with its failures mapped. */
export const withMappedFailures = <T extends object>(activities: T): T =>
  Object.fromEntries(
    Object.entries(activities).map(([name, activity]: [string, Activity<unknown[], unknown>]) => [
      name,
      async (...args: unknown[]): Promise<unknown> => {
        try {
          return await activity(...args);
        } catch (error) {
          throw toFailure(error);
        }
      },
    ]),
  ) as T;
