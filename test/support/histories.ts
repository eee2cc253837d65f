import type { WorkflowHandle } from '@temporalio/client';

/** A workflow's history as plain JSON: enums and 64-bit numbers as numbers, bytes as `{ base64 }`. */
export interface RecordedHistory {
  readonly events: readonly RecordedEvent[];
}

interface RecordedEvent {
  readonly workflowExecutionStartedEventAttributes?: {
    readonly workflowId: string;
    readonly workflowType: { readonly name: string };
  };
}

const hasToNumber = (value: object): value is { toNumber(): number } =>
  'toNumber' in value && typeof value.toNumber === 'function';
const isBytes = (value: unknown): value is { base64: string } =>
  typeof value === 'object' && value !== null && 'base64' in value && typeof value.base64 === 'string';

/** A failure's stack trace names files of the machine it came from, and no replay looks at it. */
const leftOut = (name: string, value: unknown): boolean =>
  name === 'stackTrace' || value === null || value === undefined;

/**
 * The SDK's own conversion to JSON and back needs its packages to share one copy of protobufjs, which npm does not
 * grant them; this one is without loss too, and needs nothing.
 */
const toPlain = (value: unknown): unknown => {
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Uint8Array) return { base64: Buffer.from(value).toString('base64') };
  if (Array.isArray(value)) return value.map(toPlain);
  if (hasToNumber(value)) return value.toNumber();
  const parts = Object.entries(value).filter(([name, part]) => !leftOut(name, part));
  return Object.fromEntries(parts.map(([name, part]) => [name, toPlain(part)]));
};

const fromPlain = (value: unknown): unknown => {
  if (isBytes(value)) return Buffer.from(value.base64, 'base64');
  if (Array.isArray(value)) return value.map(fromPlain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, fromPlain(part)]));
};

/** Fetches a history, fit to be kept: without stack traces. */
export const recordedHistory = async (handle: WorkflowHandle): Promise<RecordedHistory> =>
  toPlain(await handle.fetchHistory()) as RecordedHistory;

/** In the form that `Worker.runReplayHistory` takes. */
export const toReplay = (history: RecordedHistory): unknown => fromPlain(history);

/** The id and type of the workflow that a history is of. */
export const startOf = ({ events }: RecordedHistory): { workflowId: string; workflowType: string } => {
  const started = events[0]?.workflowExecutionStartedEventAttributes;
  if (!started) throw new TypeError('the history does not begin with the start of its workflow');
  return { workflowId: started.workflowId, workflowType: started.workflowType.name };
};

/** All text of a history, payloads decoded. */
export const textOf = (history: RecordedHistory): string => {
  const texts: string[] = [];
  const collect = (value: unknown): void => {
    if (typeof value === 'string') texts.push(value);
    else if (isBytes(value)) texts.push(Buffer.from(value.base64, 'base64').toString());
    else if (typeof value === 'object' && value !== null) for (const part of Object.values(value)) collect(part);
  };
  collect(history);
  return texts.join('\n');
};
