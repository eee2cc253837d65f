import { type FragmentSqlToken, sql } from 'slonik';

const own = sql.fragment`status`;

/** A condition on an order's status: it has not ended. @param status the column, where `status` alone would be another's */
export const isUnfinished = (status: FragmentSqlToken = own): FragmentSqlToken =>
  sql.fragment`${status} IN ('pending', 'submitting', 'open', 'partially_filled', 'unknown')`;

/** A condition on an order's status: it has not ended, and may be at the venue. */
export const mayBeAtVenue: FragmentSqlToken = sql.fragment`status IN ('submitting', 'open', 'partially_filled', 'unknown')`;

/** A condition on an order's status: it has ended. */
export const hasEnded: FragmentSqlToken = sql.fragment`status IN ('filled', 'cancelled', 'rejected', 'expired')`;
