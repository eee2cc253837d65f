import { expect, test } from 'vitest';
import type { RiskParams } from '../../../src/domain/strategy/definition.ts';
import { unsupportedByOrders } from '../../../src/domain/strategy/order-support.ts';
import { levels } from '../backtest/markets.ts';

test.each<[string, Partial<RiskParams>, readonly string[]]>([
  ['a plain LONG', {}, []],
  [
    'protection, cool-down, a limit entry and one position',
    {
      stop_loss_pct: 1,
      take_profit_pct: 2,
      trailing_stop_pct: 1,
      cooldown_bars_after_loss: 3,
      order: { type: 'limit', offset_bps: 5 },
      max_open_positions: 1,
      leverage: 1,
    },
    [],
  ],
  ['kelly', { position_size: { type: 'kelly', value: 0.5 } }, ['sizing by kelly']],
  ['partial targets', { exits: [{ pct: 1, fraction: 0.5 }] }, ['partial targets']],
  ['two positions', { max_open_positions: 2 }, ['several positions at a time']],
])('%s', (_what, risk, expected) => {
  expect(unsupportedByOrders(levels(1, 0, risk), 'paper')).toEqual(expected);
  expect(unsupportedByOrders(levels(1, 0, risk), 'live')).toEqual(expected);
});

test('a SHORT is carried out on paper only', () => {
  const short = levels(1, 0, { side: 'SHORT' });
  expect(unsupportedByOrders(short, 'paper')).toEqual([]);
  expect(unsupportedByOrders(short, 'live')).toEqual(['short positions']);
});
