import { DomainError } from '../domain/errors.ts';

/** What is asked of a breaker's event that is over. @param when in words */
export const eventEnded = (eventId: number, when: string, cause?: unknown): DomainError =>
  new DomainError('IllegalTransition', `event ${eventId} has ended ${when}`, {
    next: `nothing has to be done; \`mastertrade breaker show ${eventId}\` shows how it ended`,
    details: { eventId },
    cause,
  });
