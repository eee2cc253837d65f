import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { haltByHand } from '../../src/adapters/postgres/breaker/by-hand.ts';
import { readEquity } from '../../src/adapters/postgres/portfolio/equity.ts';
import { writePortfolioSnapshot, writeRiskSnapshot } from '../../src/adapters/postgres/portfolio/snapshots.ts';
import { portfolioFromDatabase } from '../../src/client/report/portfolio/from-database.ts';
import { portfolioPage } from '../../src/client/report/portfolio/page.ts';
import { portfolioReportOf } from '../../src/client/report/portfolio/report.ts';
import { portfolioText } from '../../src/client/report/portfolio/terminal.ts';
import { findBrowser } from '../client/report/browser.ts';
import { chartsOf, openPage } from '../client/report/opened-page.ts';
import { writePortfolio } from '../client/report/portfolio-rows.ts';
import { historyStart, hourMs, samplePortfolio } from '../client/report/portfolio-sample.ts';
import { runCli } from '../client/run-cli.ts';
import { addStrategy, createTradingDatabase, definitionOf } from '../support/trading.ts';
import type { TradingDatabase } from '../support/trading.ts';

const executablePath = findBrowser();
const hours = 2_000;
const sample = samplePortfolio(hours);

let database: TradingDatabase;
let folder = '';

beforeAll(async () => {
  database = await createTradingDatabase();
  folder = await mkdtemp(join(tmpdir(), 'mastertrade-portfolio-'));
  const name = `</script><script>window.pwned = 1</script> & "dips"`;
  const strategyIds = [
    await addStrategy(database.pool, 'paper', definitionOf({ name })),
    await addStrategy(database.pool, 'paper', definitionOf({ name: 'portfolio' })),
  ];
  await writePortfolio(database.pool, sample, strategyIds);
});

afterAll(async () => {
  await database.drop();
  await rm(folder, { recursive: true, force: true });
});

const cli = (...args: string[]) => runCli(['report', ...args], { env: { DATABASE_URL: database.url } });

