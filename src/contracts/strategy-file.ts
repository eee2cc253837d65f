import { z } from 'zod';
import { indicatorNames, indicators } from '../domain/indicators/registry.ts';
import type { Indicator } from '../domain/indicators/indicator.ts';
import { intervals } from '../domain/market/interval.ts';
import { badStrategy } from '../domain/strategy/bad-strategy.ts';
import { allowedValues, checkStrategy } from '../domain/strategy/check.ts';
import { comparisonOperators, positionSizeTypes, priceFields, strategyTypes } from '../domain/strategy/definition.ts';
import type { Condition, StrategyDefinition } from '../domain/strategy/definition.ts';
import { strategyFileError } from './strategy-file-problems.ts';

/** An object with exactly these fields, whose error names what was unknown and what is allowed. */
const fields = <Shape extends z.ZodRawShape>(shape: Shape) =>
  z.strictObject(shape, {
    error: ({ code }) => `${code === 'unrecognized_keys' ? 'only' : 'an object with'} ${Object.keys(shape).join(', ')}`,
  });

const whole = (min: number, max: number) => {
  const error = `a whole number from ${min} to ${max}`;
  return z.int({ error }).min(min, { error }).max(max, { error });
};
const above = (min: number, max: number, unit: string) => {
  const error = `a number above ${min} and up to ${max} (${unit})`;
  return z.number({ error }).gt(min, { error }).max(max, { error });
};
const below = (max: number, unit: string) => {
  const error = `a number above 0 and below ${max} (${unit})`;
  return z.number({ error }).gt(0, { error }).lt(max, { error });
};
const oneOf = <const Values extends readonly string[]>(values: Values) =>
  z.enum(values, { error: `one of ${values.join(', ')}` });

const paramReference = fields({ param: z.string({ error: 'the name of a parameter' }) });
const offset = whole(0, 10_000).optional();

const symbol = z
  .string({ error: 'a market such as BTCUSDT' })
  .max(20, { error: 'up to 20 characters' })
  .regex(/^(?:[a-z0-9_]+:)?[A-Z0-9._-]+$/u, { error: 'a market such as BTCUSDT, or kraken:BTCUSDT' });

/** Another series to look at; what is left out is the strategy's own. */
const market = fields({ symbol: symbol.optional(), interval: oneOf(intervals).optional() })
  .refine((reference) => Object.keys(reference).length > 0, { error: 'a "symbol", an "interval" or both' })
  .meta({ minProperties: 1 })
  .optional();

const indicatorSchema = (indicator: Indicator) => {
  const parameters = indicator.parameters.map((parameter) => {
    const error = `${allowedValues(parameter)}, or { "param": name }`;
    const plain = z.number({ error }).min(parameter.min, { error }).max(parameter.max, { error });
    const schema = z.union([parameter.integer ? plain.int({ error }) : plain, paramReference], { error });
    return [parameter.name, parameter.fallback === null ? schema : schema.optional()] as const;
  });
  return fields({
    indicator: z.literal(indicator.name),
    ...Object.fromEntries(parameters),
    output: oneOf(indicator.outputs).optional(),
    ...(indicator.source === null ? {} : { source: oneOf(priceFields).optional() }),
    offset,
    market,
  });
};

const [firstIndicator, ...otherIndicators] = Object.values(indicators).map(indicatorSchema);
if (firstIndicator === undefined) throw new TypeError('the registry of indicators is empty');

const operand = z.union(
  [
    z.number(),
    paramReference,
    fields({ price: oneOf(priceFields), offset, market }),
    z.discriminatedUnion('indicator', [firstIndicator, ...otherIndicators], {
      error: `one of ${indicatorNames.join(', ')}`,
    }),
  ],
  { error: 'a number, { "param" }, { "price" } or { "indicator" }' },
);

const members = z
  .array(
    z.lazy(() => condition),
    { error: 'a list of conditions' },
  )
  .min(1, { error: 'at least one condition' });

