import type { Command } from 'commander';
import { numberArgument } from '../arguments.ts';
import { type EnvironmentChoice, environmentOption } from './environment-option.ts';

/** What is said of a stop by hand: where, why, who asks, and how many seconds to wait for what follows. */
export interface StopOptions extends Readonly<Record<string, unknown>> {
  readonly environment: EnvironmentChoice;
  readonly reason: string;
  readonly by?: string;
  readonly wait: number;
}

/** Gives a command the options of a stop. @param wait seconds, where nothing is said */
export const withStopOptions = (command: Command, wait: number): Command =>
  command
    .addOption(environmentOption('where'))
    .requiredOption('--reason <text>', 'why, for the audit')
    .option('--by <user>', 'who asks, for the audit')
    .option('--wait <seconds>', 'how long to wait for what follows', numberArgument('--wait', 0, 3_600), wait);
