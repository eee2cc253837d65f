import { describe, expect, it } from 'vitest';
import { startSwitchedSocket } from './switched-socket.ts';
import {
  type Expected,
  type Fault,
  type Kind,
  askings,
  asks,
  expectFailure,
  fatal,
  posts,
  refused,
  reject,
  routes,
  took,
  unsure,
  useFailureBench,
  wait,
} from './failure-bench.ts';

/**
 * What each failure means, row by row, by the errors that the unmodified ccxt class throws at the simulator: none is made
 * by hand.
 */
const bench = useFailureBench();

const row = (
  what: string,
  fault: Fault,
  { taken = false, ...expected }: Expected & { readonly taken?: boolean },
  kind: Kind = 'steady',
) => ({ what, fault, expected, taken, kind });

describe('an order or a pair that meets a fault', () => {
  const table = [
    // Surely not taken, and never will be.
    row('no balance', reject(-2010, 'Account has insufficient balance for requested action.'), refused('-2010')),
    row('a -2010 nobody has seen', reject(-2010, 'Rest of the book is gone.'), refused('-2010')),
    row('market closed', reject(-1013, 'Market is closed.'), refused('-1013')),
    row('MIN_NOTIONAL', reject(-1013, 'Filter failure: MIN_NOTIONAL'), refused('-1013')),
    row('MAX_NUM_ORDERS', reject(-1013, 'Filter failure: MAX_NUM_ORDERS'), refused('-1013')),
    row('precision', reject(-1111, 'Precision is over the maximum defined for this asset.'), refused('-1111')),
    row('unsupported composition', reject(-1014, 'Unsupported order combination.'), refused('-1014')),
    row('unsupported operation', reject(-1020, 'This operation is not supported.'), refused('-1020')),
    row('illegal list types', reject(-1158, 'Order type not supported in OCO.'), refused('-1158')),
    row('a bad request of a new code', reject(-1199, 'Mandatory parameter was empty.'), refused('-1199')),
    // Key, permission, account.
    row('key or permission', reject(-2015, 'Invalid API-key, IP, or permissions for action.', 401), fatal('-2015')),
    row('key or permission, as 400', reject(-2015, 'Invalid API-key, IP, or permissions for action.'), fatal('-2015')),
    row('key format', reject(-2014, 'API-key format invalid.', 401), fatal('-2014')),
    row('key id', reject(-2008, 'Invalid Api-Key ID.'), fatal('-2008')),
    row('signature', reject(-1022, 'Signature for this request is not valid.'), fatal('-1022')),
    row('unauthorised', reject(-1002, 'You are not authorized to execute this request.', 401), fatal('-1002')),
    row('not authorised', reject(-1099, 'Not found, authenticated, or authorized.'), fatal('-1099')),
    row('symbol not permitted', reject(-2010, 'This symbol is not permitted for this account.'), fatal('-2010')),
    // Surely not taken, may be sent again.
    row('429', { kind: 'ban', status: 429, ms: 7_000 }, { ...wait('-1003'), retryAfterMs: 7_000 }),
    row('418', { kind: 'ban', status: 418, ms: 120_000 }, { ...wait('-1003'), retryAfterMs: 120_000 }),
    row('weight used up, as 400', reject(-1003, 'Too much request weight used.'), wait('-1003')),
    row(
      'too many orders',
      reject(-1015, 'Too many new orders; current limit is 50 orders per 10 SECOND.'),
      wait('-1015'),
    ),
    row('too many orders, as 429', reject(-1015, 'Too many new orders.', 429), {
      ...wait('-1015'),
      retryAfterMs: 60_000,
    }),
    row('a clock behind', { kind: 'clock-shift', ms: 60_000 }, wait('-1021')),
    row('a clock ahead', { kind: 'clock-shift', ms: -60_000 }, wait('-1021')),
    // May have been taken.
    row('duplicate', reject(-2010, 'Duplicate order sent.'), unsure('-2010')),
    row('maintenance', { kind: 'maintenance' }, unsure('1')),
    row('maintenance, as 200', reject(1, 'System is under maintenance.', 200), unsure('1')),
    row('internal error', reject(-1000, 'An unknown error occurred while processing the request.'), unsure('-1000')),
    row('disconnected', reject(-1001, 'Internal error; unable to process your request.'), unsure('-1001')),
    row('server busy', reject(-1004, 'Server is busy, please wait and try again'), unsure('-1004')),
    row('unexpected response', reject(-1006, 'Execution status unknown.'), unsure('-1006')),
    row('backend time-out', reject(-1007, 'Send status unknown; execution status unknown.'), unsure('-1007')),
    row('overloaded', reject(-1008, 'Server is currently overloaded.', 503), unsure('-1008')),
    row('a code nobody knows', reject(-9999, 'What is this'), unsure('-9999')),
    row('no such order, of all things', reject(-2013, 'Order does not exist.'), unsure('-2013')),
    row('cancel and replace failed', reject(-2022, 'Order cancel-replace failed.'), unsure('-2022')),
    row('403', reject(-1000, 'Forbidden.', 403), unsure('-1000')),
    row('500 with a code', { kind: 'error', status: 500, code: -1000 }, took('-1000')),
    row('502', { kind: 'error', status: 502 }, took(null)),
    row('503', { kind: 'error', status: 503 }, took(null)),
    row('504', { kind: 'error', status: 504 }, took(null)),
    row('503 with the code of a filter', { kind: 'error', status: 503, code: -1013 }, took('-1013')),
    row('503 with the code of a limit', { kind: 'error', status: 503, code: -1003 }, took('-1003')),
    row('503 with the code of the clock', { kind: 'error', status: 503, code: -1021 }, took('-1021')),
    row('reset', { kind: 'reset' }, took(null)),
    row('truncate', { kind: 'truncate' }, took(null)),
    row('hang', { kind: 'hang' }, took(null), 'hasty'),
    row('delay of the reply', { kind: 'delay', ms: 1_300 }, took(null), 'hasty'),
  ];

  for (const call of posts) {
    it.each(table)(`${call}: $what`, async ({ fault, expected, taken, kind }) => {
      const n = bench.freshId();
      const connection = bench.connection(kind);
      await bench.simulated().admin('faults', { ...fault, route: routes[call] });
      await expectFailure(bench.post(call, n, connection), expected);
      expect(await bench.wasTaken(n)).toBe(taken);
      if (expected.verdict !== 'ambiguous') expect(taken).toBe(false);
    });

    it(`${call}: a delay before it takes effect, which it does after its time-out`, async () => {
      const n = bench.freshId();
      const connection = bench.connection('hasty');
      await bench.simulated().admin('faults', { kind: 'delay', ms: 1_300, before: 'effect', route: routes[call] });
      await expectFailure(bench.post(call, n, connection), { verdict: 'ambiguous', code: null });
      expect(await bench.wasTaken(n)).toBe(false);
      await expect.poll(() => bench.wasTaken(n), { timeout: 5_000 }).toBe(true);
    });
  }
});

