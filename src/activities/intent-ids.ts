import { v5 as uuidv5 } from 'uuid';
import type { Environment } from '../domain/orders/order.ts';

/** The namespace of everything that is derived from an intent; it never changes. */
const namespace = '6f6b1d2e-5d1c-5c7e-9c7b-2f1f0c3a9b41';

/** A decision's id, which is also its order's: the same candle decided again is the same order. */
export const decisionId = (of: {
  strategyId: string;
  version: number;
  environment: Environment;
  candleTime: number;
  kind: 'entry' | 'exit';
}): string => uuidv5(`${of.strategyId}/${of.version}/${of.environment}/${of.candleTime}/${of.kind}`, namespace);
