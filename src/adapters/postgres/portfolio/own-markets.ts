import { type FragmentSqlToken, sql } from 'slonik';
import type { Environment } from '../../../domain/orders/order.ts';

/** A condition on `strategies`: it trades in the environment, one that is paused with its exits. */
export const isTradingIn = (environment: Environment): FragmentSqlToken =>
  sql.fragment`status = ANY(${sql.array(environment === 'paper' ? ['paper'] : ['active', 'paused'], 'text')})`;

/** Each symbol that an environment trades or holds, once. */
export const ownSymbols = (environment: Environment): FragmentSqlToken => sql.fragment`
  SELECT symbol FROM strategies WHERE ${isTradingIn(environment)}
  UNION SELECT symbol FROM positions WHERE environment = ${environment}`;
