import { DomainError } from '../../../domain/errors.ts';

const largestId = 2_147_483_647;

/** A breaker event's number. @throws DomainError `BadInput` */
export const eventArgument = (text: string): number => {
  const eventId = /^\d{1,10}$/.test(text) ? Number(text) : 0;
  if (eventId >= 1 && eventId <= largestId) return eventId;
  throw new DomainError('BadInput', `'${text}' is no event`, {
    next: 'give its number, as `mastertrade breaker show` lists it',
  });
};
