import { array, assert, constantFrom, double, property, record, subarray } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isCooledDown } from '../../../src/domain/breaker/cool-down.ts';
import {
  type BreakerFacts,
  type OpenEvent,
  figureOf,
  isCalm,
  judgeTriggers,
} from '../../../src/domain/breaker/judge.ts';
import { lossStreak } from '../../../src/domain/breaker/loss-streak.ts';
import { type VolatilityTrigger, automaticTriggers, defaultPolicies } from '../../../src/domain/breaker/policy.ts';
import { dec } from '../../../src/domain/decimal.ts';

const policy = defaultPolicies.live;
const spike: VolatilityTrigger = policy.volatilitySpike!;

const factsOf = (drawdown: number | null, streak = 0, volatility: number | null = null): BreakerFacts => ({
  drawdown: { value: drawdown, says: 'equity fell' },
  loss_streak: { value: streak, says: 'losses' },
  volatility_spike: { value: volatility, says: 'it moves' },
});

const openStreak: OpenEvent = {
  eventId: 7,
  trigger: 'loss_streak',
  state: 'REDUCING',
  actions: ['pause_trading', 'notify'],
  isEscalated: false,
  policy: policy.lossStreak,
};

const value = double({ min: 0, max: 50, noNaN: true }).map(figureOf);

describe('a trigger', () => {
  it('fires at its threshold and not below it', () => {
    expect(judgeTriggers(policy, factsOf(19.9999), [])).toEqual([]);
    expect(judgeTriggers(policy, factsOf(20), [])).toMatchObject([
      { kind: 'fire', trigger: 'drawdown', state: 'HALTED', threshold: 20, actual: 20 },
    ]);
    expect(figureOf((1 - 0.8) * 100)).toBe(20);
  });

  it('without a value, or switched off, does not', () => {
    expect(judgeTriggers(policy, factsOf(null, 0, null), [])).toEqual([]);
    expect(judgeTriggers({ ...policy, drawdown: null }, factsOf(99), [])).toEqual([]);
  });

  it('never fires beside its own open event, and an escalated one stays as it is', () => {
    assert(
      property(value, value, value, subarray([...automaticTriggers]), (drawdown, streak, volatility, open) => {
        const events = open.map((trigger): OpenEvent => ({ ...openStreak, trigger, isEscalated: true }));
        const verdicts = judgeTriggers(policy, factsOf(drawdown, streak, volatility), events);
        for (const { kind, trigger } of verdicts) {
          expect(kind).toBe('fire');
          expect(open).not.toContain(trigger);
        }
      }),
    );
  });

  it('escalates once, and only grows', () => {
    expect(judgeTriggers(policy, factsOf(0, 9), [openStreak])).toEqual([]);
    const [verdict] = judgeTriggers(policy, factsOf(0, 10), [openStreak]);
    expect(verdict).toMatchObject({
      kind: 'escalate',
      eventId: 7,
      state: 'HALTED',
      actions: ['pause_trading', 'cancel_orders', 'close_positions', 'notify'],
    });
    expect(judgeTriggers(policy, factsOf(0, 12), [{ ...openStreak, isEscalated: true }])).toEqual([]);
    const halted = { ...openStreak, trigger: 'volatility_spike', state: 'HALTED', policy: spike } as const;
    expect(judgeTriggers(policy, factsOf(0, 0, 9), [halted])).toMatchObject([{ state: 'HALTED' }]);
  });
});

describe('hysteresis', () => {
  it('never fires and clears on the same value', () => {
    const trigger = record({
      threshold: double({ min: 1.01, max: 1_000, noNaN: true }),
      clearShare: double({ min: 0.01, max: 0.99, noNaN: true }),
    });
    assert(
      property(trigger, double({ min: 0, max: 2, noNaN: true }), (over, share) => {
        const given = { ...spike, ...over };
        const now = share * given.threshold;
        const fires = judgeTriggers({ ...policy, volatilitySpike: given }, factsOf(0, 0, now), []).length > 0;
        expect(fires && isCalm(given, now)).toBe(false);
        expect(fires).toBe(now >= given.threshold);
      }),
    );
    expect(isCalm(spike, null)).toBe(false);
  });
});

describe('a loss streak', () => {
  const closed = array(constantFrom('-1', '-0.00000001', '0', '2').map((pnl) => ({ pnl: dec(pnl) })));

  it('counts the newest losses, and what broke even ends it', () => {
    assert(
      property(closed, (positions) => {
        const streak = lossStreak(positions);
        const newest = positions.slice(positions.length - streak);
        expect(newest.every(({ pnl }) => pnl.lt('0'))).toBe(true);
        const before = positions.at(positions.length - streak - 1);
        if (streak < positions.length) expect(before?.pnl.gte('0')).toBe(true);
      }),
    );
  });

  it('grows by one with each loss and is none after a win', () => {
    assert(
      property(closed, (positions) => {
        expect(lossStreak([...positions, { pnl: dec('-1') }])).toBe(lossStreak(positions) + 1);
        expect(lossStreak([...positions, { pnl: dec('1') }])).toBe(0);
      }),
    );
  });
});

describe('a cool-down', () => {
  const coolDown = { firedAt: 1_000, until: 5_000, triggeredAt: 90_000 };

  it('counts market time where a clock runs, however long it takes', () => {
    expect(isCooledDown(coolDown, { marketTime: 4_999, now: 1e12, runs: true })).toBe(false);
    expect(isCooledDown(coolDown, { marketTime: 5_000, now: 90_000, runs: true })).toBe(true);
  });

  it('counts wall time too where no clock runs, as long as it would have been', () => {
    expect(isCooledDown(coolDown, { marketTime: null, now: 93_999, runs: false })).toBe(false);
    expect(isCooledDown(coolDown, { marketTime: 1_000, now: 94_000, runs: false })).toBe(true);
  });
});
