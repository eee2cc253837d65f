import type { OrderKind } from '../orders/order.ts';
import type { TradingState } from './policy.ts';

/** Orders by what a stop of trading makes of them, each with what it is. docs/breaker.md is printed from this table. */
export const letThrough = {
  opens: { says: 'one that may open something', passes: ['ACTIVE'] },
  reduces: { says: "a strategy's exit, or one by hand that only reduces", passes: ['ACTIVE', 'REDUCING'] },
  protects: {
    says: 'protection, and the exit that stands for a stop or a target at its level',
    passes: ['ACTIVE', 'REDUCING', 'HALTED'],
  },
  closes: {
    says: 'one that only reduces, by which an open incident of the environment closes a position',
    passes: ['ACTIVE', 'REDUCING', 'HALTED'],
  },
} as const satisfies Readonly<Record<string, { readonly says: string; readonly passes: readonly TradingState[] }>>;

export interface StoppedOrder {
  readonly reduceOnly: boolean;
  readonly kind: OrderKind | null;
  /** An exit that leaves because a level was reached at which no order rests. */
  readonly standsForProtection: boolean;
  /** Of a breaker's event of its environment that has not ended. */
  readonly isOfOpenIncident: boolean;
}

/** What only says that it protects, or is of an incident, and may open something passes as nothing better than that. */
const classOf = ({
  reduceOnly,
  kind,
  standsForProtection,
  isOfOpenIncident,
}: StoppedOrder): keyof typeof letThrough => {
  if (!reduceOnly) return 'opens';
  if (kind === 'protection' || standsForProtection) return 'protects';
  return isOfOpenIncident ? 'closes' : 'reduces';
};

/** Whether an order may be submitted in a trading state. */
export const isLetThrough = (state: TradingState, order: StoppedOrder): boolean => {
  const passes: readonly TradingState[] = letThrough[classOf(order)].passes;
  return passes.includes(state);
};
