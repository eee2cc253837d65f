import {
  type Client,
  type Connection,
  WithStartWorkflowOperation,
  WorkflowExecutionAlreadyStartedError,
} from '@temporalio/client';
import {
  type IncidentView,
  type ResolveRequest,
  breakerLookSignal,
  incidentQuery,
  resolveUpdate,
} from '../contracts/breaker.ts';
import { taskQueues } from '../contracts/task-queues.ts';
import { circuitBreakerWorkflowId, incidentWorkflowId } from '../contracts/workflow-ids.ts';
import type { Environment } from '../domain/orders/order.ts';
import { eventEnded } from './event-ended.ts';
import { isPolled } from './worker-presence.ts';

/** An event, as its workflow is named. */
export type IncidentRef = Pick<IncidentView, 'eventId' | 'environment' | 'trigger'>;

/** What can be asked of the circuit breakers. */
export interface BreakerRequests {
  /** Wakes the breaker of an environment, or starts it. The server has to answer within seconds; no worker is waited for. */
  readonly look: (environment: Environment) => Promise<void>;
  /** Whether a worker is there to carry out what was told; the server has to answer within seconds. */
  readonly hasWorker: () => Promise<boolean>;
  /** An incident as its workflow sees it; null before it has looked. */
  readonly incident: (event: IncidentRef) => Promise<IncidentView | null>;
  /** @throws DomainError `NotAuthorized`, `CoolDownRunning`, `ActionsRunning`, `IllegalTransition` where it has ended */
  readonly resolveIncident: (event: IncidentRef, request: ResolveRequest) => Promise<IncidentView>;
}

type Asked = <T>(what: string, work: () => Promise<T>) => Promise<T>;

const answerWithinMs = 3_000;

const breakerStart = (environment: Environment) => ({
  workflowId: circuitBreakerWorkflowId(environment),
  taskQueue: taskQueues.orchestration,
  args: [{ environment }] as const,
  staticSummary: `Circuit breaker (${environment})`,
});

const incidentStart = ({ eventId, environment, trigger }: IncidentRef) =>
  new WithStartWorkflowOperation('circuitBreakerIncident', {
    workflowId: incidentWorkflowId(environment, trigger, eventId),
    taskQueue: taskQueues.orchestration,
    args: [{ eventId, environment, trigger }],
    workflowIdConflictPolicy: 'USE_EXISTING',
    workflowIdReusePolicy: 'ALLOW_DUPLICATE_FAILED_ONLY',
    staticSummary: `${trigger} on ${environment}: event ${eventId}`,
  });

export const createBreakerRequests = (
  { client, connection }: { readonly client: Client; readonly connection: Connection },
  { asked, askedOfWorker }: { readonly asked: Asked; readonly askedOfWorker: Asked },
): BreakerRequests => ({
  look: (environment) =>
    asked(`the circuit breaker of ${environment}`, async () => {
      await connection.withDeadline(Date.now() + answerWithinMs, () =>
        client.workflow.signalWithStart('circuitBreaker', { ...breakerStart(environment), signal: breakerLookSignal }),
      );
    }),
  hasWorker: () =>
    asked('the task queue', () =>
      connection.withDeadline(Date.now() + answerWithinMs, () =>
        isPolled(connection, { namespace: client.options.namespace, taskQueue: taskQueues.orchestration }),
      ),
    ),
  incident: ({ eventId, environment, trigger }) =>
    askedOfWorker(`incident ${eventId}`, () =>
      client.workflow.getHandle(incidentWorkflowId(environment, trigger, eventId)).query(incidentQuery),
    ),
  resolveIncident: (event, request) =>
    askedOfWorker(`incident ${event.eventId}`, async () => {
      const startWorkflowOperation = incidentStart(event);
      try {
        return await client.workflow.executeUpdateWithStart(resolveUpdate, { args: [request], startWorkflowOperation });
      } catch (error) {
        if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
        throw eventEnded(event.eventId, 'already', error);
      }
    }),
});
