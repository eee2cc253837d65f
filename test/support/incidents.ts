import type { Client, WorkflowHandle } from '@temporalio/client';
import { type DatabasePool, sql } from 'slonik';
import { z } from 'zod';
import { lockTradingState } from '../../src/adapters/postgres/breaker/trading-state.ts';
import { type NewEvent, fire } from '../../src/adapters/postgres/breaker/trip.ts';
import { type IncidentView, breakerLookSignal, incidentQuery } from '../../src/contracts/breaker.ts';
import { circuitBreakerWorkflowId, incidentWorkflowId } from '../../src/contracts/workflow-ids.ts';
import type { circuitBreakerIncident } from '../../src/workflows/circuit-breaker-incident.ts';

const dayMs = 86_400_000;

type Fired = Pick<NewEvent, 'environment' | 'actions' | 'coolDownUntil'> & Partial<NewEvent>;

/** A drawdown of 25 % that halts an environment, written as the breaker writes it; by default a day before it has cooled down, and nobody has to approve its end. */
export const fireEvent = async (pool: DatabasePool, event: Fired): Promise<number> =>
  await pool.transaction(async (tx) => {
    await lockTradingState(tx, event.environment);
    const { eventId } = await fire(tx, {
      trigger: 'drawdown',
      measured: { threshold: 20, actual: 25 },
      state: 'HALTED',
      reason: 'equity is 25 % below its peak',
      marketTime: (event.coolDownUntil ?? 0) - dayMs,
      now: Date.now(),
      policy: { state: 'HALTED', actions: event.actions, requiresApproval: false },
      remindHours: 4,
      by: 'test',
      facts: {},
      ...event,
    });
    return eventId;
  });

/** Wakes the breaker of an environment. */
export const look = async (client: Client, environment: 'paper' | 'live'): Promise<void> =>
  await client.workflow.getHandle(circuitBreakerWorkflowId(environment)).signal(breakerLookSignal);

/** The incident of a drawdown. */
export const incidentOf = (
  client: Client,
  environment: 'paper' | 'live',
  eventId: number,
): WorkflowHandle<typeof circuitBreakerIncident> =>
  client.workflow.getHandle(incidentWorkflowId(environment, 'drawdown', eventId));

/** What the incident's workflow knows; null before it has looked. */
export const viewOf = async (incident: WorkflowHandle): Promise<IncidentView | null> => {
  try {
    return await incident.query(incidentQuery);
  } catch (error) {
    if (error instanceof Error && error.name === 'WorkflowNotFoundError') return null;
    throw error;
  }
};

/** The actions of an event as its row has them: `action status`. */
export const actionsOf = async (pool: DatabasePool, eventId: number): Promise<readonly string[]> =>
  await pool.anyFirst(sql.type(z.object({ taken: z.string() }))`
    SELECT (taken ->> 'action') || ' ' || (taken ->> 'status') AS taken
    FROM circuit_breaker_events, jsonb_array_elements(actions_taken) AS taken WHERE id = ${eventId}`);

export const tradingStateOf = async (pool: DatabasePool, environment: 'paper' | 'live'): Promise<string> =>
  await pool.oneFirst(sql.type(z.object({ state: z.string() }))`
    SELECT state FROM trading_state WHERE environment = ${environment}`);
