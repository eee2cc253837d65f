import { readFileSync, readdirSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { parseStrategy, strategyJsonSchema } from '../../src/contracts/strategy-file.ts';
import { DomainError } from '../../src/domain/errors.ts';
import { strategyTypes } from '../../src/domain/strategy/definition.ts';

const example = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../../examples/${name}.json`, import.meta.url), 'utf8'));

const matchesSchema = new Ajv2020().compile(strategyJsonSchema() as object);

const names = readdirSync(new URL('../../examples', import.meta.url)).map((file) => file.replace(/\.json$/, ''));

test.each(names)('the example %s is accepted unchanged, also by the JSON Schema', (name) => {
  expect(parseStrategy(example(name), name)).toEqual(example(name));
  expect(example(name)).toMatchObject({ name });
  expect(matchesSchema(example(name))).toBe(true);
});

test('an example of each type ships', () => {
  const types = names.map((name) => (example(name) as { strategy_type: string }).strategy_type);
  expect(new Set(types)).toEqual(new Set(strategyTypes));
});

test('every example is described to its users', () => {
  const page = readFileSync(new URL('../../docs/strategies.md', import.meta.url), 'utf8');
  expect(names.filter((name) => !page.includes(`| \`${name}\``))).toEqual([]);
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
      'sizing of another type',
      'risk_params.position_size.type',
      'all_in',
      'position_size.type: found "all_in", allowed: { "type", "value" } with a type of equity_fraction,',
    ],
    ['kelly over all equity', 'risk_params.position_size', { type: 'kelly', value: 2 }, 'position_size.value: found 2'],
    ['no position at a time', 'risk_params.max_open_positions', 0, 'max_open_positions: found 0, allowed: a whole'],
    ['half a position', 'risk_params.max_open_positions', 1.5, 'max_open_positions: found 1.5, allowed: a whole'],
    ['too many positions', 'risk_params.max_open_positions', 101, 'found 101, allowed: a whole number from 1 to 100'],
  ])('%s', (_what, path, value, message) => {
    expect(() => parseStrategy(changed(path, value), 'f.json')).toThrow(
      expect.objectContaining({ name: 'BadStrategy', message: expect.stringContaining(message) }),
    );
  });

  test.each([
    ['that is text', 'ETHUSDT', 'left.market: found "ETHUSDT", allowed: an object with symbol, interval'],
    ['that names nothing', {}, 'left.market: found {}, allowed: a "symbol", an "interval" or both'],
    ['with an unknown symbol', { symbol: 'eth/usdt' }, 'left.market.symbol: found "eth/usdt", allowed: a market such'],
    ['with an unknown interval', { interval: '7m' }, 'left.market.interval: found "7m", allowed: one of 1m, 3m,'],
    ['with an unknown field', { exchange: 'kraken' }, 'left.market: found {"exchange":"kraken"}, allowed: only symbol'],
    [
      "that is the strategy's own",
      { symbol: 'BTCUSDT', interval: '1m' },
      `left.market: found {"symbol":"BTCUSDT","interval":"1m"}, allowed: another market than the strategy's own`,
    ],
    [
      "that is the strategy's own by what it leaves out",
      { interval: '1m' },
      `left.market: found {"interval":"1m"}, allowed: another market than the strategy's own, BTCUSDT 1m`,
    ],
  ])('another market %s', (_what, market, message) => {
    for (const operand of [
      { price: 'close', market },
      { indicator: 'RSI', market },
    ]) {
      const file = changed('entry_conditions.all.0.left', operand);
      expect(() => parseStrategy(file, 'f.json')).toThrow(
        expect.objectContaining({ name: 'BadStrategy', message: expect.stringContaining(message) }),
      );
    }
  });

  const half = { pct: 1, fraction: 0.5 };
  test.each([
    ['no list', half, {}, 'exits: found {"pct":1,"fraction":0.5}, allowed: a list of 1 to 20'],
    ['none', [], {}, 'exits: found [], allowed: a list of 1 to 20 partial targets'],
    ['too many', Array.from({ length: 21 }, (_, i) => ({ pct: i + 1, fraction: 0.01 })), {}, 'a list of 1 to 20'],
    ['a target of 0 %', [{ ...half, pct: 0 }], {}, 'exits[0].pct: found 0, allowed: a number above 0'],
    ['a part of nothing', [{ ...half, fraction: 0 }], {}, 'exits[0].fraction: found 0, allowed: a number above 0'],
    ['a part above all', [{ ...half, fraction: 2 }], {}, 'exits[0].fraction: found 2, allowed: a number above 0'],
    ['another field', [{ ...half, at: 3 }], {}, 'exits[0]: found {"at":3}, allowed: only pct, fraction'],
    ['one target twice', [half, half], {}, 'exits[1].pct: found 1, allowed: a pct that no other'],
    [
      'a target at the last one',
      [half],
      { take_profit_pct: 1 },
      'exits[0].pct: found 1, allowed: less than take_profit',
    ],
    [
      'a price below zero',
      [{ ...half, pct: 100 }],
      { side: 'SHORT' },
      'exits[0].pct: found 100, allowed: less than 100',
    ],
    ['more than all', [half, { pct: 2, fraction: 0.6 }], {}, 'exits: found 1.1, allowed: fractions of what was bought'],
  ])('partial targets: %s', (_what, exits, risk, message) => {
    const risk_params = { side: 'LONG', position_size: { type: 'equity_fraction', value: 1 }, ...risk, exits };
    expect(() => parseStrategy(changed('risk_params', risk_params), 'f.json')).toThrow(
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

describe('accepted, and so by the JSON Schema', () => {
  const thirds = [
    { pct: 3, fraction: 0.7 },
    { pct: 1, fraction: 0.2 },
    { pct: 2, fraction: 0.1 },
  ];
  test.each([
    ['another symbol', `${entry}.left.market`, { symbol: 'ETHUSDT' }],
    ['a longer interval', `${entry}.left.market`, { interval: '4h' }],
    [
      'a shorter interval of another venue',
      `${entry}.left`,
      { price: 'low', market: { symbol: 'kraken:XBTUSD', interval: '1h' } },
    ],
    ['kelly', 'risk_params.position_size', { type: 'kelly', value: 0.25 }],
    ['several positions', 'risk_params.max_open_positions', 100],
    ['partial targets in any order, that sell all between them', 'risk_params.exits', thirds],
  ])('%s', (_what, path, value) => {
    const file = { ...(changed(path, value) as Json), interval: '2h' };
    expect(parseStrategy(file, 'f.json')).toEqual(file);
    expect(matchesSchema(file)).toBe(true);
  });

  test('what the shape refuses, the JSON Schema refuses too', () => {
    for (const market of [{}, { symbol: 'eth' }, { interval: '7m' }, { exchange: 'kraken' }]) {
      expect(matchesSchema(changed(`${entry}.left.market`, market)), JSON.stringify(market)).toBe(false);
    }
    for (const exits of [[], [{ pct: 0, fraction: 1 }], [{ pct: 1, fraction: 1.1 }], [{ pct: 1 }]]) {
      expect(matchesSchema(changed('risk_params.exits', exits)), JSON.stringify(exits)).toBe(false);
    }
  });
});
