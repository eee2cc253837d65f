import { TestWorkflowEnvironment } from '@temporalio/testing';
import { searchAttributes } from '../../src/contracts/search-attributes.ts';
import { findTestServer } from '../../src/stack/test-server.ts';
import './quiet-runtime.ts';

/** Numbers of temporal.api.enums.v1.IndexedValueType. */
const indexedValueTypes = { Keyword: 2, Int: 3 } as const;

/**
 * An environment whose clock jumps while every workflow waits, with our search attributes registered: an upsert of an
 * unknown one would hang its workflow. One per test file, tests in it one after another. It knows neither schedules nor
 * listing, and never suggests to continue as new. `env.sleep` skips time, an awaited update does not; awaiting a result
 * by `env.client` skips to the next timer, which may be a run's time-out in ten years.
 */
export const createTimeSkippingEnvironment = async (): Promise<TestWorkflowEnvironment> => {
  const path = await findTestServer({ log: (line) => void process.stderr.write(`${line}\n`) });
  const env = await TestWorkflowEnvironment.createTimeSkipping({
    server: { executable: { type: 'existing-path', path } },
  });
  await env.connection.operatorService.addSearchAttributes({
    namespace: env.client.options.namespace,
    searchAttributes: Object.fromEntries(
      Object.entries(searchAttributes).map(([name, type]) => [name, indexedValueTypes[type]]),
    ),
  });
  return env;
};
