import { ActivityFailure, ApplicationFailure } from '@temporalio/common';
import { isCancellation } from '@temporalio/workflow';
import { DomainError } from '../domain/errors.ts';

/** A domain refusal as the failure that crosses Temporal: never retried, its name is its type. */
export const refusal = (error: DomainError): ApplicationFailure =>
  ApplicationFailure.nonRetryable(error.message, error.name, { next: error.next, ...error.details });

/**
 * Runs a step of an update handler so that its caller gets the named failure itself: domain errors become
 * ApplicationFailures, and an activity's failure is unwrapped.
 */
export const named = async <T>(step: () => Promise<T>): Promise<T> => {
  try {
    return await step();
  } catch (error) {
    if (error instanceof DomainError) throw refusal(error);
    if (error instanceof ActivityFailure && error.cause instanceof ApplicationFailure) throw error.cause;
    throw error;
  }
};

/** Whether trying an activity again can't help: it was refused by name, or its workflow is cancelled. A local activity's failure is bare. */
export const isFinal = (error: unknown): boolean => {
  const failure = error instanceof ActivityFailure ? error.cause : error;
  return isCancellation(error) || (failure instanceof ApplicationFailure && failure.nonRetryable === true);
};

/**
 * What an activity has failed by for good, or null where the error is something else, as a cancellation. A local activity's failure is
 * thrown as it is, a remote one's inside an ActivityFailure.
 */
export const activityFailure = (error: unknown): Error | null => {
  if (isCancellation(error)) return null;
  if (error instanceof ActivityFailure) return error.cause ?? error;
  return error instanceof ApplicationFailure ? error : null;
};
