import type { Command } from 'commander';
import { action } from '../../action.ts';
import { timeArgument } from '../../arguments.ts';
import { withDatabase } from '../../sessions.ts';
import { addTermOptions, type TermOptions } from './terms.ts';

export interface SimulateOptions extends TermOptions {
  readonly strategy?: string;
  /** Epoch ms. */
  readonly from?: number;
  readonly to?: number;
}

export const addSimulateCommand = (goal: Command): void => {
  const command = goal
    .command('simulate')
    .description("show on a history what a goal's loop would have done, hour by hour; nothing is written");
  addTermOptions(command)
    .option(
      '--strategy <strategy>',
      "on the curve of its newest stored backtest instead of an environment's own equity",
    )
    .option('--from <time>', 'first hour', timeArgument('--from'))
    .option('--to <time>', 'last hour', timeArgument('--to'))
    .action(
      action<SimulateOptions>(async ({ output, config }, options) => {
        const { simulateStored } = await import('../../goal-simulation.ts');
        const simulated = await withDatabase(await config(), (pool) => simulateStored(pool, options));
        const { simulationAnswer, simulationText } = await import('../../goal-simulation-text.ts');
        output.answer(simulationAnswer(simulated), () => simulationText(simulated));
      }),
    );
};
