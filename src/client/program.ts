import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { addBacktestCommand } from './commands/backtest.ts';
import { addBreakerCommands } from './commands/breaker/index.ts';
import { addDemoCommand } from './commands/demo.ts';
import { addDownCommand } from './commands/down.ts';
import { addGoalCommands } from './commands/goal/index.ts';
import { addFlattenCommand } from './commands/flatten.ts';
import { addHaltCommand } from './commands/halt.ts';
import { addImportCommand } from './commands/import.ts';
import { addMigrateCommand } from './commands/migrate.ts';
import { addOrderCommands } from './commands/order/index.ts';
import { addOrdersCommand } from './commands/orders.ts';
import { addPortfolioCommand } from './commands/portfolio.ts';
import { addReconcileCommand } from './commands/reconcile.ts';
import { addReportCommand } from './commands/report.ts';
import { addResumeCommand } from './commands/resume.ts';
import { addSimulatorCommand } from './commands/simulator.ts';
import { addStatusCommand } from './commands/status.ts';
import { addStrategyCommands } from './commands/strategy/index.ts';
import { addSweepCommand } from './commands/sweep.ts';
import { addUpCommand } from './commands/up.ts';
import { addUserCommands } from './commands/user.ts';
import { addValidateCommand } from './commands/validate.ts';
import { addWorkerCommand } from './commands/run-worker.ts';

const versionOfPackage = (): string => {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
};

/**
 * The whole command line. Each command says what it takes and loads what it needs only when it runs: `--help` loads
 * nothing but commander.
 */
export const createProgram = ({ json }: { json: boolean }): Command => {
  const program = new Command('mastertrade')
    .description('Durable workflows for algorithmic crypto trading.')
    .version(versionOfPackage())
    .helpCommand(false)
    .option('--json', 'answer with one JSON value on stdout, errors as JSON on stderr')
    .option('--verbose', 'show the stack trace of an error')
    .configureHelp({ showGlobalOptions: true })
    .showSuggestionAfterError()
    .exitOverride()
    // Errors are printed once, by main.ts.
    .configureOutput({ outputError: () => undefined, ...(json && { writeErr: () => undefined }) });

  program.commandsGroup('The stack:');
  addUpCommand(program);
  addDownCommand(program);
  addStatusCommand(program);
  addDemoCommand(program);
  program.commandsGroup('Its parts:');
  addMigrateCommand(program);
  addWorkerCommand(program);
  addSimulatorCommand(program);
  program.commandsGroup('Trading:');
  addStrategyCommands(program);
  addOrdersCommand(program);
  addOrderCommands(program);
  addPortfolioCommand(program);
  addReconcileCommand(program);
  addHaltCommand(program);
  addFlattenCommand(program);
  addResumeCommand(program);
  addBreakerCommands(program);
  addImportCommand(program);
  addBacktestCommand(program);
  addSweepCommand(program);
  addValidateCommand(program);
  addReportCommand(program);
  addGoalCommands(program);
  addUserCommands(program);
  return program;
};
