/** A supervisor of its own, for tests that end it by force: `node supervisor-fixture.ts <home>`. */
import { startStack } from '../../src/stack/stack.ts';
import { superviseUntilSignal } from '../../src/stack/control.ts';

const stack = await startStack({
  home: process.argv[2] as string,
  external: { exchange: 'elsewhere' },
  migrate: () => Promise.resolve(),
  searchAttributes: {},
  durable: false,
  log: () => undefined,
});
process.stdout.write('ready\n');
await superviseUntilSignal(stack);
