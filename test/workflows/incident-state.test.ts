import { describe, expect, it } from 'vitest';
import type { ActionTaken, IncidentView } from '../../src/contracts/breaker.ts';
import { describeIncident } from '../../src/workflows/incident-details.ts';
import { IncidentState } from '../../src/workflows/incident-state.ts';
import { incident } from '../client/breaker/views.ts';

const hourMs = 3_600_000;
const at = Date.UTC(2026, 0, 5, 12);
const taken = (status: ActionTaken['status'], outcome = ''): ActionTaken => ({
  action: 'cancel_orders',
  status,
  at,
  outcome,
});

const view = (over: Partial<IncidentView> = {}): IncidentView =>
  incident({
    environment: 'live',
    reason: 'equity is 25 % below its peak',
    actual: 25,
    triggeredAt: at,
    actions: [taken('done', '2 cancelled')],
    marketTime: at,
    coolDownUntil: at + 24 * hourMs,
    ...over,
  });

describe('what the Web UI shows of an incident', () => {
  it.each([
    ['the market', {}, "Waits for the market's time to pass 2026-01-06 12:00 UTC"],
    ['an action', { actions: [taken('waiting')] }, 'Waits for cancel_orders to be done; it tries again by itself'],
    ['an admin', { isOver: true, waitsForApproval: true }, 'Waits for an admin: `mastertrade breaker resolve 7`'],
    ['a person', { trigger: 'manual', coolDownUntil: null }, 'Waits for a person: `mastertrade resume`'],
    ['its value', { coolDownUntil: null }, 'Waits for its value to fall back under where it clears'],
    ['nothing', { resolvedAt: at }, 'Waits for nothing: it ended 2026-01-05 12:00 UTC'],
  ] as const)('says that it waits for %s', (_, over, says) => {
    expect(describeIncident(view(over))).toContain(says);
  });

  it('has the actions with their outcomes in a table that no outcome breaks', () => {
    expect(describeIncident(view({ actions: [taken('waiting', 'a | b\nc')] }))).toContain(
      '| cancel_orders | **waiting** | a \\| b c | 2026-01-05 12:00 UTC |',
    );
  });
});

describe('when an incident goes on', () => {
  const waiting = view({ actions: [taken('waiting')] });

  it('comes back to what is left ever later, five minutes at most, and at once again after an exit has ended', () => {
    const state = new IncidentState(undefined);
    const pauses = Array.from({ length: 9 }, () => state.pauseMs(waiting, at) / 1_000);
    expect(pauses).toEqual([2, 4, 8, 16, 32, 64, 128, 256, 300]);
    state.finished({ orderId: 'a', status: 'filled', filledQuantity: '1' }, at);
    expect(state.pauseMs(waiting, at)).toBe(2_000);
  });

  it('tries no exit within a pause after one was refused, which grows with each', () => {
    const state = new IncidentState(undefined);
    state.finished({ orderId: 'a', status: 'rejected', filledQuantity: '0' }, at);
    expect(state.closeFrom).toBe(at + 2_000);
    state.finished({ orderId: 'b', status: 'pending', filledQuantity: '0' }, at);
    expect(state.closeFrom).toBe(at + 4_000);
    expect(state.carry()).toMatchObject({ stranded: ['b'], closeFrom: at + 4_000 });
  });

  it('tells what was done once it is done, and after a minute also what is left, counting on in the next run', () => {
    const notify: ActionTaken = { ...taken('pending'), action: 'notify' };
    const left = view({ actions: [taken('waiting'), notify] });
    const state = new IncidentState(undefined);
    expect(state.mayNotify(left, at)).toBe(false);
    const next = new IncidentState(state.carry());
    expect(next.mayNotify(left, at + 59_999)).toBe(false);
    expect(next.mayNotify(left, at + 60_000)).toBe(true);
    expect(next.mayNotify(view({ actions: [taken('done'), notify] }), at + 60_001)).toBe(true);
    expect(next.mayNotify(left, at + 60_002)).toBe(false);
  });

  it('reminds while a person has to do something, by the hours of the event, counting on in the next run', () => {
    const state = new IncidentState(undefined);
    expect(state.isReminderDue(waiting, at)).toBe(false);
    expect(state.isReminderDue(waiting, at + 4 * hourMs - 1)).toBe(false);
    expect(state.isReminderDue(waiting, at + 4 * hourMs)).toBe(true);
    const next = new IncidentState(state.carry());
    expect(next.isReminderDue(waiting, at + 8 * hourMs)).toBe(true);
    expect(next.reminders).toBe(2);
    expect(next.isReminderDue(view(), at + 20 * hourMs)).toBe(false);
    expect(next.isReminderDue(waiting, at + 21 * hourMs)).toBe(false);
  });
});
