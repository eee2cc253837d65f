import { v5 as uuidv5 } from 'uuid';
import type { Decision } from '../contracts/messages.ts';
import type { OrderProtection } from '../contracts/order-intent.ts';
import { text } from '../domain/decimal.ts';
import type { ProtectionTrigger } from '../domain/fills/follow-protection.ts';
import { paperPrice } from '../domain/fills/paper-bar.ts';
import { type Interval, closeTimeOf } from '../domain/market/interval.ts';

/** The namespace of everything that is derived from an intent; it never changes. */
export const intentNamespace = '6f6b1d2e-5d1c-5c7e-9c7b-2f1f0c3a9b41';

/**
 * A decision on the close of a candle. Its id, which is also its order's, follows from strategy, version, environment,
 * candle and kind: the same candle decided again is the same order.
 */
export const createDecision = (facts: Omit<Decision, 'decisionId' | 'decidedAt'>, interval: Interval): Decision => {
  const { strategyId, version, environment, candleTime, kind } = facts;
  return {
    ...facts,
    decisionId: uuidv5(`${strategyId}/${version}/${environment}/${candleTime}/${kind}`, intentNamespace),
    decidedAt: closeTimeOf(candleTime, interval),
  };
};

/** The protective order that a level stands for, as it goes with an exit. */
export const protectionOf = ({
  type,
  level,
  candleTime,
}: Pick<ProtectionTrigger, 'type' | 'level' | 'candleTime'>): OrderProtection => ({
  type,
  price: text(paperPrice(level)),
  candleTime,
});
