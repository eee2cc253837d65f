import { createRateLimiter } from '../../src/adapters/exchange/rate-limiter.ts';
import { costOf } from '../../src/adapters/exchange/rate-weights.ts';
import { createDatabasePool } from '../../src/adapters/postgres/pool.ts';
import { readRateLimits, writeRateLimits } from '../../src/adapters/postgres/rate-limits.ts';
import type { RateLimit } from '../../src/domain/orders/rate-window.ts';

/** A process that takes a batch from an account's limits, spends part of it, says `holding` and waits to be killed. */
const [, , databaseUrl = '', account = '', limits = '[]'] = process.argv;
const pool = await createDatabasePool(databaseUrl);
const limiter = createRateLimiter({
  book: {
    read: () => readRateLimits(pool, account),
    write: (state, revision) => writeRateLimits(pool, account, state, revision),
  },
});
limiter.limitsAre(JSON.parse(limits) as readonly RateLimit[]);
const klines = costOf('GET', 'https://venue/api/v3/klines');
for (let call = 0; call < 4; call += 1) await limiter.take(klines);
process.stdout.write('holding\n');
setInterval(() => undefined, 60_000);
