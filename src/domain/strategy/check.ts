import { indicatorOf } from '../indicators/registry.ts';
import type { IndicatorParameter } from '../indicators/indicator.ts';
import { badStrategy } from './bad-strategy.ts';
import type { StrategyProblem } from './bad-strategy.ts';
import { isIndicator, isParam } from './definition.ts';
import type { RiskParams, StrategyDefinition } from './definition.ts';
import { otherMarketOf } from './operand-values.ts';
import { strategyOperands } from './walk.ts';

/** What a parameter may be, in words. */
export const allowedValues = ({ integer, min, max }: IndicatorParameter): string =>
  `${integer ? 'a whole number' : 'a number'} from ${min} to ${max}`;

export const isAllowed = ({ integer, min, max }: IndicatorParameter, value: number): boolean =>
  value >= min && value <= max && (!integer || Number.isInteger(value));

/**
 * Checks what the shape alone does not show: params referred to exist and fit where they are used, every param is used, another
 * market is another one, sizing has the stop it needs, partial targets lie before the target. Also to be run when parameters were replaced (a sweep, evolution).
 * @throws DomainError `BadStrategy`, `UnknownIndicator`.
 */
export const checkStrategy = (definition: StrategyDefinition, source: string = definition.name): void => {
  const problems = [...parameterProblems(definition), ...marketProblems(definition), ...riskProblems(definition)];
  const [first, ...others] = problems;
  if (first !== undefined) throw badStrategy(source, [first, ...others]);
};

const parameterProblems = (definition: StrategyDefinition): readonly StrategyProblem[] => {
  const { parameters } = definition;
  const defined = Object.keys(parameters);
  const used = new Set<string>();
  const problems: StrategyProblem[] = [];
  const resolve = (value: unknown, path: string): number | null => {
    if (typeof value === 'number') return value;
    if (!isParam(value)) return null;
    used.add(value.param);
    if (Object.hasOwn(parameters, value.param)) return parameters[value.param] ?? null;
    problems.push({ path: `${path}.param`, found: value.param, allowed: oneOfParameters(defined) });
    return null;
  };
  for (const { path, operand } of strategyOperands(definition)) {
    if (isParam(operand)) resolve(operand, path);
    if (!isIndicator(operand)) continue;
    for (const parameter of indicatorOf(operand.indicator).parameters) {
      const given = operand[parameter.name];
      const value = resolve(given, `${path}.${parameter.name}`);
      if (value === null || isAllowed(parameter, value)) continue;
      const place = isParam(given) ? `parameters.${given.param}` : `${path}.${parameter.name}`;
      problems.push({ path: place, found: value, allowed: `${allowedValues(parameter)} (${operand.indicator})` });
    }
  }
  for (const name of defined) {
    if (!used.has(name)) {
      problems.push({
        path: `parameters.${name}`,
        found: parameters[name],
        allowed: 'only parameters that a condition refers to by { "param": name }',
      });
    }
  }
  return problems;
};

const oneOfParameters = (names: readonly string[]): string =>
  names.length === 0 ? 'a name defined under parameters (none is)' : `one of ${names.join(', ')}`;

/** A reference to the strategy's own market says nothing, so something else was meant. */
const marketProblems = (definition: StrategyDefinition): readonly StrategyProblem[] =>
  strategyOperands(definition).flatMap(({ path, operand }) => {
    if (typeof operand !== 'object' || isParam(operand) || operand.market === undefined) return [];
    if (otherMarketOf(operand, definition) !== null) return [];
    return [
      {
        path: `${path}.market`,
        found: operand.market,
        allowed: `another market than the strategy's own, ${definition.symbol} ${definition.interval}`,
      },
    ];
  });

const riskProblems = ({ risk_params: risk }: StrategyDefinition): readonly StrategyProblem[] => {
  const problems: StrategyProblem[] = [];
  if (risk.position_size.type === 'risk_fraction' && (risk.stop_loss_pct ?? null) === null) {
    problems.push({
      path: 'risk_params.stop_loss_pct',
      found: risk.stop_loss_pct,
      allowed: 'a per cent of the entry price, which position_size.type risk_fraction needs',
    });
  }
  if (risk.side === 'SHORT' && (risk.take_profit_pct ?? 0) >= 100) {
    problems.push({
      path: 'risk_params.take_profit_pct',
      found: risk.take_profit_pct,
      allowed: 'less than 100 for a SHORT: a price cannot fall below zero',
    });
  }
  return [...problems, ...exitProblems(risk)];
};

/** By how much fractions may exceed 1 together, for sums such as 0.7 + 0.2 + 0.1 in float64. */
const roundingOfSums = 1e-9;

const exitProblems = ({ exits = [], side, take_profit_pct }: RiskParams): readonly StrategyProblem[] => {
  const place = 'risk_params.exits';
  const target = take_profit_pct ?? Number.POSITIVE_INFINITY;
  const problems = exits.flatMap(({ pct }, index): StrategyProblem[] => {
    const at = { path: `${place}[${index}].pct`, found: pct };
    if (exits.findIndex((other) => other.pct === pct) < index) {
      return [{ ...at, allowed: 'a pct that no other partial target has' }];
    }
    if (pct >= target) return [{ ...at, allowed: `less than take_profit_pct (${target}), which sells all` }];
    if (side === 'SHORT' && pct >= 100) {
      return [{ ...at, allowed: 'less than 100 for a SHORT: a price cannot fall below zero' }];
    }
    return [];
  });
  const sold = exits.reduce((total, { fraction }) => total + fraction, 0);
  if (sold <= 1 + roundingOfSums) return problems;
  return [...problems, { path: place, found: sold, allowed: 'fractions of what was bought that add up to 1 at most' }];
};
