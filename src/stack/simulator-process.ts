import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { Child, LineLog } from './child.ts';
import type { Layout } from './layout.ts';
import { startReadyChild } from './ready-child.ts';
import { readJson, writeJson } from './state-files.ts';

const simulatorProgram = fileURLToPath(new URL('../simulator/main.ts', import.meta.url));

/** The market the simulator offers. Left out, its own defaults hold. */
export type SimulatedMarket = Readonly<{
  clock?: 'wall' | 'stepped';
  /** CSV of candles; left out, the market is generated from the seed. */
  candlesFile?: string;
  symbol?: string;
  interval?: string;
  seed?: string;
  /** ISO time or ms at which the market begins. */
  start?: string;
}>;

const keySchema = z.object({ apiKey: z.string(), apiSecret: z.string() });
export type SimulatorKey = Readonly<z.infer<typeof keySchema>>;

const readKey = async (layout: Layout): Promise<SimulatorKey> => {
  const kept = await readJson(layout.simulatorKeyFile, keySchema);
  if (kept) return kept;
  const key = { apiKey: randomBytes(24).toString('hex'), apiSecret: randomBytes(32).toString('hex') };
  await writeJson(layout.simulatorKeyFile, key);
  return key;
};

const argumentsOf = (port: number, ledger: string, market: SimulatedMarket): string[] => {
  const given: Record<string, string | undefined> = {
    port: String(port),
    ledger,
    clock: market.clock ?? 'wall',
    candles: market.candlesFile,
    symbol: market.symbol,
    interval: market.interval,
    seed: market.seed,
    start: market.start,
  };
  return Object.entries(given).flatMap(([name, value]) => (value === undefined ? [] : [`--${name}`, value]));
};

/** Starts the exchange simulator on a loopback port, with its ledger and its API key in the state folder. */
export const startSimulator = async (options: {
  layout: Layout;
  port: number;
  market: SimulatedMarket;
  log: LineLog;
}): Promise<{ child: Child; url: string; key: SimulatorKey }> => {
  await mkdir(options.layout.simulatorFolder, { recursive: true, mode: 0o700 });
  const key = await readKey(options.layout);
  const { child, ready } = await startReadyChild({
    name: 'simulator',
    args: [simulatorProgram, ...argumentsOf(options.port, options.layout.simulatorLedger, options.market)],
    env: { ...process.env, SIMULATOR_API_KEY: key.apiKey, SIMULATOR_API_SECRET: key.apiSecret },
    log: options.log,
    readyKey: 'url',
  });
  return { child, url: String(ready['url']), key };
};
