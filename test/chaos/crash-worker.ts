import { loadConfig } from '../../src/config.ts';
import { runWorker } from '../../src/worker.ts';
import { crashHooks } from './crash-hooks.ts';

/** A worker as any other, but for the steps at which the plan in the file that it is given may kill it. */
const [planFile] = process.argv.slice(2);
if (planFile === undefined) throw new TypeError('give the file with the crash plan');
await runWorker(loadConfig(), crashHooks(planFile));
