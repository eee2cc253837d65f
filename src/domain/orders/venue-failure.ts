/**
 * What a failed venue call means for the one who made it:
 * `rejected`: the venue definitely did not take it and never will; `wait`: definitely not taken, may be sent again
 * after `retryAfterMs`; `ambiguous`: it may have been taken, ask before anything else; `not_found`: the venue does
 * not show such an order now; `fatal`: credentials, permissions, configuration.
 */
export type VenueVerdict = 'rejected' | 'wait' | 'ambiguous' | 'not_found' | 'fatal';

/** Thrown by venue adapters instead of whatever the exchange library threw. Its message holds no URL, key or signature. */
export class VenueFailure extends Error {
  override readonly name = 'VenueFailure';
  readonly verdict: VenueVerdict;
  /** The venue's own code where it gave one, e.g. `-2010`. */
  readonly code: string | null;
  readonly retryAfterMs: number | null;

  constructor(
    verdict: VenueVerdict,
    message: string,
    options: { code?: string | null; retryAfterMs?: number | null } = {},
  ) {
    super(message);
    this.verdict = verdict;
    this.code = options.code ?? null;
    this.retryAfterMs = options.retryAfterMs ?? null;
  }
}
