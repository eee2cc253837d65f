#!/usr/bin/env node
import { enableCompileCache } from 'node:module';
import { exitCodes, helpExitCode, isHelp, reportFailure } from './failure.ts';

const neededNode = 24;
const foundNode = Number.parseInt(process.versions.node, 10);
const flags = { json: process.argv.includes('--json'), verbose: process.argv.includes('--verbose') };

// A reader that has seen enough (head, less) is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

const run = async (): Promise<void> => {
  // Compiled code is kept between runs: half of what a short command takes.
  enableCompileCache();
  const { createProgram } = await import('./program.ts');
  try {
    await createProgram(flags).parseAsync();
  } catch (error) {
    process.exitCode = isHelp(error, flags) ? helpExitCode(error) : reportFailure(error, flags);
  }
};

if (foundNode < neededNode) {
  process.stderr.write(
    `mastertrade needs Node ${neededNode} and this is ${process.versions.node}: ` +
      `run it with npx mastertrade or npm run mastertrade in its folder, which bring Node ${neededNode} along.\n`,
  );
  process.exitCode = exitCodes.environment;
} else {
  await run();
}
