import { describe, expect, it } from 'vitest';
import { auditLedger } from '../../../src/client/demo/ledger-audit.ts';

const venue = (orderId: string, clientOrderId: string, ...tradeIds: string[]) => ({ orderId, clientOrderId, tradeIds });
const row = (clientOrderId: string, ...tradeIds: string[]) => ({ clientOrderId, tradeIds });

describe('the comparison of the venue’s ledger with our rows', () => {
  it('finds nothing where each row has one venue order and each trade is recorded once', () => {
    const audit = auditLedger([venue('1', 'a', 't1', 't2'), venue('2', 'b')], [row('a', 't2', 't1'), row('b')]);
    expect(audit).toEqual({ duplicateOrders: 0, missingTrades: 0, surplusTrades: 0 });
  });

  it('counts a second venue order under one client id', () => {
    expect(auditLedger([venue('1', 'a', 't1'), venue('2', 'a', 't2')], [row('a', 't1')])).toMatchObject({
      duplicateOrders: 1,
      missingTrades: 1,
    });
  });

  it('counts a venue order that no row has', () => {
    expect(auditLedger([venue('1', 'a'), venue('2', 'x')], [row('a')]).duplicateOrders).toBe(1);
  });

  it('does not count a row that never reached the venue', () => {
    expect(auditLedger([], [row('a')]).duplicateOrders).toBe(0);
  });

  it('counts a trade recorded twice, and one that the venue does not know', () => {
    const audit = auditLedger([venue('1', 'a', 't1')], [row('a', 't1', 't1', 't9')]);
    expect(audit).toEqual({ duplicateOrders: 0, missingTrades: 0, surplusTrades: 2 });
  });
});
