import { Option, type Command } from 'commander';
import type { RiskBounds } from '../../../domain/goals/bounds.ts';
import { type GoalType, goalTypes } from '../../../domain/goals/goal.ts';
import type { Environment } from '../../../domain/orders/order.ts';
import { numberArgument, timeArgument } from '../../arguments.ts';

/** What a person may say of a goal; whether it is sensible the domain judges. */
export interface TermOptions extends Readonly<Record<string, unknown>> {
  readonly type: GoalType;
  readonly target?: number;
  readonly priority?: number;
  readonly riskTolerance?: number;
  readonly maxDrawdown?: number;
  readonly environment?: Environment;
  /** Epoch ms; null: `none`. */
  readonly targetDate?: number | null;
  readonly floor?: number;
  readonly ceiling?: number;
  readonly step?: number;
  readonly strategies?: number;
  readonly strategiesCeiling?: number;
}

/** Any number: its range is the domain's to refuse, under a name of its own. */
export const anyNumber = (name: string): ((value: string) => number) =>
  numberArgument(name, -Number.MAX_VALUE, Number.MAX_VALUE);

const dateOrNone =
  (name: string) =>
  (value: string): number | null =>
    value === 'none' ? null : timeArgument(name)(value);

/** The options that `goal set` and `goal simulate` share; what is left out is as it is stored. */
export const addTermOptions = (command: Command): Command =>
  command
    .addOption(new Option('--type <type>', 'which goal').choices(goalTypes).makeOptionMandatory())
    .option('--target <number>', 'per cent of the month, or US dollars', anyNumber('--target'))
    .option('--max-drawdown <fraction>', 'from which on risk is lowered, such as 0.15', anyNumber('--max-drawdown'))
    .addOption(new Option('--environment <environment>', 'whose equity it is about').choices(['paper', 'live']))
    .option('--target-date <time>', 'of a portfolio target; `none`: a year from its start', dateOrNone('--target-date'))
    .option('--floor <number>', 'the least that stakes are multiplied by', anyNumber('--floor'))
    .option('--ceiling <number>', 'the most that stakes are multiplied by', anyNumber('--ceiling'))
    .option('--step <number>', 'the most that one adjustment changes', anyNumber('--step'));

/** The bounds that were given; undefined where none was, so that the stored ones stay. */
export const givenBounds = (options: TermOptions): Partial<RiskBounds> | undefined => {
  const { floor, ceiling, step, strategies, strategiesCeiling } = options;
  const given = {
    ...(floor !== undefined && { floor }),
    ...(ceiling !== undefined && { ceiling }),
    ...(step !== undefined && { step }),
    ...(strategies !== undefined && { strategies }),
    ...(strategiesCeiling !== undefined && { strategiesCeiling }),
  };
  return Object.keys(given).length === 0 ? undefined : given;
};

/** The terms that were given, without those that were not. */
export const givenTerms = ({ priority, riskTolerance, maxDrawdown, environment, targetDate }: TermOptions) => ({
  ...(priority !== undefined && { priority }),
  ...(riskTolerance !== undefined && { riskTolerance }),
  ...(maxDrawdown !== undefined && { maxDrawdown }),
  ...(environment !== undefined && { environment }),
  ...(targetDate !== undefined && { targetDate }),
});
