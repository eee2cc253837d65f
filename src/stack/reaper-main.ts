/**
 * The reaper: a process that outlives its supervisor by the few seconds it takes to end what the supervisor left.
 * It reads `add <pid> <signal>` and `remove <pid>` lines; the end of its input means that the supervisor is gone, by
 * whatever means, SIGKILL included.
 */
import { createInterface } from 'node:readline';
import { endProcesses, identify, type ProcessIdentity } from './process-identity.ts';

const graceMs = 5_000;
const charges = new Map<number, ProcessIdentity & { stopSignal: NodeJS.Signals }>();

for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => undefined);

const lines = createInterface({ input: process.stdin });
lines.on('line', (line) => {
  const [verb, pidText, stopSignal] = line.split(' ');
  const pid = Number(pidText);
  if (verb === 'remove') charges.delete(pid);
  const identity = verb === 'add' ? identify(pid) : undefined;
  if (identity) charges.set(pid, { ...identity, stopSignal: (stopSignal ?? 'SIGTERM') as NodeJS.Signals });
});
lines.on('close', () => {
  void endProcesses([...charges.values()].toReversed(), graceMs).finally(() => process.exit(0));
});
