import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readPolicyFile } from '../../../src/client/policy-file.ts';
import { policyText } from '../../../src/client/policy-text.ts';
import { defaultPolicies } from '../../../src/domain/breaker/policy.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mastertrade-policy-'));
});
afterAll(() => rm(folder, { recursive: true }));

const written = async (name: string, text: string): Promise<string> => {
  const file = join(folder, name);
  await writeFile(file, text);
  return file;
};

describe('a policy file', () => {
  it.each([
    ['broken.json', '{', 'is not JSON'],
    ['list.json', '[]', 'holds no JSON object'],
    ['null.json', 'null', 'holds no JSON object'],
  ])('that is none is named: %s', async (name, text, found) => {
    const file = await written(name, text);
    await expect(readPolicyFile(file)).rejects.toMatchObject({
      name: 'BadPolicy',
      message: expect.stringContaining(`${file} ${found}`),
    });
  });
});

describe('a policy as text', () => {
  const live = {
    environment: 'live',
    policy: defaultPolicies.live,
    updatedBy: 'ada',
    updatedAt: '2026-01-01T00:00:00Z',
    problem: null,
  } as const;

  it('has a row for each trigger, and says what is off', () => {
    const text = policyText({ ...live, policy: { ...live.policy, volatilitySpike: null } });
    expect(text).toMatch(/^live, set by ada at 2026-01-01T00:00:00Z:\n/);
    expect(text).toMatch(
      /│ drawdown +│ 20 % +│ HALTED +│ pause_trading, cancel_orders, close_positions, notify +│ 24 h/,
    );
    expect(text).toMatch(/│ lossStreak +│ 6 losses .*at 10 losses: HALTED/);
    expect(text).toMatch(/│ volatilitySpike +│ off/);
    expect(text).toMatch(/stopLossGuard +off/);
  });

  it('says where it comes from, and loudly where what was set cannot be read', () => {
    expect(policyText({ ...live, updatedBy: null })).toMatch(/^live, by default:/);
    expect(policyText({ ...live, problem: 'drawdown.threshold is -1' })).toMatch(
      /CANNOT BE READ \(drawdown\.threshold is -1\)\. The defaults hold:/,
    );
  });
});
