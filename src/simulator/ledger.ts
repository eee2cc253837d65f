import { closeSync, existsSync, fdatasyncSync, openSync, readFileSync, truncateSync, writeSync } from 'node:fs';
import { DomainError } from '../domain/errors.ts';
import type { LedgerBatch, LedgerEvent } from './ledger-events.ts';
import { applyBatch, emptyState, type LedgerState } from './ledger-state.ts';

export type NumberedEvent = LedgerEvent & { readonly sequence: number; readonly at: number };

export interface Ledger {
  readonly state: LedgerState;
  /** Writes the events to the disk as one line, all or none, and then makes them true. */
  commit(at: number, events: readonly LedgerEvent[]): void;
  /** Events with a greater sequence number than `sequence`, oldest first. */
  eventsAfter(sequence: number): readonly NumberedEvent[];
  close(): void;
}

const parsedLine = (line: string, number: number, file: string): LedgerBatch => {
  try {
    return JSON.parse(line) as LedgerBatch;
  } catch (cause) {
    throw new DomainError('BadInput', `line ${number} of the simulator's ledger ${file} is not JSON`, {
      next: 'restore the ledger, or start with another file',
      cause,
    });
  }
};

/** Reads the batches of a ledger file and cuts off a last line that a crash left unfinished. */
const recover = (file: string): LedgerBatch[] => {
  if (!existsSync(file)) return [];
  const bytes = readFileSync(file);
  const end = bytes.lastIndexOf(0x0a) + 1;
  if (end < bytes.length) truncateSync(file, end);
  const lines = bytes.subarray(0, end).toString('utf8').split('\n').slice(0, -1);
  return lines.map((line, index) => parsedLine(line, index + 1, file));
};

/**
 * Opens the ledger: an append-only file of JSON lines, synced to the disk at each commit, from which the exchange is
 * rebuilt; in memory where `file` is null. A new ledger opens with `balances`; an old one keeps its own.
 * @throws DomainError `BadInput` for a file that is no ledger.
 */
export const openLedger = (file: string | null, balances: Readonly<Record<string, string>>, now: number): Ledger => {
  const state = emptyState();
  const events: NumberedEvent[] = [];
  const take = (batch: LedgerBatch): void => {
    applyBatch(state, batch);
    for (const event of batch.events) events.push({ ...event, sequence: events.length + 1, at: batch.at });
  };
  if (file !== null) for (const batch of recover(file)) take(batch);
  const descriptor = file === null ? null : openSync(file, 'a');
  const commit = (at: number, added: readonly LedgerEvent[]): void => {
    if (added.length === 0) return;
    const batch: LedgerBatch = { at, events: added };
    if (descriptor !== null) {
      writeSync(descriptor, `${JSON.stringify(batch)}\n`);
      fdatasyncSync(descriptor);
    }
    take(batch);
  };
  if (events.length === 0) commit(now, [{ type: 'opened', balances }]);
  return {
    state,
    commit,
    eventsAfter: (sequence) => events.slice(Math.max(0, sequence)),
    close() {
      if (descriptor !== null) closeSync(descriptor);
    },
  };
};
