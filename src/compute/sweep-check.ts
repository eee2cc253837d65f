import type { BacktestInput } from '../domain/backtest/backtest-run.ts';
import { DomainError } from '../domain/errors.ts';
import { compileStrategy } from '../domain/strategy/compile.ts';
import type { StrategyParameters } from '../domain/strategy/definition.ts';

/**
 * Looks whether a combination of parameters can be run at all.
 * @throws DomainError `BadStrategy` with what is wrong with a parameter, `NotEnoughCandles` where the combination never warms up.
 */
export const checkCombination = (input: BacktestInput, parameters: StrategyParameters): void => {
  const { columns, markets = {} } = input;
  const definition = { ...input.definition, parameters };
  const name = `'${definition.name}' with ${describe(parameters)}`;
  const strategy = withGridAsCause(() => compileStrategy({ ...definition, name }));
  const own = { key: `${definition.symbol} ${definition.interval}`, warmup: strategy.warmup, found: columns.length };
  const others = strategy.markets.map(({ key, warmup }) => ({ key, warmup, found: markets[key]?.length ?? 0 }));
  const short = [own, ...others].find(({ warmup, found }) => found <= warmup);
  if (short === undefined) return;
  const { key, warmup, found } = short;
  throw new DomainError(
    'NotEnoughCandles',
    `${name} needs more than ${warmup} candles of ${key} to warm up, there are ${found}`,
    { next: 'give a longer period, or smaller values in the grid', details: { parameters, found, needed: warmup } },
  );
};

const describe = (parameters: StrategyParameters): string =>
  Object.entries(parameters)
    .map(([name, value]) => `${name}=${value}`)
    .join(', ');

const withGridAsCause = <Value>(work: () => Value): Value => {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof DomainError) || error.name !== 'BadStrategy') throw error;
    throw new DomainError('BadStrategy', error.message, {
      next: 'change that value in the grid',
      details: error.details,
      cause: error,
    });
  }
};
