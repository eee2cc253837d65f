import { compileStrategy } from './compile.ts';
import type { CompiledStrategy } from './compile.ts';
import type { StrategyDefinition } from './definition.ts';

/** A version of a stored strategy, which never changes. */
export interface StrategyVersion {
  readonly strategyId: string;
  readonly version: number;
  readonly definition: StrategyDefinition;
}

/** Some kilobytes each. */
const keptStrategies = 5_000;

/**
 * Compiles each version of a strategy once, and forgets those that were asked for longest ago.
 * @param most how many are kept
 */
export const createCompiler = (most = keptStrategies): ((strategy: StrategyVersion) => CompiledStrategy) => {
  const kept = new Map<string, CompiledStrategy>();
  return ({ strategyId, version, definition }) => {
    const key = `${strategyId}/${version}`;
    const strategy = kept.get(key) ?? compileStrategy(definition);
    kept.delete(key);
    kept.set(key, strategy);
    for (const oldest of kept.keys()) {
      if (kept.size <= most) break;
      kept.delete(oldest);
    }
    return strategy;
  };
};
