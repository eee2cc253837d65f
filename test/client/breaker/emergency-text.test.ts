import { describe, expect, it } from 'vitest';
import { orderOutcomes, positionOutcomes } from '../../../src/client/desk-outcome.ts';
import { stoppedText } from '../../../src/client/emergency-text.ts';
import type { StoppedEnvironment } from '../../../src/client/emergency.ts';
import { endedText, incidentText } from '../../../src/client/incident-text.ts';
import { shownAction, shownIncident } from '../../../src/client/shown-incident.ts';
import { incident, order, position, taken } from './views.ts';

const closing = taken('close_positions', 'waiting', '1 left: the venue does not answer');
const stopped = (over: Partial<StoppedEnvironment> = {}): StoppedEnvironment => ({
  environment: 'live',
  before: 'ACTIVE',
  state: 'HALTED',
  since: '2026-01-01T00:00:00Z',
  eventId: 7,
  reason: 'a fire',
  repeated: false,
  added: [],
  actions: [taken('pause_trading'), closing].map(shownAction),
  orders: orderOutcomes([
    order({ incident: null, kind: 'entry', status: 'open', filledQuantity: '0', note: 'resting' }),
    order({ orderId: 'stop', incident: null, kind: 'protection', status: 'open', filledQuantity: '0' }),
    order({ orderId: 'gone', incident: null, kind: 'entry', status: 'cancelled', filledQuantity: '0' }),
  ]),
  positions: positionOutcomes([position()], [position()], [], closing),
  complete: false,
  left: ['close_positions: 1 left', 'it goes on by itself'],
  ...over,
});

describe('what a stop has done', () => {
  it('is the state before and now, each action, and what is not done', () => {
    const text = stoppedText(stopped(), { each: false });
    expect(text).toMatch(/^live is HALTED since 2026-01-01T00:00:00Z \(before: ACTIVE\)\. Event 7: a fire\.\n/);
    expect(text).toMatch(/│ close_positions +│ waiting .*the venue does not answer/);
    expect(text).toContain('2 orders still at work (1 of them to protect positions), 1 position open.');
    expect(text).toMatch(/Not done yet:\n {2}close_positions: 1 left\n {2}it goes on by itself$/);
    expect(text).not.toContain('Positions:');
  });

  it('lists each position and each order where that is wanted', () => {
    const text = stoppedText(stopped(), { each: true });
    expect(text).toMatch(/│ dip buyer │ BTCUSDT │ LONG │ open +│ – +│ 2 +│ – +│ 1 left/);
    expect(text).toMatch(/│ cancelled │/);
  });

  it('asked for again says whether anything was added', () => {
    expect(stoppedText(stopped({ repeated: true }), { each: false })).toContain('asking again adds nothing');
    const more = stopped({ repeated: true, added: ['close_positions'] });
    expect(stoppedText(more, { each: false })).toContain('Event 7 is open already; it has to do now: close_positions.');
  });

  it('says so where all is done', () => {
    expect(stoppedText(stopped({ left: [], complete: true }), { each: false })).toMatch(/All of it is done\.$/);
  });
});

describe('an incident as text', () => {
  const record = {
    ...shownIncident(incident({ escalations: [{ at: 0, actual: 31, reason: 'equity is 31 % under its peak' }] })),
    strategies: [
      { strategyId: 'a', name: 'dip', symbol: 'BTCUSDT', status: 'paused', heldBy: ['breaker/7', 'person'] },
    ],
    marketNow: null,
    waitsFor: ['its cool-down'],
    endedBy: 'mastertrade breaker resolve 7',
    workflowId: 'circuit-breaker/paper/drawdown/7',
    orders: [],
    audit: [
      {
        at: null,
        actor: 'ada',
        action: 'trip_breaker',
        from: null,
        to: { state: 'HALTED', actions: ['a', 'b'], note: '' },
      },
    ],
  };

  it('has its facts, who holds what, how it got worse, and its trail in words', () => {
    const text = incidentText(record);
    expect(text).toMatch(/value +23\.1, fires from 20\n/);
    expect(text).toMatch(/waits for +its cool-down\n/);
    expect(text).toContain('breaker/7, person');
    expect(text).toContain('equity is 31 % under its peak');
    expect(text).toMatch(/trip_breaker │ state HALTED, actions a b +│/);
  });

  it('says what its end has brought, and what goes on stopping trading', () => {
    const ended = { environment: 'paper', eventId: 7, trigger: 'manual', resumed: record.strategies } as const;
    expect(endedText({ ...ended, state: 'ACTIVE', stoppedBy: [] })).toBe(
      'Event 7 (by hand, paper) has ended.\nWhat only it had paused goes on: dip.\npaper is ACTIVE.',
    );
    const { waitsFor, endedBy } = record;
    const stoppedBy = [{ ...shownIncident(incident({ eventId: 8 })), waitsFor, endedBy }];
    expect(endedText({ ...ended, state: 'HALTED', stoppedBy })).toMatch(
      /paper STAYS HALTED:\n {2}event 8 \(drawdown\): .*; it waits for its cool-down\. To end it now: mastertrade/,
    );
  });
});
