import { indicatorOf } from '../indicators/registry.ts';
import type { IndicatorParameter } from '../indicators/indicator.ts';
import { badStrategy } from './bad-strategy.ts';
import type { StrategyProblem } from './bad-strategy.ts';
import { isIndicator, isParam } from './definition.ts';
import type { StrategyDefinition } from './definition.ts';
import { strategyOperands } from './walk.ts';

/** What a parameter may be, in words. */
export const allowedValues = ({ integer, min, max }: IndicatorParameter): string =>
  `${integer ? 'a whole number' : 'a number'} from ${min} to ${max}`;

export const isAllowed = ({ integer, min, max }: IndicatorParameter, value: number): boolean =>
  value >= min && value <= max && (!integer || Number.isInteger(value));

/**
 * Checks what the shape alone does not show: params referred to exist and fit where they are used, every param is used, sizing has
 * the stop it needs. Also to be run when parameters were replaced (a sweep, evolution).
 * @throws DomainError `BadStrategy`, `UnknownIndicator`.
 */
export const checkStrategy = (definition: StrategyDefinition, source: string = definition.name): void => {
  const problems = [...parameterProblems(definition), ...riskProblems(definition)];
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
  return problems;
};
