import { WorkflowNotFoundError, WorkflowUpdateFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { describe, expect, it } from 'vitest';
import { failureOf } from '../../src/client/failure.ts';
import { asDomainError } from '../../src/client/temporal-failure.ts';

/** gRPC status codes. */
const status = { INVALID_ARGUMENT: 3, DEADLINE_EXCEEDED: 4, UNAVAILABLE: 14 };

const asked = { what: 'strategy sma-cross', address: 'host:7233' };

const grpcError = (code: number, details: string): Error =>
  Object.assign(new Error(details), { code, details, metadata: {} });

describe('a failed request to a workflow', () => {
  it('keeps the name, the next step and the facts of a refusal', () => {
    const refusal = ApplicationFailure.nonRetryable('the gate is not met', 'GateNotMet', {
      next: 'backtest it on more candles',
      gate: 'backtested→paper',
    });
    const error = asDomainError(new WorkflowUpdateFailedError('Workflow Update failed', refusal), asked);
    expect(failureOf(error)).toEqual({
      error: 'GateNotMet',
      message: 'the gate is not met',
      next: 'backtest it on more candles',
      details: { gate: 'backtested→paper' },
      exitCode: 1,
    });
  });

  it('says what a defect said, not only that an update failed', () => {
    const defect = ApplicationFailure.nonRetryable('x is not a function', 'TypeError');
    const error = asDomainError(new WorkflowUpdateFailedError('Workflow Update failed', defect), asked);
    expect(failureOf(error)).toMatchObject({ error: 'Unexpected', message: 'x is not a function', exitCode: 1 });
  });

  it('names a workflow that does not run', () => {
    const error = asDomainError(new WorkflowNotFoundError('no rows', 'strategy/1', undefined), asked);
    expect(failureOf(error)).toMatchObject({ error: 'NotFound', message: expect.stringContaining('sma-cross') });
  });

  it.each([
    ['is not reachable', status.UNAVAILABLE],
    ['does not answer in time', status.DEADLINE_EXCEEDED],
  ])('names a server that %s', (_title, code) => {
    const error = asDomainError(new Error('failed to start', { cause: grpcError(code, 'no') }), asked);
    expect(failureOf(error)).toMatchObject({ error: 'TemporalUnreachable', exitCode: 3 });
  });

  it('names search attributes that the server does not know', () => {
    const unknown = grpcError(
      status.INVALID_ARGUMENT,
      'Namespace default has no mapping defined for search attribute MtGate',
    );
    expect(failureOf(asDomainError(unknown, asked))).toMatchObject({ error: 'BadInput', exitCode: 2 });
  });

  it('leaves an error it does not know as it is', () => {
    const error = new Error('something else');
    expect(asDomainError(error, asked)).toBe(error);
  });
});
