import { describe, expect, it } from 'vitest';
import { runCli } from '../run-cli.ts';

const refusal = async (...args: readonly string[]): Promise<{ code: number | null; error: unknown }> => {
  const { code, stderr } = await runCli(['goal', ...args, '--json']);
  return { code, error: JSON.parse(stderr) };
};

describe('goal', () => {
  it('says what a target is where none, or none that is a number, is given', async () => {
    expect(await refusal('set', '--type', 'monthly_return_pct')).toMatchObject({
      code: 2,
      error: { error: 'BadInput', message: 'no --target was given' },
    });
    expect(await refusal('set', '--type', 'monthly_return_pct', '--target', 'much')).toMatchObject({
      code: 2,
      error: { error: 'BadInput', message: expect.stringContaining("--target is 'much'") as string },
    });
  });

  it('knows three goals, and a database is needed for each of them', async () => {
    expect(await refusal('simulate', '--type', 'monthly_loss')).toMatchObject({ code: 2, error: { error: 'Usage' } });
    expect(await refusal('show', 'monthly_return_pct')).toMatchObject({
      code: 3,
      error: { error: 'DatabaseUnreachable' },
    });
  });
});
