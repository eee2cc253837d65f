import { enableCompileCache } from 'node:module';
import { workerData } from 'node:worker_threads';

/**
 * Where a thread of the compute pool starts. A process that keeps compiled code between its runs has its threads do so as well:
 * that halves the time until a thread answers.
 */
if ((workerData as { compileCache: boolean }).compileCache) enableCompileCache();

await import('./backtest-thread.ts');
