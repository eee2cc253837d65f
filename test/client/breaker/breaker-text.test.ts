import { describe, expect, it } from 'vitest';
import { endingCommand, stoppedByText, waitsFor } from '../../../src/client/breaker-text.ts';
import { hour, incident, start, taken } from './views.ts';

describe('what an incident waits for', () => {
  it('is its cool-down, in market time and with where the market is', () => {
    expect(waitsFor(incident(), start + hour)).toEqual([
      'its cool-down, until 2026-01-02T00:00:00Z in market time, which is at 2026-01-01T01:00:00Z',
    ]);
    expect(waitsFor(incident(), null)).toEqual(['its cool-down, until 2026-01-02T00:00:00Z in market time']);
  });

  it('is every action that is not done, and why', () => {
    const actions = [
      taken('pause_trading'),
      taken('cancel_orders', 'waiting', 'the venue does not answer'),
      taken('close_positions', 'pending'),
      taken('notify', 'pending'),
    ];
    expect(waitsFor(incident({ actions, isOver: true }), null)).toEqual([
      'cancel_orders: the venue does not answer',
      'close_positions, notify: not come to yet',
    ]);
  });

  it('is an admin, with the command, once it is over', () => {
    expect(waitsFor(incident({ isOver: true, waitsForApproval: true }), null)).toEqual([
      'an admin: mastertrade breaker resolve 7 --by ADMIN --reason TEXT',
    ]);
  });

  it('is a person where it was made by hand', () => {
    expect(waitsFor(incident({ trigger: 'manual', coolDownUntil: null }), null)).toEqual([
      'a person: mastertrade resume --environment paper',
    ]);
  });

  it('is the market where it is about volatility', () => {
    expect(waitsFor(incident({ trigger: 'volatility_spike', coolDownUntil: null }), null)).toEqual([
      'the market to calm down',
    ]);
  });

  it('is nothing where it has ended', () => {
    expect(waitsFor(incident({ resolvedAt: start }), null)).toEqual([]);
  });
});

describe('the command that ends an incident', () => {
  it('says --early only where its reason is not over', () => {
    expect(endingCommand(incident())).toMatch(/resolve 7 .* --early$/);
    expect(endingCommand(incident({ isOver: true }))).not.toContain('--early');
  });
});

describe('what keeps an environment stopped', () => {
  it('is each event with its reason, until when, and what would end it', () => {
    const event = incident();
    const text = stoppedByText({ environment: 'paper', state: 'HALTED' }, [
      { ...event, waitsFor: waitsFor(event, null), endedBy: endingCommand(event) },
    ]);
    expect(text).toMatch(/^paper STAYS HALTED:\n/);
    expect(text).toContain('event 7 (drawdown): equity is 23.1 % under its peak');
    expect(text).toContain('2026-01-02T00:00:00Z');
    expect(text).toContain('mastertrade breaker resolve 7 --by ADMIN --reason TEXT --early');
  });
});