describe('mastertrade report portfolio', () => {
  it('reads back every snapshot, flow, incident and goal, of the environment that has a history', async () => {
    const history = await portfolioFromDatabase(database.pool, {});
    expect(history.environment).toBe('paper');
    expect(history.points).toHaveLength(hours);
    expect(history.points[1_234]).toEqual({
      ...sample.points[1_234],
      exposure: expect.objectContaining({ BTCUSDT: expect.closeTo(sample.points[1_234]!.exposure['BTCUSDT']!, 6) }),
    });
    expect(history.figures).toMatchObject({ var95: 1_204.31, correlationBtc: null, reasons: sample.figures.reasons });
    expect(Object.keys(history.figures.byStrategy)).toContain('portfolio');
    expect(history.balances).toEqual(sample.balances);
    expect(history.flows).toEqual(sample.flows);
    expect(history.incidents).toEqual(sample.incidents.map((incident) => expect.objectContaining({ ...incident })));
    expect(history.thresholds).toEqual([20]);
    expect(history.goals.map(({ goal, progress }) => [goal.type, progress.length])).toEqual([
      ['monthly_return_pct', hours],
      ['monthly_profit_usd', 0],
      ['portfolio_target_usd', hours],
    ]);
  });

  it.skipIf(executablePath === null && process.env['CI'] === undefined)(
    'writes one page that opens without a network on a desk and on a phone, the same bytes each time',
    async () => {
      const file = join(folder, 'portfolio.html');
      const { code, stdout, stderr } = await cli('portfolio', '--html', file);
      expect([code, stderr]).toEqual([0, '']);
      expect(stdout).toContain('!! WIBBLE has no price');
      expect(stdout).toContain(`Wrote ${file}`);
      const again = await portfolioPage(portfolioReportOf(await portfolioFromDatabase(database.pool, {})));
      expect((await readFile(file, 'utf8')) === again).toBe(true);
      const browser = await chromium.launch({ executablePath: executablePath!, args: ['--no-sandbox'] });
      const address = pathToFileURL(file).href;
      for (const view of ['desktop', 'phone'] as const) {
        const colorScheme = view === 'desktop' ? 'light' : 'dark';
        const { page, complaints, requests, close } = await openPage(browser, address, { view, colorScheme });
        expect(await chartsOf(page)).toEqual([
          { name: 'timeline', isTall: true, isPainted: true, hasGains: true, hasLosses: true },
        ]);
        expect(requests.filter((url) => !url.startsWith('data:'))).toEqual([address]);
        expect(complaints).toEqual([]);
        expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0);
        expect(await page.evaluate('window.pwned')).toBeUndefined();
        if (view === 'desktop') {
          expect(await page.evaluate(titles)).toEqual([
            'Equity, US dollars',
            'Return, without flows',
            'Drawdown',
            'Exposure by symbol, US dollars',
            'Goal: Monthly return 5%',
            'Goal: Portfolio of $100,000',
          ]);
          const chart = page.locator('[data-chart=timeline]');
          await chart.hover({ position: { x: 600, y: 150 } });
          await expect
            .poll(() => chart.innerText(), { timeout: 15_000 })
            .toMatch(/BTCUSDT[\s\S]*Monthly return 5% expected/);
        }
        await close();
      }
      await browser.close();
    },
  );

  it('shows a part of it, and names what is not there, writing no file', async () => {
    const from = historyStart + 1_000 * hourMs;
    const part = await portfolioFromDatabase(database.pool, { from, to: from + 99 * hourMs });
    const { shown, worst } = portfolioReportOf(part);
    expect([shown.length, shown[0]!.at]).toEqual([100, from]);
    // It fell from a peak before what is shown.
    expect(worst!.pct).toBeLessThan(-20);
    const file = join(folder, 'none.html');
    const { code, stdout, stderr } = await cli('portfolio', '--environment', 'live', '--html', file, '--json');
    expect([code, stdout]).toEqual([1, '']);
    expect(JSON.parse(stderr)).toMatchObject({ error: 'NoHistory', next: expect.any(String) });
    await expect(stat(file)).rejects.toThrow('ENOENT');
    await expect(portfolioFromDatabase(database.pool, { to: historyStart - hourMs })).rejects.toMatchObject({
      name: 'NoHistory',
    });
  });

  it('shows what snapshots and a stop by hand have written, as they write it', async () => {
    const { pool, store } = database;
    const account = { environment: 'live', exchange: 'simulator' } as const;
    const candle = { open: '100', high: '100', low: '100', volume: '1' };
    const close = (hour: number, price: string) =>
      store.candles.ingest({
        symbol: 'BTCUSDT',
        interval: '1h',
        candles: [{ ...candle, time: historyStart + hour * hourMs, close: price }],
      });
    await store.balances.open(account, { USDT: '1000', BTC: '10', WIBBLE: '7' }, historyStart);
    for (const [hour, price] of ['100', '150', '120'].entries()) {
      await close(hour, price);
      const request = { environment: 'live', snapshotId: `report/${hour}` } as const;
      const reading = (await readEquity(pool, 'live'))!;
      await writePortfolioSnapshot(pool, request, reading);
      await writeRiskSnapshot(pool, request, reading);
    }
    await close(3, '90');
    await haltByHand(pool, { environment: 'live', by: 'test', reason: 'the feed looks wrong', actions: null });
    const report = portfolioReportOf(await portfolioFromDatabase(pool, {}));
    expect(report.history.environment).toBe('live');
    expect(report.shown.map(({ at, equity, netFlows }) => [at - historyStart, equity, netFlows])).toEqual([
      [hourMs, 2_000, 2_000],
      [2 * hourMs, 2_500, 2_000],
      [3 * hourMs, 2_200, 2_000],
      // What it is now: nobody has taken a snapshot of that yet.
      [4 * hourMs, 1_900, 2_000],
    ]);
    expect(report.returnPct).toBeCloseTo(-5, 8);
    expect([report.drawdownPct, report.breakerPct]).toEqual([expect.closeTo(-24, 8), expect.closeTo(-24, 8)]);
    expect(report.history.balances.map(({ asset, value }) => [asset, value])).toEqual([
      ['USDT', 1_000],
      ['BTC', 900],
      ['WIBBLE', null],
    ]);
    expect(report.history.state).toEqual({ state: 'HALTED', reason: 'the feed looks wrong' });
    const text = portfolioText(report);
    expect(text).toMatch(/^!! WIBBLE has no price/m);
    expect(text).toMatch(/^Sharpe ratio +– \S.*$/m);
    expect(text).toMatch(/, by hand, HALTED, open/);
  });
});

const titles = `echarts.getInstanceByDom(document.querySelector('[data-chart=timeline]')).getOption().title.map(({ text }) => text)`;