describe('a question that meets a fault', () => {
  const table = [
    row('key or permission', reject(-2015, 'Invalid API-key, IP, or permissions for action.', 401), fatal('-2015')),
    row('key format', reject(-2014, 'API-key format invalid.', 401), fatal('-2014')),
    row('account disabled', reject(-2011, 'This action is disabled on this account.'), fatal('-2011')),
    row('429', { kind: 'ban', status: 429, ms: 7_000 }, { ...wait('-1003'), retryAfterMs: 7_000 }),
    row('418', { kind: 'ban', status: 418, ms: 120_000 }, { ...wait('-1003'), retryAfterMs: 120_000 }),
    row('weight used up, as 400', reject(-1003, 'Too much request weight used.'), wait('-1003')),
    row('internal error', reject(-1000, 'An unknown error occurred while processing the request.'), wait('-1000')),
    row('backend time-out', reject(-1007, 'Timeout waiting for response from backend server.'), wait('-1007')),
    row('server busy', reject(-1004, 'Server is busy, please wait and try again'), wait('-1004')),
    row('a code nobody knows', reject(-9999, 'What is this'), wait('-9999')),
    row('maintenance', { kind: 'maintenance' }, wait('1')),
    row('500 with a code', { kind: 'error', status: 500, code: -1000 }, wait('-1000')),
    row('502', { kind: 'error', status: 502 }, wait(null)),
    row('503', { kind: 'error', status: 503 }, wait(null)),
    row('504', { kind: 'error', status: 504 }, wait(null)),
    row('reset', { kind: 'reset' }, wait(null)),
    row('truncate', { kind: 'truncate' }, wait(null)),
    row('hang', { kind: 'hang' }, wait(null), 'hasty'),
    row('delay', { kind: 'delay', ms: 1_300 }, wait(null), 'hasty'),
  ];
  for (const call of asks) {
    it.each(table)(`${call}: $what`, async ({ fault, expected, kind }) => {
      const n = bench.freshId();
      const { client } = bench.connection(kind);
      await bench.post('createOrder', n, bench.connection());
      await bench.simulated().admin('faults', { ...fault, route: routes[call] });
      const ask = client.call(call, 'signed', (ccxt) => askings[call](ccxt, n));
      await expectFailure(ask, expected);
    });
  }

  it.each(['cancelOrder', 'fetchOrder'] as const)('%s: a clock that stays wrong is no answer', async (call) => {
    const n = bench.freshId();
    const { client } = bench.connection();
    await bench.post('createOrder', n, bench.connection());
    await bench.simulated().admin('faults', { kind: 'clock-shift', ms: 60_000, times: 2, route: routes[call] });
    const asked = () => client.call(call, 'signed', (ccxt) => askings[call](ccxt, n));
    await expectFailure(asked(), { verdict: 'wait', code: '-1021' });
    await expect(asked()).resolves.toBeDefined();
  });
});

