import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { hashOf, planOf } from '../chaos/chaos-plan.ts';
import { runChaos } from '../chaos/chaos-run.ts';
import { type Desk, createDesk } from '../chaos/desk.ts';
import '../support/provided.ts';

describe('a chaos plan', () => {
  it('is the same for the same seed, and another for another', () => {
    expect(planOf(7, 20)).toEqual(planOf(7, 20));
    expect(hashOf(planOf(7, 20))).not.toBe(hashOf(planOf(8, 20)));
  });

  it('strikes with every kind of fault, and every server, sooner or later', () => {
    const actions = Array.from({ length: 20 }, (_, seed) => planOf(seed, 30).steps).flat();
    const kinds = new Set(
      actions.flatMap(({ action }) => (action.do === 'faults' ? action.faults.map(({ kind }) => kind) : [])),
    );
    expect([...kinds].sort()).toEqual([
      'ban',
      'clock-shift',
      'delay',
      'error',
      'hang',
      'hide',
      'lag',
      'maintenance',
      'reject',
      'reset',
      'trades',
      'truncate',
    ]);
    const victims = new Set(actions.flatMap(({ action }) => (action.do === 'kill' ? [action.victim] : [])));
    expect([...victims].sort()).toEqual(['postgres', 'temporal', 'worker']);
  });
});

describe('orders under faults and kills', () => {
  let desk: Desk;
  beforeAll(async () => {
    desk = await createDesk();
  });
  afterAll(() => desk.close());

  it.each([1, 2])('of seed %i keep every invariant, here and at the venue', async (seed) => {
    const report = await runChaos(desk, planOf(seed, 6), { bundlePath: inject('workflowBundlePath') });
    expect(report).toMatchObject({ violations: [], orders: 6 });
    expect(report.kills).toMatchObject({ worker: expect.any(Number), postgres: expect.any(Number) });
    expect(report.accepted).toBeGreaterThan(0);
  });
});
