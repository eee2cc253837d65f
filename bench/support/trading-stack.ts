import { migrate } from '../../src/adapters/postgres/migrate.ts';
import { searchAttributes } from '../../src/contracts/search-attributes.ts';
import { type Stack, startStack } from '../../src/stack/stack.ts';

/** An embedded stack of its own that trades live on the simulator, whose market goes by the wall clock. @param home its folder */
export const startTradingStack = async (home: string): Promise<Stack> =>
  await startStack({
    home,
    migrate: async (url) => void (await migrate(url)),
    searchAttributes,
    market: { clock: 'wall' },
    worker: true,
    workerEnv: {
      MASTERTRADE_EXCHANGE: 'simulator',
      MASTERTRADE_LIVE: 'on',
      MASTERTRADE_LIVE_VENUE: 'simulator',
      MASTERTRADE_TASK_QUEUES: '',
      MASTERTRADE_LOG_LEVEL: 'error',
    },
    log: () => undefined,
  });