const condition: z.ZodType<Condition> = z.union(
  [
    fields({ left: operand, op: oneOf(comparisonOperators), right: operand }),
    fields({ all: members }),
    fields({ any: members }),
    fields({ not: z.lazy(() => condition) }),
  ],
  { error: 'a comparison { "left", "op", "right" } or a group { "all" }, { "any" } or { "not" }' },
) as unknown as z.ZodType<Condition>;

const share = above(0, 1, 'a fraction of equity: 1 is all of it');
const positionSize = z.discriminatedUnion(
  'type',
  [
    fields({ type: z.literal('equity_fraction'), value: share }),
    fields({ type: z.literal('fixed_quote'), value: above(0, 1e12, 'quote currency') }),
    fields({ type: z.literal('risk_fraction'), value: share }),
    fields({ type: z.literal('kelly'), value: share }),
  ],
  { error: `{ "type", "value" } with a type of ${positionSizeTypes.join(', ')}` },
);

const someExits = 'a list of 1 to 20 partial targets { "pct", "fraction" }';
const exits = z
  .array(
    fields({
      pct: above(0, 10_000, 'per cent of the entry price'),
      fraction: above(0, 1, 'a fraction of what was bought'),
    }),
    { error: someExits },
  )
  .min(1, { error: someExits })
  .max(20, { error: someExits });

const riskParams = fields({
  side: oneOf(['LONG', 'SHORT']),
  position_size: positionSize,
  stop_loss_pct: below(100, 'per cent of the entry price').nullish(),
  take_profit_pct: above(0, 10_000, 'per cent of the entry price').nullish(),
  trailing_stop_pct: below(100, 'per cent of the best price').nullish(),
  order: fields({
    type: oneOf(['market', 'limit']),
    offset_bps: z
      .number({ error: 'basis points from 0 to 9999' })
      .min(0, { error: 'basis points from 0 to 9999' })
      .max(9_999, { error: 'basis points from 0 to 9999' })
      .optional(),
    expire_bars: whole(1, 10_000).optional(),
  }).optional(),
  exits: exits.optional(),
  max_open_positions: whole(1, 100).optional(),
  cooldown_bars_after_loss: whole(0, 1_000_000).optional(),
  leverage: z.literal(1, { error: '1 (leverage is not supported)' }).optional(),
});

/** The shape of a strategy file. `parseStrategy` also checks what a shape cannot say. */
export const strategySchema = fields({
  name: z.string({ error: 'a text of 1 to 255 characters' }).min(1).max(255),
  description: z.string({ error: 'a text' }).optional(),
  strategy_type: oneOf(strategyTypes),
  symbol,
  interval: oneOf(intervals),
  parameters: z.record(z.string(), z.number({ error: 'a number' }), { error: 'an object of named numbers' }),
  entry_conditions: condition,
  exit_conditions: condition,
  risk_params: riskParams,
});

/** Deeper nesting than this is refused before anything recurses into it. */
const maxDepth = 64;

/**
 * Reads a strategy from parsed JSON.
 * @param source what to call it in messages, e.g. the file's path.
 * @throws DomainError `BadStrategy` with the path, what was found and what is allowed; `details.problems` has all.
 */
export const parseStrategy = (json: unknown, source: string): StrategyDefinition => {
  if (depthOf(json) > maxDepth) throw badStrategy(source, [tooDeep]);
  const parsed = strategySchema.safeParse(json);
  if (!parsed.success) throw strategyFileError(source, json, parsed.error.issues);
  const definition = parsed.data as unknown as StrategyDefinition;
  checkStrategy(definition, source);
  return definition;
};

const tooDeep = { path: '', found: 'deeper nesting', allowed: `at most ${maxDepth} levels of nesting` };

const depthOf = (json: unknown): number => {
  let depth = 0;
  let level: unknown[] = [json];
  while (level.length > 0 && depth <= maxDepth) {
    level = level.flatMap((value) => (typeof value === 'object' && value !== null ? Object.values(value) : []));
    depth += 1;
  }
  return depth;
};

/** The JSON Schema of a strategy file, for editors. */
export const strategyJsonSchema = (): unknown => z.toJSONSchema(strategySchema, { reused: 'ref' });
