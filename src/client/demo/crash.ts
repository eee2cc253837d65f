import type { Decision } from '../../contracts/messages.ts';
import { isTerminal, type OrderStatus } from '../../domain/orders/order.ts';
import { waitFor } from './wait-for.ts';

/** What the staging of the crash looks at and acts on. */
export interface CrashPorts {
  /** Whether the venue's ledger has the order. */
  isAccepted(orderId: string): Promise<boolean>;
  orderStatus(orderId: string): Promise<OrderStatus | undefined>;
  killWorker(): Promise<number>;
  startWorker(): Promise<number>;
}

/** How the crash went, told step by step to whoever watches. */
export interface CrashOutcome {
  readonly orderId: string;
  readonly killedPid: number;
  readonly newPid: number;
  /** The row's status when the worker was dead: the venue had accepted, and we did not know. */
  readonly statusAtKill: OrderStatus | undefined;
  readonly statusAfter: OrderStatus;
  /** From the kill to the terminal status. */
  readonly recoverySeconds: number;
}

const acceptPatienceMs = 30_000;
const recoveryPatienceMs = 90_000;

/**
 * Lets the venue accept the entry's order without an answer (the fault is installed already), kills the worker with
 * SIGKILL at that moment, starts another, and waits until the order has ended.
 * @returns null where our own rules refused the order before it was sent.
 * @throws DomainError `ReplayStalled` where the order was never accepted, or never ended.
 */
export const crashDuringEntry = async (
  ports: CrashPorts,
  entry: Decision,
  say: (line: string) => void,
): Promise<CrashOutcome | null> => {
  const accepted = await waitFor(
    async () => {
      if (await ports.isAccepted(entry.decisionId)) return true;
      const status = await ports.orderStatus(entry.decisionId);
      return status !== undefined && isTerminal(status) ? false : undefined;
    },
    acceptPatienceMs,
    `the venue did not accept order ${entry.decisionId}`,
  );
  if (!accepted) return null;
  const killedAt = performance.now();
  const killedPid = await ports.killWorker();
  const statusAtKill = await ports.orderStatus(entry.decisionId);
  say(`The venue has accepted the order, its answer hangs: worker ${killedPid} killed with SIGKILL.`);
  say(`Our row says '${statusAtKill ?? 'nothing'}': what became of the order is not known.`);
  const newPid = await ports.startWorker();
  say(`Worker ${newPid} takes over.`);
  const statusAfter = await waitFor(
    async () => {
      const status = await ports.orderStatus(entry.decisionId);
      return status !== undefined && isTerminal(status) ? status : undefined;
    },
    recoveryPatienceMs,
    `order ${entry.decisionId} did not end after the crash`,
  );
  const recoverySeconds = (performance.now() - killedAt) / 1000;
  say(`It asked the venue, and did not send again: the order is '${statusAfter}' (${recoverySeconds.toFixed(1)} s).`);
  return { orderId: entry.decisionId, killedPid, newPid, statusAtKill, statusAfter, recoverySeconds };
};
