import { defineSearchAttributeKey, type SearchAttributeType } from '@temporalio/common';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { inject } from 'vitest';
import { searchAttributes } from '../../src/contracts/search-attributes.ts';
import { findTemporalBinary } from '../../src/stack/temporal-binary.ts';
import './provided.ts';
import './quiet-runtime.ts';

/** The run's real Temporal server, which skips no time. Its workflows outlive a test file: end those that are left. */
export const connectToDevServer = (): Promise<TestWorkflowEnvironment> =>
  TestWorkflowEnvironment.createFromExistingServer({ address: inject('temporalAddress') });

/** A real server of a test file's own, which suggests to continue as new after `events` events and not after 4096. */
export const startImpatientServer = async (events: number): Promise<TestWorkflowEnvironment> => {
  const path = await findTemporalBinary({ log: (line) => void process.stderr.write(`${line}\n`) });
  return TestWorkflowEnvironment.createLocal({
    server: {
      executable: { type: 'existing-path', path },
      searchAttributes: Object.entries(searchAttributes).map(([name, type]) =>
        defineSearchAttributeKey(name, type.toUpperCase() as SearchAttributeType),
      ),
      extraArgs: ['--dynamic-config-value', `limit.historyCount.suggestContinueAsNew=${events}`],
    },
  });
};
