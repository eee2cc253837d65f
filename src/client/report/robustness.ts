import { knownCheck } from './known-checks.ts';
import { plainCheck } from './plain-check.ts';
import type { RobustnessCheck } from './robustness-check.ts';

/**
 * Whatever checks a backtest's `metadata` holds, in their order: each entry of `validation`, and the plain `outOfSample` of rows that
 * have no `validation`. What is not of a known shape is shown as it is; what is absent is left out.
 */
export const robustnessChecks = (metadata: Readonly<Record<string, unknown>>): readonly RobustnessCheck[] => {
  const { validation, outOfSample } = metadata;
  const checks = typeof validation === 'object' && validation !== null ? validation : { outOfSample };
  return Object.entries(checks)
    .filter(([, value]) => value !== undefined && value !== null)
    .map(([name, value]) => knownCheck(name, value) ?? plainCheck(name, value));
};
