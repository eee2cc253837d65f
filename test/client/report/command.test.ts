import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCli } from '../run-cli.ts';
import { everyPane, swings } from './sample.ts';

let folder = '';
let strategy = '';
let candles = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mastertrade-report-'));
  strategy = join(folder, 'strategy.json');
  candles = join(folder, 'candles.csv');
  const { length, time, open, high, low, close, volume } = swings(3_000);
  const rows = Array.from({ length }, (_, bar) =>
    [new Date(time[bar]!).toISOString(), open[bar], high[bar], low[bar], close[bar], volume[bar]].join(','),
  );
  await writeFile(strategy, JSON.stringify(everyPane));
  await writeFile(candles, ['timestamp,open,high,low,close,volume', ...rows, ''].join('\n'));
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

/** No variable leads anywhere: a report of files needs no database and no server. */
const report = (...args: string[]) =>
  runCli(['report', ...args], { env: { DATABASE_URL: 'postgres://nowhere:1/x', TEMPORAL_ADDRESS: 'nowhere:1' } });

describe('mastertrade report of a file', () => {
  it('shows the metrics beside buy and hold, the gate, and a curve', async () => {
    const { code, stdout, stderr } = await report(strategy, '--candles', candles);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/│ METRIC +│ STRATEGY +│ BUY AND HOLD +│/);
    expect(stdout).toMatch(/│ Max drawdown +│ [\d.]+% +│ [\d.]+% +│/);
    expect(stdout).toMatch(/│ closed trades +│ ≥ 30 +│ \d+ +│ (yes|no) +│/);
    expect(stdout).toMatch(/┤|┼/);
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(110);
  });

  it('writes one page, the same bytes each time, and says so', async () => {
    const pages = [join(folder, 'a.html'), join(folder, 'b.html')] as const;
    const { code, stdout } = await report(strategy, '--candles', candles, '--html', pages[0]);
    await report(strategy, '--candles', candles, '--html', pages[1]);
    expect(code).toBe(0);
    expect(stdout).toContain(`Wrote ${pages[0]}`);
    const [first, second] = await Promise.all(pages.map((page) => readFile(page)));
    expect(first!.equals(second!)).toBe(true);
    expect(first!.toString().match(/<script/g)).toHaveLength(3);
  });

  it('prints data as JSON: the backtest, buy and hold, the gate', async () => {
    const { code, stdout } = await report(strategy, '--candles', candles, '--json', '--capital', '500');
    expect(code).toBe(0);
    const answer = JSON.parse(stdout) as Record<string, Record<string, unknown>>;
    expect(answer['backtest']).toMatchObject({ initial_capital: 500 });
    expect(answer['buy_and_hold']).toHaveProperty('sharpe_ratio');
    expect(answer['gate']).toMatchObject({ gate: 'backtested→paper', policy: 'production' });
    expect(answer).toMatchObject({ html: null, origin: { kind: 'file' } });
  });

  it.each([
    ['a file without candles', () => [strategy], 2, 'BadInput'],
    ['options of a backtest for a stored strategy', () => ['sma-cross', '--capital', '500'], 2, 'BadInput'],
    ['options of a portfolio for a backtest', () => ['sma-cross', '--environment', 'live'], 2, 'BadInput'],
    [
      'a portfolio from after its end',
      () => ['portfolio', '--from', '2026-02-01', '--to', '2026-01-01'],
      2,
      'BadInput',
    ],
    ['candles that are not there', () => [strategy, '--candles', join(folder, 'none.csv')], 1, 'BadCandleFile'],
    ['a strategy file that is not there', () => [join(folder, 'no.json'), '--candles', candles], 1, 'BadStrategy'],
  ])('refuses %s', async (_title, args, code, error) => {
    const run = await report(...args(), '--json');
    expect(run).toMatchObject({ code, stdout: '' });
    expect(JSON.parse(run.stderr)).toMatchObject({ error, next: expect.any(String) });
  });

  it('refuses what means nothing for a portfolio by its name', async () => {
    const run = await report('portfolio', '--candles', candles, '--capital', '500', '--json');
    expect(run).toMatchObject({ code: 2, stdout: '' });
    expect(JSON.parse(run.stderr)).toMatchObject({
      error: 'BadInput',
      message: expect.stringMatching(/^--candles, --capital /),
      next: expect.stringContaining('by its id'),
    });
  });

  it('says where a page cannot be written', async () => {
    const run = await report(strategy, '--candles', candles, '--html', join(folder, 'no', 'such.html'), '--json');
    expect(run).toMatchObject({ code: 2, stdout: '' });
    expect(JSON.parse(run.stderr).message).toContain('such.html');
  });

  it('stays small however long the candles are', async () => {
    const { sampleSource } = await import('./sample.ts');
    const { reportOf } = await import('../../../src/client/report/report.ts');
    const { reportPage } = await import('../../../src/client/report/page.ts');
    const source = sampleSource(swings(525_600));
    const page = await reportPage(reportOf(source));
    expect(Buffer.byteLength(page)).toBeLessThan(4_000_000);
    expect(/[\d,]+ candles of \w+ are drawn as \w+ candles\./.exec(page)?.[0]).toBe(
      '525,600 candles of 1m are drawn as 4h candles.',
    );
  }, 60_000);
});
