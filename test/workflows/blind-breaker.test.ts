import { readFile } from 'node:fs/promises';
import { ApplicationFailure } from '@temporalio/common';
import { NativeConnection, Worker } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { AlertDraft, LifecycleActivities } from '../../src/contracts/activities.ts';
import { type BreakerActivities, type BreakerView, breakerQuery } from '../../src/contracts/breaker.ts';
import { taskQueues } from '../../src/contracts/task-queues.ts';
import { circuitBreakerWorkflowId } from '../../src/contracts/workflow-ids.ts';
import { look } from '../support/incidents.ts';
import { type TestNamespace, createNamespace } from '../support/namespace.ts';
import '../support/quiet-runtime.ts';

/** No facts are known that can't be judged: these activities have some. */
const answers: (BreakerView | null)[] = [null, { environment: 'paper', state: 'ACTIVE', open: [] }];
const alerts: AlertDraft[] = [];
const activities: Pick<BreakerActivities & LifecycleActivities, 'evaluateBreaker' | 'raiseAlert'> = {
  evaluateBreaker: () => {
    const answer = answers.shift();
    return answer
      ? Promise.resolve(answer)
      : Promise.reject(ApplicationFailure.nonRetryable('the figures make no sense', 'BadInput'));
  },
  raiseAlert: (alert) => {
    alerts.push(alert);
    return Promise.resolve();
  },
};

let namespace: TestNamespace;
let connection: NativeConnection;
let worker: Worker;
let running: Promise<void>;

beforeAll(async () => {
  namespace = await createNamespace();
  connection = await NativeConnection.connect({ address: inject('temporalAddress') });
  worker = await Worker.create({
    connection,
    namespace: namespace.client.options.namespace,
    taskQueue: taskQueues.orchestration,
    workflowBundle: { code: await readFile(inject('workflowBundlePath'), 'utf8') },
    activities,
  });
  running = worker.run();
});
afterAll(async () => {
  worker.shutdown();
  await running;
  await connection.close();
  await namespace.close();
});

describe('a breaker whose triggers cannot be judged', () => {
  it('tells a person, goes on, and looks again', async () => {
    const { client } = namespace;
    const breaker = await client.workflow.start('circuitBreaker', {
      workflowId: circuitBreakerWorkflowId('paper'),
      taskQueue: taskQueues.orchestration,
      args: [{ environment: 'paper' }],
    });
    await expect
      .poll(() => alerts, { timeout: 10_000 })
      .toMatchObject([{ type: 'breaker_blind', severity: 'critical', message: 'the figures make no sense' }]);
    expect(await breaker.query(breakerQuery)).toBeNull();
    await look(client, 'paper');
    await expect
      .poll(() => breaker.query(breakerQuery), { timeout: 10_000 })
      .toMatchObject({ state: 'ACTIVE', open: [] });
    expect((await breaker.describe()).status.name).toBe('RUNNING');
  });
});
