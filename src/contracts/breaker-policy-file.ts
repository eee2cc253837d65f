import { z } from 'zod';
import { type PolicyProblem, badPolicy } from '../domain/breaker/bad-policy.ts';
import { checkPolicy } from '../domain/breaker/check-policy.ts';
import { type BreakerPolicy, breakerActions } from '../domain/breaker/policy.ts';
import { valueAt } from './value-at.ts';

/** An object with exactly these fields, whose error names what is allowed. */
const fields = <Shape extends z.ZodRawShape>(shape: Shape) =>
  z.strictObject(shape, {
    error: ({ code }) => `${code === 'unrecognized_keys' ? 'only' : 'an object with'} ${Object.keys(shape).join(', ')}`,
  });

const whole = (min: number, max: number, unit: string) => {
  const error = `a whole number from ${min} to ${max} (${unit})`;
  return z.int({ error }).min(min, { error }).max(max, { error });
};
const above = (min: number, max: number, unit: string) => {
  const error = `a number above ${min} and up to ${max} (${unit})`;
  return z.number({ error }).gt(min, { error }).max(max, { error });
};
const between = (min: number, max: number, unit: string) => {
  const error = `a number above ${min} and below ${max} (${unit})`;
  return z.number({ error }).gt(min, { error }).lt(max, { error });
};

const hours = above(0, 8_760, 'hours');
const state = z.enum(['REDUCING', 'HALTED'], { error: 'REDUCING or HALTED' });
const someActions = `a list of ${breakerActions.join(', ')}, each once at most`;
const actions = z
  .array(z.enum(breakerActions, { error: `one of ${breakerActions.join(', ')}` }), { error: someActions })
  .refine((list) => new Set(list).size === list.length, { error: someActions });
const yesOrNo = z.boolean({ error: 'true or false' });

const response = { state, actions, requiresApproval: yesOrNo };

/** A trigger with its threshold, also of its escalation. */
const trigger = (threshold: z.ZodNumber, shape: z.ZodRawShape) =>
  fields({ ...response, threshold, escalation: fields({ threshold, state, actions }).nullable(), ...shape }).nullable();

const streak = whole(1, 1_000, 'closed positions in a row');
const protections = fields({
  stopLossGuard: fields({ lookbackHours: hours, stops: whole(1, 1_000, 'stops'), pauseHours: hours }).nullable(),
  maxDrawdown: fields({
    lookbackHours: hours,
    trades: whole(1, 1_000, 'closed positions'),
    maxDrawdownPct: between(0, 100, 'per cent'),
    pauseHours: hours,
  }).nullable(),
  lowProfit: fields({
    lookbackHours: hours,
    trades: whole(1, 1_000, 'closed positions'),
    requiredPct: between(-100, 1_000, 'per cent'),
    pauseHours: hours,
  }).nullable(),
  coolDown: fields({ pauseHours: hours }).nullable(),
});

const policySchema = fields({
  drawdown: trigger(between(0, 100, 'per cent'), { coolDownHours: hours }),
  lossStreak: trigger(streak, { coolDownHours: hours }),
  volatilitySpike: trigger(above(1, 1_000, 'times its own history'), {
    clearShare: between(0, 1, 'a fraction of the threshold'),
    windowMinutes: whole(5, 1_440, 'minutes'),
    historyDays: whole(1, 90, 'days'),
  }),
  manual: fields(response),
  remindHours: above(0, 168, 'hours'),
  protections,
});

const isPlain = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What is left out stands as it was; lists and null replace. */
const over = (base: unknown, given: unknown): unknown => {
  if (!isPlain(base) || !isPlain(given)) return given;
  const entries = Object.entries(given).map(([key, value]) => [
    key,
    over(Object.hasOwn(base, key) ? base[key] : undefined, value),
  ]);
  return { ...base, ...Object.fromEntries(entries) };
};

const problemsOf = (json: unknown, issue: z.core.$ZodIssue): readonly PolicyProblem[] => {
  const path = issue.path.map(String).join('.');
  const found = valueAt(json, issue.path);
  if (issue.code !== 'unrecognized_keys') return [{ path, found, allowed: issue.message }];
  return issue.keys.map((key) => ({
    path: [...issue.path.map(String), key].join('.'),
    found: valueAt(found, [key]),
    allowed: issue.message,
  }));
};

/**
 * Reads a policy, or a part of one, from parsed JSON.
 * @param source What to call it in messages, e.g. the file's path.
 * @param base Stands for what the JSON leaves out, field by field; a trigger that is null there has to be given whole.
 * @throws DomainError `BadPolicy` with the path, what was found and what is allowed; `details.problems` has all.
 */
export const parseBreakerPolicy = (json: unknown, source: string, base?: BreakerPolicy): BreakerPolicy => {
  const whole = base === undefined ? json : over(base, json);
  const parsed = policySchema.safeParse(whole);
  if (!parsed.success) {
    const [first, ...others] = parsed.error.issues.flatMap((issue) => problemsOf(whole, issue));
    throw badPolicy(source, [first ?? { path: '', found: json, allowed: 'a policy' }, ...others]);
  }
  const policy = parsed.data as unknown as BreakerPolicy;
  checkPolicy(policy, source);
  return policy;
};
