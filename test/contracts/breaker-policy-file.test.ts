import { describe, expect, it } from 'vitest';
import { parseBreakerPolicy } from '../../src/contracts/breaker-policy-file.ts';
import { defaultPolicies } from '../../src/domain/breaker/policy.ts';

const { live } = defaultPolicies;
const read = (json: unknown) => parseBreakerPolicy(json, 'policy.json', live);

describe('a breaker’s policy', () => {
  it('is read as it is written, and by default', () => {
    expect(parseBreakerPolicy(JSON.parse(JSON.stringify(live)), 'policy.json')).toEqual(live);
    expect(parseBreakerPolicy(JSON.parse(JSON.stringify(defaultPolicies.paper)), 'policy.json')).toEqual(
      defaultPolicies.paper,
    );
  });

  it('leaves as it is what is not given, field by field', () => {
    expect(read({ drawdown: { threshold: 12.5 }, lossStreak: { escalation: null }, volatilitySpike: null })).toEqual({
      ...live,
      drawdown: { ...live.drawdown, threshold: 12.5 },
      lossStreak: { ...live.lossStreak, escalation: null },
      volatilitySpike: null,
    });
  });

  it.each([
    [{ drawdown: { threshold: 0 } }, 'drawdown.threshold: found 0, allowed: a number above 0 and below 100 (per cent)'],
    [{ drawdown: { threshold: 100 } }, 'drawdown.threshold: found 100'],
    [{ drawdown: { threshold: '20' } }, 'drawdown.threshold: found "20"'],
    [{ lossStreak: { threshold: 2.5 } }, 'lossStreak.threshold: found 2.5, allowed: a whole number from 1 to 1000'],
    [{ volatilitySpike: { threshold: 1 } }, 'volatilitySpike.threshold: found 1, allowed: a number above 1'],
    [{ volatilitySpike: { clearShare: 1 } }, 'volatilitySpike.clearShare: found 1'],
    [
      { volatilitySpike: { historyDays: 1, windowMinutes: 120 } },
      'volatilitySpike.historyDays: found 1, allowed: enough',
    ],
    [{ sharpe_drop: { threshold: 2 } }, 'sharpe_drop: found {"threshold":2}, allowed: only drawdown, lossStreak'],
    [{ drawdown: { actions: ['sell_all'] } }, 'drawdown.actions.0: found "sell_all", allowed: one of pause_trading'],
    [{ drawdown: { actions: ['notify', 'notify'] } }, 'drawdown.actions: found ["notify","notify"]'],
    [{ drawdown: { state: 'ACTIVE' } }, 'drawdown.state: found "ACTIVE", allowed: REDUCING or HALTED'],
    [{ drawdown: { cooldown: 1 } }, 'drawdown.cooldown: found 1, allowed: only'],
    [{ drawdown: { coolDownHours: 0 } }, 'drawdown.coolDownHours: found 0'],
    [{ lossStreak: { escalation: { threshold: 6 } } }, 'lossStreak.escalation.threshold: found 6, allowed: above the'],
    [{ lossStreak: { state: 'HALTED', escalation: { state: 'REDUCING' } } }, 'lossStreak.escalation.state: found'],
    [{ manual: null }, 'manual: found null, allowed: an object with state, actions, requiresApproval'],
    [{ remindHours: 0 }, 'remindHours: found 0'],
    [{ protections: { stopLossGuard: { stops: 2 } } }, 'protections.stopLossGuard.lookbackHours: found nothing'],
    [[], 'policy.json: found [], allowed: an object with drawdown'],
    [{ drawdown: { threshold: Number.NaN } }, 'drawdown.threshold: found null'],
  ])('%j is refused by name', (json, message) => {
    expect(() => read(json)).toThrow(
      expect.objectContaining({ name: 'BadPolicy', message: expect.stringContaining(message) as string }) as Error,
    );
  });

  it('that leaves out a field is refused where nothing stands for it', () => {
    expect(() => parseBreakerPolicy({}, 'policy.json')).toThrow(/drawdown: found nothing, .* \(and 5 more\)/);
    expect(() => parseBreakerPolicy({ drawdown: { threshold: 3 } }, 'f', { ...live, drawdown: null })).toThrow(
      /drawdown\.state: found nothing/,
    );
  });
});
