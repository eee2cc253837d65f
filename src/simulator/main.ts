import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { DomainError } from '../domain/errors.ts';
import { type Interval, parseInterval } from '../domain/market/interval.ts';
import { type MarketOptions, type SimulatorOptions, startSimulator } from './server.ts';

const badArgument = (name: string, value: string, form: string): DomainError =>
  new DomainError('BadInput', `--${name} ${value} is not ${form}`, { next: `give ${form}` });

const wholeNumber = (name: string, value: string): number => {
  if (!/^\d+$/.test(value)) throw badArgument(name, value, 'a whole number');
  return Number(value);
};

/** Epoch ms of an ISO time, or of epoch ms written out. */
const moment = (name: string, value: string): number => {
  const time = /^\d+$/.test(value) ? Number(value) : Date.parse(value);
  if (Number.isNaN(time)) throw badArgument(name, value, 'a time such as 2024-01-01T00:00:00Z');
  return time;
};

const quotes = ['USDT', 'USDC', 'FDUSD', 'BUSD', 'EUR', 'USD', 'BTC', 'ETH', 'BNB'];

/** `BTCUSDT` is BTC priced in USDT. */
const assetsOf = (symbol: string): { base: string; quote: string } => {
  const quote = quotes.find((candidate) => symbol.endsWith(candidate) && symbol.length > candidate.length);
  if (quote === undefined) throw badArgument('symbol', symbol, `a symbol that ends in one of ${quotes.join(', ')}`);
  return { base: symbol.slice(0, -quote.length), quote };
};

const readMarket = async (
  values: Readonly<{ candles?: string | undefined; symbol: string; seed: string; interval?: string | undefined }>,
): Promise<MarketOptions> => {
  const market = { symbol: values.symbol, ...assetsOf(values.symbol) };
  const asked: Interval | null = values.interval === undefined ? null : parseInterval(values.interval);
  if (values.candles === undefined) {
    return { ...market, interval: asked ?? '1m', generator: { seed: wholeNumber('seed', values.seed) } };
  }
  const { parseCandleCsv } = await import('../adapters/files/candle-csv.ts');
  const { candles, interval } = parseCandleCsv(await readFile(values.candles, 'utf8'), values.candles);
  if (asked !== null && asked !== interval)
    throw badArgument('interval', asked, `${interval}, as in ${values.candles}`);
  return { ...market, interval, candles };
};

const balancesOf = (pairs: readonly string[]): Readonly<Record<string, string>> =>
  Object.fromEntries(
    pairs.map((pair) => {
      const [asset, amount] = pair.split('=');
      if (asset === undefined || amount === undefined || !/^\d+(\.\d+)?$/.test(amount)) {
        throw badArgument('balance', pair, 'an amount such as USDT=10000');
      }
      return [asset, amount];
    }),
  );

const readOptions = async (): Promise<SimulatorOptions> => {
  const { values } = parseArgs({
    options: {
      host: { type: 'string', default: '127.0.0.1' },
      port: { type: 'string', default: '0' },
      candles: { type: 'string' },
      symbol: { type: 'string', default: 'BTCUSDT' },
      interval: { type: 'string' },
      ledger: { type: 'string' },
      clock: { type: 'string', default: 'wall' },
      seed: { type: 'string', default: '1' },
      start: { type: 'string' },
      balance: { type: 'string', multiple: true, default: ['USDT=10000'] },
    },
  });
  const { clock } = values;
  if (clock !== 'wall' && clock !== 'stepped') throw badArgument('clock', clock, 'wall or stepped');
  const { SIMULATOR_API_KEY: apiKey = '', SIMULATOR_API_SECRET: secret = '' } = process.env;
  if (apiKey === '' || secret === '') {
    throw new DomainError('BadInput', 'the simulator has no API key to check requests against', {
      next: 'set SIMULATOR_API_KEY and SIMULATOR_API_SECRET',
    });
  }
  return {
    apiKey,
    secret,
    host: values.host,
    port: wholeNumber('port', values.port),
    clock,
    markets: [await readMarket(values)],
    balances: balancesOf(values.balance),
    ledger: values.ledger ?? null,
    ...(values.start === undefined ? {} : { start: moment('start', values.start) }),
  };
};

try {
  const simulator = await startSimulator(await readOptions());
  let ending = false;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (ending) return;
      ending = true;
      void simulator.close();
    });
  }
  process.stdout.write(`${JSON.stringify({ url: simulator.url })}\n`);
} catch (error) {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  const next = error instanceof DomainError ? ` (${error.next})` : '';
  process.stderr.write(`${name}: ${message}${next}\n`);
  process.exitCode = 1;
}
