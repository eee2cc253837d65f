import { TestWorkflowEnvironment } from '@temporalio/testing';
import { findTestServer } from '../../src/stack/test-server.ts';

/**
 * An environment whose clock jumps while every workflow waits. One per test file, tests in it one after another;
 * use `env.client`. It knows neither schedules nor listing, and an awaited update does not skip time.
 */
export const createTimeSkippingEnvironment = async (): Promise<TestWorkflowEnvironment> => {
  const path = await findTestServer({ log: (line) => void process.stderr.write(`${line}\n`) });
  return TestWorkflowEnvironment.createTimeSkipping({ server: { executable: { type: 'existing-path', path } } });
};
