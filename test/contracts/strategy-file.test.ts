import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { parseStrategy, strategyJsonSchema } from '../../src/contracts/strategy-file.ts';
import { DomainError } from '../../src/domain/errors.ts';

const example = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../../examples/${name}.json`, import.meta.url), 'utf8'));

const names = ['sma-cross', 'rsi-reversion', 'donchian-breakout'];

test.each(names)('the example %s is accepted unchanged, also by the JSON Schema', (name) => {
  expect(parseStrategy(example(name), name)).toEqual(example(name));
  expect(new Ajv2020().validate(strategyJsonSchema() as object, example(name))).toBe(true);
});

type Json = Record<string, unknown>;

/** The example with one place replaced; undefined removes it. */
const changed = (path: string, value: unknown): unknown => {
  const root = example('sma-cross') as Json;
  const keys = path.split('.');
  const last = keys.pop()!;
  const owner = keys.reduce<Json>((at, key) => at[key] as Json, root);
  if (value === undefined) delete owner[last];
  else owner[last] = value;
  return root;
};

const entry = 'entry_conditions.all.0';

describe('refusals name the path, what was found and what is allowed', () => {
  test.each([
    ['an unknown field', 'colour', 'red', 'f.json: found {"colour":"red"}, allowed: only name,'],
    ['a missing field', 'symbol', undefined, 'symbol: found nothing, allowed: a market such as BTCUSDT'],
    ['a bad interval', 'interval', '7m', 'interval: found "7m", allowed: one of 1m,'],
    ['a bad symbol', 'symbol', 'btc/usdt', 'symbol: found "btc/usdt"'],
    ['a bad type', 'strategy_type', 'luck', 'strategy_type: found "luck", allowed: one of momentum,'],
    ['an empty name', 'name', '', 'name: found ""'],
    [
      'a param not defined',
      'parameters',
      { slow: 50 },
      `entry_conditions.all[0].left.period.param: found "fast", allowed: one of slow`,
    ],
    ['a param never used', 'parameters.extra', 1, 'parameters.extra: found 1, allowed: only parameters'],
    ['a param that is text', 'parameters.fast', '10', 'parameters.fast: found "10", allowed: a number'],
    [
      'a period of 0 by param',
      'parameters.fast',
      0,
      'parameters.fast: found 0, allowed: a whole number from 1 to 5000',
    ],
    [
      'a period of 0',
      `${entry}.left.period`,
      0,
      'entry_conditions.all[0].left.period: found 0, allowed: a whole number from 1',
    ],
    ['half a period', `${entry}.left.period`, 2.5, 'left.period: found 2.5, allowed: a whole number'],
    ['no period', `${entry}.left.period`, undefined, 'left.period: found nothing, allowed: a whole number'],
    ['an unknown indicator', `${entry}.left.indicator`, 'FOO', 'left.indicator: found "FOO", allowed: one of ADX,'],
    [
      'an unknown indicator field',
      `${entry}.left.length`,
      3,
      'left: found {"length":3}, allowed: only indicator, period',
    ],
    ['an unknown output', `${entry}.left.output`, 'top', 'left.output: found "top", allowed: one of value'],
    ['an unknown price', `${entry}.left`, { price: 'mid' }, 'left.price: found "mid", allowed: one of open, high, low'],
    [
      'a negative offset',
      `${entry}.left`,
      { price: 'close', offset: -1 },
      'left.offset: found -1, allowed: a whole number from 0',
    ],
    ['an operand of text', `${entry}.left`, 'SMA', 'left: found "SMA", allowed: a number, { "param" }'],
    ['an unknown operator', `${entry}.op`, '==', 'op: found "==", allowed: one of >, >='],
    ['an empty group', 'entry_conditions.all', [], 'entry_conditions.all: found [], allowed: at least one condition'],
    ['two groups in one', 'entry_conditions.any', [], 'entry_conditions: found {"any":[]}, allowed: only all'],
    ['no condition', 'entry_conditions', {}, 'entry_conditions: found {}, allowed: a comparison'],
    [
      'a stop of 150 %',
      'risk_params.stop_loss_pct',
      150,
      'risk_params.stop_loss_pct: found 150, allowed: a number above 0 and below 100',
    ],
    ['a stop of 0 %', 'risk_params.stop_loss_pct', 0, 'risk_params.stop_loss_pct: found 0'],
    ['a side', 'risk_params.side', 'BOTH', 'risk_params.side: found "BOTH", allowed: one of LONG, SHORT'],
    ['a size over all equity', 'risk_params.position_size.value', 1.5, 'position_size.value: found 1.5'],
    ['leverage', 'risk_params.leverage', 3, 'risk_params.leverage: found 3, allowed: 1'],
    [
      'risk sizing without a stop',
      'risk_params',
      { side: 'LONG', position_size: { type: 'risk_fraction', value: 0.1 } },
      'risk_params.stop_loss_pct: found nothing',
    ],
    [
      'an informative market, not yet supported',
      `${entry}.left.market`,
      { symbol: 'ETHUSDT' },
      'informative markets are not yet supported',
    ],
    ['partial targets, not yet supported', 'risk_params.exits', [], 'partial targets are not yet supported'],
    ['kelly, not yet supported', 'risk_params.position_size.type', 'kelly', 'kelly is not yet supported'],
  ])('%s', (_what, path, value, message) => {
    expect(() => parseStrategy(changed(path, value), 'f.json')).toThrow(
      expect.objectContaining({ name: 'BadStrategy', message: expect.stringContaining(message) }),
    );
  });

  test.each([[null], [[]], ['text'], [42], [undefined]])('%j is no strategy', (json) => {
    expect(() => parseStrategy(json, 'f.json')).toThrow(expect.objectContaining({ name: 'BadStrategy' }));
  });

  test('nesting beyond reason is refused, not recursed into', () => {
    let condition: unknown = { left: 1, op: '>', right: 2 };
    for (let i = 0; i < 20_000; i += 1) condition = { not: condition };
    expect(() => parseStrategy(changed('entry_conditions', condition), 'f.json')).toThrow('at most 64 levels');
  });

  test('all problems are in the details', () => {
    const broken = { ...(changed('interval', '7m') as Json), name: 3 };
    try {
      parseStrategy(broken, 'f.json');
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(DomainError);
      expect((error as DomainError).details['problems']).toHaveLength(2);
    }
  });
});
