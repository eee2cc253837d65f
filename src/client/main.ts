#!/usr/bin/env node
import { enableCompileCache } from 'node:module';
import { helpExitCode, isHelp, reportFailure } from './failure.ts';

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

await run();
