import type { Command } from 'commander';
import type { Config } from '../config.ts';
import { exitCodes, reportFailure, type ExitCode } from './failure.ts';
import { createOutput, type Output } from './output.ts';

/** What every command is given. */
export interface CommandContext {
  readonly output: Output;
  /** The environment's configuration, read when a command first asks for it. */
  readonly config: () => Promise<Config>;
}

type Options = Readonly<Record<string, unknown>>;

/**
 * Turns a command's work into commander's action: prints failures, sets the exit code. `work` may answer with an exit
 * code of its own.
 */
export const action =
  <O extends Options>(
    work: (context: CommandContext, options: O, args: readonly string[]) => Promise<ExitCode | void>,
  ) =>
  async (...given: unknown[]): Promise<void> => {
    const command = given.at(-1) as Command;
    const options = command.optsWithGlobals<O & { json?: boolean; verbose?: boolean }>();
    const output = createOutput({ json: options.json === true, verbose: options.verbose === true });
    const context: CommandContext = {
      output,
      config: async () => (await import('../config.ts')).loadConfig(),
    };
    try {
      process.exitCode = (await work(context, options, command.args)) ?? exitCodes.ok;
    } catch (error) {
      process.exitCode = reportFailure(error, output);
    }
  };
