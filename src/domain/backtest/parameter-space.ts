import { dec, divide, rounding } from '../decimal.ts';
import { DomainError } from '../errors.ts';
import { createRandom } from '../random.ts';
import type { StrategyParameters } from '../strategy/definition.ts';

/** The values that each parameter may take, and with them every combination. */
export interface ParameterSpace {
  readonly names: readonly string[];
  /** By the order of `names`. */
  readonly values: readonly (readonly number[])[];
  /** Combinations there are. */
  readonly size: number;
}

/** Combinations that one sweep runs at most. */
export const mostCombinations = 1_000_000;
/** Values that one parameter has at most. */
const mostValues = 100_000;

/**
 * Reads a grid: each parameter with a list of numbers, or with a range `{ "from", "to", "step" }` whose values are `from`,
 * `from + step` and so on up to `to`, in exact decimals (`step` 1 where it is left out).
 * @param known the strategy's parameters; what the grid leaves out keeps its value there.
 * @throws DomainError `BadInput` naming the parameter, what was found and what is allowed.
 */
export const parameterSpace = (grid: unknown, known: StrategyParameters): ParameterSpace => {
  const allowedNames = Object.keys(known);
  if (!isObject(grid)) throw refused('the grid', grid, 'an object such as {"fast":[5,10],"slow":[50,100]}');
  const names = Object.keys(grid);
  if (names.length === 0) throw refused('the grid', grid, `at least one of ${allowedNames.join(', ')}`);
  for (const name of names) {
    if (Object.hasOwn(known, name)) continue;
    const allowed =
      allowedNames.length === 0 ? 'no parameter: the strategy has none' : `one of ${allowedNames.join(', ')}`;
    throw refused('the grid', name, allowed);
  }
  const values = names.map((name) => valuesOf(name, grid[name]));
  const size = values.reduce((product, { length }) => product * length, 1);
  if (!Number.isSafeInteger(size)) throw refused('the grid', `${size} combinations`, 'fewer than 2^53');
  return { names, values, size };
};

const valuesOf = (name: string, given: unknown): readonly number[] => {
  if (Array.isArray(given)) return listed(name, given);
  if (isObject(given)) return ranged(name, given);
  throw refused(name, given, 'a list of numbers or {"from","to","step"}');
};

const listed = (name: string, list: readonly unknown[]): readonly number[] => {
  if (list.length === 0) throw refused(name, list, 'at least one number');
  const seen = new Set<number>();
  for (const [index, value] of list.entries()) {
    if (!isNumber(value)) throw refused(`${name}[${index}]`, value, 'a number');
    if (seen.has(value)) throw refused(`${name}[${index}]`, value, 'each number once');
    seen.add(value);
  }
  return [...seen];
};

const ranged = (name: string, range: Readonly<Record<string, unknown>>): readonly number[] => {
  const unknownField = Object.keys(range).find((field) => !['from', 'to', 'step'].includes(field));
  if (unknownField !== undefined) throw refused(name, unknownField, 'only from, to and step');
  const { from, to, step = 1 } = range;
  if (!isNumber(from)) throw refused(`${name}.from`, from, 'a number');
  if (!isNumber(to) || to < from) throw refused(`${name}.to`, to, `a number from ${from} on`);
  if (!isNumber(step) || step <= 0) throw refused(`${name}.step`, step, 'a number above 0');
  const [first, width] = [dec(from), dec(step)];
  const count = Number(divide(dec(to).minus(first), width, 0, rounding.down).toFixed()) + 1;
  if (count > mostValues) throw refused(name, `${count} values`, `at most ${mostValues}`);
  return Array.from({ length: count }, (_, index) => Number(first.plus(width.times(dec(index))).toFixed()));
};

/**
 * The combination at a place of the space: the last parameter changes first, as in nested loops over the grid.
 * @param fixed the values of all other parameters.
 */
export const combinationAt = (space: ParameterSpace, index: number, fixed: StrategyParameters): StrategyParameters => {
  const chosen = new Map<string, number>();
  let rest = index;
  for (let place = space.names.length - 1; place >= 0; place -= 1) {
    const values = space.values[place]!;
    chosen.set(space.names[place]!, values[rest % values.length]!);
    rest = Math.floor(rest / values.length);
  }
  return Object.fromEntries(Object.entries(fixed).map(([name, value]) => [name, chosen.get(name) ?? value]));
};

/** Places of all combinations, in order. @throws DomainError `BadInput` where they are more than a sweep runs. */
export const wholeSpace = ({ size }: ParameterSpace): Float64Array => {
  if (size > mostCombinations) {
    throw new DomainError('BadInput', `the grid has ${size} combinations, more than ${mostCombinations}`, {
      next: 'give fewer values, or draw some of them at random (--random N)',
      details: { combinations: size, most: mostCombinations },
    });
  }
  return Float64Array.from({ length: size }, (_, index) => index);
};

/**
 * Places of `count` different combinations, drawn with equal chances by the seed alone (R. Floyd's algorithm), in the space's order.
 * @throws DomainError `BadInput` where there are fewer, or more are wanted than a sweep runs.
 */
export const sampledSpace = ({ size }: ParameterSpace, count: number, seed: number): Float64Array => {
  const most = Math.min(size, mostCombinations);
  if (!Number.isInteger(count) || count < 1 || count > most) {
    throw new DomainError('BadInput', `${count} random combinations are wanted of the ${size} that the grid has`, {
      next: `ask for a whole number from 1 to ${most}`,
      details: { wanted: count, combinations: size },
    });
  }
  const random = createRandom(seed);
  const drawn = new Set<number>();
  for (let last = size - count; last < size; last += 1) {
    const place = random.below(last + 1);
    drawn.add(drawn.has(place) ? last : place);
  }
  return Float64Array.from(drawn).sort();
};

const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const refused = (place: string, found: unknown, allowed: string): DomainError => {
  const shown = found === undefined ? 'nothing' : (JSON.stringify(found) ?? typeof found);
  return new DomainError('BadInput', `${place}: found ${shown}, allowed: ${allowed}`, {
    next: 'correct the grid; docs/backtesting.md shows what it may hold',
    details: { place, allowed },
  });
};
