import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { closeTimeOf } from '../../domain/market/interval.ts';
import type { SimulatedMarket } from '../../stack/simulator-process.ts';
import type { Candle } from '../../domain/market/candle.ts';
import { createDemoHome, forgetConfiguration, removeDemoHome } from './home.ts';
import { waitForInterrupt } from './interrupt.ts';
import { auditLedger } from './ledger-audit.ts';
import { startMachine, type DemoMachine } from './machine.ts';
import { crashAfter, demoCrash } from './market-crash.ts';
import { meetFall } from './market-fall.ts';
import { loadMarket, writeMarket, type DemoMarket } from './market.ts';
import { createProgress, type Progress } from './progress.ts';
import { readRecords, recordedOrders } from './records.ts';
import { outcomeText, policyLines, shortcomings, type DemoOutcome } from './report.ts';
import { splitMarket, type SplitMarket } from './split.ts';
import * as stages from './stages.ts';
import { summaryOf } from './summary.ts';
import type { DemoOptions } from './types.ts';

/** A narrower terminal, or one that does not know its width, gets plain lines. */
const leastColumns = 60;

/** The market, and what is made of its last candles to come after it. */
interface StagedMarket extends SplitMarket {
  readonly fall: readonly Candle[];
}

const firstLine =
  'A strategy from draft to live, through a crash of its worker and a fall of its market. Everything runs on this machine, in a state folder of its own.';

const carryThrough = async (
  machine: DemoMachine,
  market: DemoMarket,
  parts: StagedMarket,
  progress: Progress,
  startedAt: number,
): Promise<DemoOutcome> => {
  const strategy = await progress.step('Draft: history stored, strategy created', () =>
    stages.prepare(machine, market, parts.history),
  );
  const backtest = await progress.step('Backtest on the history', (step) => stages.backtest(machine, strategy, step));
  for (const line of policyLines(stages.policy)) progress.line(line);
  const toPaper = await progress.step('Gate to paper', (step) => stages.promoteToPaper(machine, strategy, step));
  await progress.step('Paper: the market goes on', (step) =>
    stages.replayPaper(machine, market, strategy, parts.paper, step),
  );
  const toActive = await progress.step('Gate to live', (step) => stages.promoteToActive(machine, strategy, step));
  const crash = await progress.step('Live: the market goes on', (step) =>
    stages.replayLive(machine, market, strategy, parts.live, step),
  );
  const fall = await progress.step('A fall of the market: the breaker', (step) =>
    meetFall(machine, market, strategy, parts.fall, step),
  );
  return progress.step('Comparison of the venue’s ledger with our rows', async () => ({
    strategy: await machine.trading.strategy(strategy.strategyId),
    backtest,
    gates: [toPaper, toActive],
    approvedBy: stages.admin,
    records: await readRecords(machine.pool),
    audit: auditLedger(await machine.simulator.orders(), await recordedOrders(machine.pool, stages.exchange)),
    crash,
    fall,
    seconds: (performance.now() - startedAt) / 1000,
  }));
};

const tell = async (outcome: DemoOutcome, options: DemoOptions, progress: Progress): Promise<void> => {
  const summary = summaryOf(outcome);
  if (options.summary !== undefined) await writeFile(options.summary, `${JSON.stringify(summary, null, 2)}\n`);
  if (options.json) process.stdout.write(`${JSON.stringify(summary)}\n`);
  progress.line(outcomeText(outcome));
  for (const shortcoming of shortcomings(outcome)) progress.line(`Not shown: ${shortcoming}.`);
};

const endPatienceMs = 10_000;

/** Waits until the work has stopped by itself: a connection closed under a running call would take the process down. */
const settled = async (work: Promise<unknown> | undefined): Promise<void> => {
  const impatience = new AbortController();
  await Promise.race([work?.catch(() => undefined), sleep(endPatienceMs, undefined, { signal: impatience.signal })]);
  impatience.abort();
};

/** Writes the market where the simulator reads it, with the clock at the end of the history. */
const stage = async (home: string, market: DemoMarket, parts: StagedMarket): Promise<SimulatedMarket> => {
  const { symbol, interval } = market;
  const candlesFile = join(home, 'market.csv');
  await writeMarket(candlesFile, [...market.candles, ...parts.fall]);
  const historyEnd = closeTimeOf(parts.history.at(-1)?.time ?? 0, interval);
  return { clock: 'stepped', candlesFile, symbol, interval, start: String(historyEnd) };
};

/**
 * Carries a strategy from draft to live on a replayed market, kills the worker in its first live entry, and shows that
 * the order ended exactly once. Uses its own databases whatever is configured, and leaves nothing running.
 * @returns the exit code: 0 where all of it was shown, 1 where some was not or it was interrupted.
 * @throws DomainError for a market that is not usable, or a part that did not start.
 */
export const runDemo = async (options: DemoOptions): Promise<0 | 1> => {
  const startedAt = performance.now();
  const out = options.json ? process.stderr : process.stdout;
  const progress = createProgress({
    terminal: !options.json && process.stdout.isTTY && process.stdout.columns >= leastColumns,
    write: (text) => out.write(text),
  });
  const home = await createDemoHome(process.env);
  forgetConfiguration(process.env);
  progress.line(firstLine);

  const ending = new AbortController();
  const started: { machine?: Promise<DemoMachine>; work?: Promise<DemoOutcome> } = {};
  const run = async (): Promise<0 | 1> => {
    const market = await progress.step('Market', async (step) => {
      const loaded = await loadMarket(options);
      step.say(`${loaded.candles.length} candles of ${loaded.symbol} ${loaded.interval}, ${loaded.origin}`);
      return loaded;
    });
    const parts = {
      ...splitMarket(market.candles),
      fall: crashAfter(market.candles, market.interval, demoCrash),
    };
    const staged = await stage(home, market, parts);
    const machine = await progress.step('PostgreSQL, Temporal, exchange simulator, worker', (step) => {
      started.machine = startMachine(home, staged, ending.signal, step.say);
      return started.machine;
    });
    ending.signal.throwIfAborted();
    started.work = carryThrough(machine, market, parts, progress, startedAt);
    const outcome = await Promise.race([started.work, machine.failed]);
    await tell(outcome, options, progress);
    progress.line(
      options.keep
        ? `The Temporal Web UI is at ${machine.uiUrl}. Everything stays up until Ctrl-C.`
        : `The Temporal Web UI was at ${machine.uiUrl}; mastertrade demo --keep leaves it open to look around.`,
    );
    return shortcomings(outcome).length === 0 ? 0 : 1;
  };

  const interrupt = waitForInterrupt();
  const running = run();
  running.catch(() => undefined);
  let logsWanted = false;
  try {
    const code = await Promise.race([running, interrupt.interrupted]);
    if (options.keep)
      await Promise.race([interrupt.interrupted, (await started.machine)?.failed]).catch(() => undefined);
    return code;
  } catch (error) {
    ending.abort(error);
    await settled(started.work);
    if (interrupt.happened()) return 1;
    logsWanted = started.machine !== undefined;
    if (logsWanted) progress.line(`Logs are in ${join(home, 'logs')} until the next demo.`);
    throw error;
  } finally {
    await started.machine?.then(
      (machine) => machine.stop(),
      () => undefined,
    );
    if (!logsWanted) await removeDemoHome(home);
    interrupt.forget();
  }
};
