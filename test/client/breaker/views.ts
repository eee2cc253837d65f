import type { DeskOrder, DeskPosition } from '../../../src/adapters/postgres/at-work.ts';
import type { ActionTaken, IncidentView } from '../../../src/contracts/breaker.ts';

export const start = Date.UTC(2026, 0, 1);
export const hour = 3_600_000;

export const taken = (
  action: ActionTaken['action'],
  status: ActionTaken['status'] = 'done',
  outcome = status === 'pending' ? '' : 'as told',
): ActionTaken => ({ action, status, at: status === 'pending' ? null : start, outcome });

export const incident = (over: Partial<IncidentView> = {}): IncidentView => ({
  eventId: 7,
  environment: 'paper',
  trigger: 'drawdown',
  state: 'HALTED',
  reason: 'equity is 23.1 % under its peak',
  threshold: 20,
  actual: 23.1,
  triggeredAt: start,
  resolvedAt: null,
  actions: [taken('pause_trading'), taken('notify')],
  marketTime: start,
  coolDownUntil: start + 24 * hour,
  isOver: false,
  waitsForApproval: false,
  remindHours: 4,
  strategies: [],
  escalations: [],
  ...over,
});

export const order = (over: Partial<DeskOrder> = {}): DeskOrder => ({
  orderId: '11111111-1111-4111-8111-111111111111',
  strategyId: 'a',
  strategy: 'dip buyer',
  symbol: 'BTCUSDT',
  side: 'SELL',
  type: 'MARKET',
  kind: 'exit',
  status: 'filled',
  quantity: '2',
  filledQuantity: '2',
  averageFillPrice: '100',
  reduceOnly: true,
  incident: 7,
  note: '',
  updatedAt: start,
  ...over,
});

export const position = (over: Partial<DeskPosition> = {}): DeskPosition => ({
  strategyId: 'a',
  strategy: 'dip buyer',
  symbol: 'BTCUSDT',
  side: 'LONG',
  quantity: '2',
  entryPrice: '90',
  markPrice: '100',
  ...over,
});
