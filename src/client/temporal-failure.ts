import { isGrpcServiceError, WorkflowNotFoundError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { DomainError, type DomainErrorName } from '../domain/errors.ts';

/** gRPC status codes by number; the library has them as an enum of its own. */
const grpc = { invalidArgument: 3, deadlineExceeded: 4, notFound: 5, unavailable: 14 } as const;

export const temporalUnreachable = (address: string | null, cause?: unknown): DomainError =>
  address === null
    ? new DomainError('TemporalUnreachable', 'no Temporal server is configured and no embedded stack is running', {
        next: 'run mastertrade up, or set TEMPORAL_ADDRESS',
      })
    : new DomainError('TemporalUnreachable', `the Temporal server at ${address} does not answer`, {
        next: 'check that it runs (mastertrade status) and that TEMPORAL_ADDRESS names it',
        details: { address },
        cause,
      });

const applicationFailureIn = (error: unknown): ApplicationFailure | null => {
  for (let each: unknown = error; each instanceof Error; each = each.cause) {
    if (each instanceof ApplicationFailure) return each;
  }
  return null;
};

interface FailureDetails {
  readonly next?: string;
  readonly [name: string]: unknown;
}

/** A refusal of ours carries its next step; anything else is a defect, and only says what it said. */
const fromApplicationFailure = (failure: ApplicationFailure, cause: unknown): Error => {
  const { next, ...details } = (failure.details?.[0] ?? {}) as FailureDetails;
  if (next === undefined) return new Error(failure.message, { cause });
  const name = failure.type as DomainErrorName;
  return new DomainError(name, failure.message, { next, details: details, cause });
};

/** What a failed request to Temporal says, under the name that the workflow or activity gave it. */
export const asDomainError = (error: unknown, asked: { what: string; address: string | null }): unknown => {
  if (error instanceof DomainError) return error;
  const failure = applicationFailureIn(error);
  if (failure) return fromApplicationFailure(failure, error);
  if (error instanceof WorkflowNotFoundError) {
    return new DomainError('NotFound', `${asked.what} has no running workflow`, {
      next: 'mastertrade strategy list shows what there is; any strategy command starts its workflow',
      cause: error,
    });
  }
  const cause = error instanceof Error && isGrpcServiceError(error.cause) ? error.cause : error;
  if (!isGrpcServiceError(cause)) return error;
  const code: number = cause.code;
  if (code === grpc.unavailable || code === grpc.deadlineExceeded) return temporalUnreachable(asked.address, error);
  if (code === grpc.invalidArgument && /search attribute/i.test(cause.details)) {
    return new DomainError('BadInput', `the Temporal server does not know our search attributes: ${cause.details}`, {
      next: 'register them once, as docs/cli.md shows',
      cause: error,
    });
  }
  return error;
};
