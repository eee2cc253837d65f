import { join } from 'node:path';

/** Where each thing lies in a state folder. Everything but `logs` has to be kept for nothing to be lost. */
export const layoutOf = (home: string) => ({
  home,
  /** Addresses and process ids of the running stack; there only while it runs. */
  stackFile: join(home, 'stack.json'),
  /** The processes started so far, for whoever takes over after a supervisor that was killed. */
  processesFile: join(home, 'processes.json'),
  lockFile: join(home, 'stack.lock'),
  /** The ports used last, so that addresses stay the same from one start to the next. */
  portsFile: join(home, 'ports.json'),
  /** The simulator's API key, made at the first start. */
  simulatorKeyFile: join(home, 'simulator-key.json'),
  postgresData: join(home, 'postgres'),
  temporalFolder: join(home, 'temporal'),
  temporalDatabase: join(home, 'temporal', 'temporal.db'),
  simulatorFolder: join(home, 'simulator'),
  simulatorLedger: join(home, 'simulator', 'ledger.jsonl'),
  logs: join(home, 'logs'),
});

export type Layout = ReturnType<typeof layoutOf>;
