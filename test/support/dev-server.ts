import { TestWorkflowEnvironment } from '@temporalio/testing';
import { inject } from 'vitest';
import './provided.ts';
import './quiet-runtime.ts';

/** The run's real Temporal server, which skips no time. Its workflows outlive a test file: end those that are left. */
export const connectToDevServer = (): Promise<TestWorkflowEnvironment> =>
  TestWorkflowEnvironment.createFromExistingServer({ address: inject('temporalAddress') });
