import { z } from 'zod';
import { DomainError } from '../../domain/errors.ts';
import type { VenueOrder } from './ledger-audit.ts';

const ledgerSchema = z.object({
  orders: z.array(
    z.object({
      orderId: z.coerce.string(),
      clientOrderId: z.string(),
      trades: z.array(z.object({ tradeId: z.coerce.string() })),
    }),
  ),
});

/** The simulator's interface for whoever stages a market. */
export interface SimulatorAdmin {
  /** Moves the stepped clock; epoch ms. */
  readonly moveClock: (to: number) => Promise<void>;
  /** The next order is accepted, and its answer never comes. */
  readonly hangNextOrder: () => Promise<void>;
  /** Every order the exchange ever accepted, with its trades: the judge of what happened. */
  readonly orders: () => Promise<readonly VenueOrder[]>;
}

export const createSimulatorAdmin = (url: string): SimulatorAdmin => {
  const ask = async (method: 'GET' | 'POST', path: string, body?: unknown): Promise<unknown> => {
    const response = await fetch(`${url}${path}`, {
      method,
      ...(body !== undefined && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
      signal: AbortSignal.timeout(10_000),
    });
    const answer = await response.text();
    if (response.ok) return answer === '' ? null : JSON.parse(answer);
    throw new DomainError('BadInput', `the simulator refused ${method} ${path}: ${answer.slice(0, 200)}`, {
      next: 'see its log in the demo’s state folder',
    });
  };
  return {
    moveClock: async (to) => void (await ask('POST', '/admin/clock', { to })),
    hangNextOrder: async () =>
      void (await ask('POST', '/admin/faults', { kind: 'hang', route: 'POST /api/v3/order', times: 1 })),
    orders: async () => {
      const { orders } = ledgerSchema.parse(await ask('GET', '/admin/ledger'));
      return orders.map(({ trades, ...order }) => ({ ...order, tradeIds: trades.map((trade) => trade.tradeId) }));
    },
  };
};
