import { ApplicationFailure } from '@temporalio/common';
import { DomainError } from '../domain/errors.ts';
import { VenueFailure } from '../domain/orders/venue-failure.ts';

/** How many of what is left an outcome names. */
const mostNamed = 5;

/** What is left, in one line. */
export const listed = (notes: readonly string[]): string =>
  notes.length <= mostNamed
    ? notes.join('; ')
    : `${notes.slice(0, mostNamed).join('; ')}; and ${notes.length - mostNamed} more`;

/**
 * What the venue or the rules said of one order, which does not keep the others from being looked at.
 * @throws what is nobody's word about an order, as a database that does not answer
 */
export const wordOn = (error: unknown): string => {
  if (error instanceof DomainError || error instanceof VenueFailure || error instanceof ApplicationFailure)
    return error.message;
  throw error;
};

/** Runs a step for each item, a few at a time, until the time is over. @returns Those that were not come to. */
export const withinTime = async <T>(
  items: readonly T[],
  { atOnce, budgetMs }: { readonly atOnce: number; readonly budgetMs: number },
  step: (item: T) => Promise<void>,
): Promise<readonly T[]> => {
  const until = performance.now() + budgetMs;
  const rest = [...items];
  const worker = async (): Promise<void> => {
    for (let item = rest.shift(); item !== undefined; item = performance.now() < until ? rest.shift() : undefined)
      await step(item);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return rest;
};
