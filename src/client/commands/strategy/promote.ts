import { Option, type Command } from 'commander';
import { action } from '../../action.ts';
import { exitCodes } from '../../failure.ts';
import { table, utc } from '../../output.ts';
import { askStrategy, type StrategyOptions } from '../../sessions.ts';

interface PromoteOptions extends StrategyOptions {
  readonly to: 'paper' | 'active';
}

const gateColumns = { criterion: 'name', required: 'required', actual: 'actual', passed: 'pass' };

export const addPromoteCommand = (strategy: Command): void => {
  strategy
    .command('promote <strategy>')
    .description('judge the gate and move it on to paper, or from paper to live money')
    .addOption(new Option('--to <status>', 'where to').choices(['paper', 'active']).makeOptionMandatory())
    .option('--by <user>', 'who asks, for the audit')
    .action(
      action<PromoteOptions>(async (context, options, [reference]) => {
        const { strategy: found, result } = await askStrategy(context, reference, options, (trading, each, by) =>
          trading.promote(each, { to: options.to, by }),
        );
        context.output.answer(result, () => {
          const gate = `${result.gate.gate} by policy ${result.gate.policy}:\n${table(
            result.gate.criteria.map((criterion) => ({ ...criterion })),
            gateColumns,
          )}`;
          const outcome =
            result.approvalUntil === null
              ? `${found.name} is ${result.status}.`
              : `${found.name} waits for an admin's approval until ${utc(result.approvalUntil)}.\n` +
                `Next: mastertrade strategy approve ${found.strategyId} --by USER`;
          return `${gate}\n${outcome}`;
        });
        return exitCodes.ok;
      }),
    );
};