describe('a venue that is not reached', () => {
  /** A client that has markets and a clock already, behind a socket. */
  const behind = async () => {
    const socket = await startSwitchedSocket(bench.simulated().url);
    const connection = await bench.connect({ baseUrl: socket.url, clockTtlMs: 60_000 });
    await connection.client.clock.now();
    return { socket, ...connection };
  };

  for (const what of ['resets every connection', 'does not listen any more'] as const) {
    const cutOff = async () => {
      const { socket, ...connection } = await behind();
      if (what === 'resets every connection') socket.resetFromNowOn();
      else await socket.close();
      return { socket, connection };
    };

    it.each(posts)(`%s: one that ${what}`, async (call) => {
      const n = bench.freshId();
      const { socket, connection } = await cutOff();
      await expectFailure(bench.post(call, n, connection, { sentAt: connection.client.clock.read() }), {
        verdict: 'ambiguous',
        code: null,
      });
      expect(await bench.wasTaken(n)).toBe(false);
      await socket.close().catch(() => undefined);
    });

    it.each(asks)(`%s: one that ${what}`, async (call) => {
      const { socket, connection } = await cutOff();
      const ask = connection.client.call(call, 'signed', (ccxt) => askings[call](ccxt, 1));
      await expectFailure(ask, { verdict: 'wait', code: null });
      await socket.close().catch(() => undefined);
    });
  }

  it('an order waits where not even the time could be asked', async () => {
    const socket = await startSwitchedSocket(bench.simulated().url);
    const connection = await bench.connect({ baseUrl: socket.url });
    socket.resetFromNowOn();
    await expectFailure(bench.post('createOrder', bench.freshId(), connection), { verdict: 'wait', code: null });
    await socket.close();
  });
});

describe('what a failure says', () => {
  it("leaves out the signed address that ccxt's own message has", async () => {
    const n = bench.freshId();
    const { client } = bench.connection('hasty');
    await bench.simulated().admin('faults', { kind: 'hang', route: routes.fetchOrder });
    let ofCcxt = '';
    const ask = client.call('fetchOrder', 'signed', async (ccxt) => {
      try {
        return await askings.fetchOrder(ccxt, n);
      } catch (error) {
        ofCcxt = String(error);
        throw error;
      }
    });
    await expectFailure(ask, wait(null));
    expect(ofCcxt).toMatch(/timestamp=.*signature=/);
  });
});
