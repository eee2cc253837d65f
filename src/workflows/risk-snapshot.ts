import { getExternalWorkflowHandle } from '@temporalio/workflow';
import { breakerLookSignal } from '../contracts/breaker.ts';
import type { RiskSnapshot, SkippedSnapshot } from '../contracts/portfolio.ts';
import { circuitBreakerWorkflowId } from '../contracts/workflow-ids.ts';
import type { Environment } from '../domain/orders/order.ts';
import { portfolio } from './activity-proxies.ts';
import { takeSnapshot } from './snapshot.ts';
import { tell } from './tell.ts';

/** Writes an environment's risk figures, carries its equity index on, and lets its breaker look at them, once. */
export async function riskSnapshot({
  environment,
}: {
  readonly environment: Environment;
}): Promise<RiskSnapshot | SkippedSnapshot> {
  const taken = await takeSnapshot(environment, portfolio.snapshotRisk);
  if (!('skipped' in taken)) {
    await tell(() => getExternalWorkflowHandle(circuitBreakerWorkflowId(environment)).signal(breakerLookSignal));
  }
  return taken;
}
