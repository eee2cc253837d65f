import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { reportPage } from '../../../src/client/report/page.ts';
import { reportOf } from '../../../src/client/report/report.ts';
import { findBrowser } from './browser.ts';
import { chartsOf, openPage, type views } from './opened-page.ts';
import { everyPane, sampleSource, swings } from './sample.ts';

const executablePath = findBrowser();
const isSkipped = executablePath === null && process.env['CI'] === undefined;
if (isSkipped) process.stderr.write('No browser: the report is not opened. Install chromium, or set CHROMIUM_PATH.\n');

const seconds = (count: number): number => count * 1000;
let folder = '';
let address = '';
let browser: Browser;

describe.skipIf(isSkipped)('the page in a browser', { timeout: seconds(60) }, () => {
  beforeAll(async () => {
    if (executablePath === null) {
      throw new Error('no chromium, chromium-browser or google-chrome on the PATH, and no CHROMIUM_PATH');
    }
    folder = await mkdtemp(join(tmpdir(), 'mastertrade-report-'));
    const file = join(folder, 'report.html');
    address = pathToFileURL(file).href;
    await writeFile(file, await reportPage(reportOf(sampleSource(swings(9_000)))));
    browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  }, seconds(60));

  afterAll(async () => {
    await browser?.close();
    await rm(folder, { recursive: true, force: true });
  });

  const open = (view: keyof typeof views, colorScheme: 'light' | 'dark') =>
    openPage(browser, address, { view, colorScheme });

  it.each([
    ['desktop', 'light'],
    ['desktop', 'dark'],
    ['phone', 'light'],
    ['phone', 'dark'],
  ] as const)(
    'on a %s in the %s paints every chart, asks for nothing and complains of nothing',
    async (view, scheme) => {
      const { page, complaints, requests, close } = await open(view, scheme);
      expect(await chartsOf(page)).toEqual([
        { name: 'timeline', isTall: true, isPainted: true, hasGains: true, hasLosses: true },
        { name: 'distribution', isTall: true, isPainted: true, hasGains: true, hasLosses: true },
      ]);
      expect(requests.filter((url) => !url.startsWith('data:'))).toEqual([address]);
      expect(complaints).toEqual([]);
      expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0);
      await close();
    },
  );

  it('paints another picture where the theme changes, on a ground as dark as the theme', async () => {
    const { page, complaints, close } = await open('desktop', 'light');
    const light = await pictureOf(page);
    expect(await page.evaluate('getComputedStyle(document.body).backgroundColor')).toBe('rgb(244, 245, 247)');
    await page.emulateMedia({ colorScheme: 'dark' });
    await expect.poll(() => pictureOf(page), { timeout: seconds(15) }).not.toBe(light);
    expect(await page.evaluate('getComputedStyle(document.body).backgroundColor')).toBe('rgb(13, 17, 23)');
    expect(complaints).toEqual([]);
    await close();
  });

  it('draws every pane that the strategy has something for', async () => {
    const { page, close } = await open('desktop', 'light');
    const titles = await page.evaluate(`echarts.getInstanceByDom(document.querySelector('[data-chart=timeline]'))
      .getOption().title.map(({ text }) => text)`);
    expect(titles).toEqual(['Equity', 'Drawdown', 'Price', 'Volume', 'RSI 14']);
    await close();
  });

  it('shows what lies under the pointer in every pane, and zooms all of them', async () => {
    const { page, complaints, close } = await open('desktop', 'light');
    const chart = page.locator('[data-chart=timeline]');
    await chart.hover({ position: { x: 500, y: 150 } });
    for (const name of [
      'Strategy',
      'Buy and hold',
      'Drawdown',
      '3m candles',
      'SMA 10',
      'BBANDS 20 2 upper',
      'RSI 14',
    ]) {
      await expect.poll(() => chart.innerText(), { timeout: seconds(15) }).toContain(name);
    }
    const zoomed = await page.evaluate(`(() => {
      const chart = echarts.getInstanceByDom(document.querySelector('[data-chart=timeline]'));
      chart.dispatchAction({ type: 'dataZoom', start: 40, end: 60 });
      return chart.getOption().dataZoom.map(({ start, end }) => [start, end]);
    })()`);
    expect(zoomed).toEqual([
      [40, 60],
      [40, 60],
    ]);
    expect(complaints).toEqual([]);
    await close();
  });

  it('shows names as text, and runs nothing that is in them', async () => {
    const { page, close } = await open('desktop', 'light');
    expect(await page.locator('h1').innerText()).toBe(everyPane.name);
    expect(await page.title()).toContain(everyPane.name);
    expect(await page.evaluate('window.pwned')).toBeUndefined();
    expect(await page.locator('img').count()).toBe(0);
    await close();
  });

  it('lets a table that is too wide for a phone scroll in its own box', async () => {
    const { page, close } = await open('phone', 'light');
    const trades = page.getByRole('region', { name: 'Trades' });
    expect(await trades.evaluate((box) => box.scrollWidth - box.clientWidth)).toBeGreaterThan(0);
    await close();
  });
});

const pictureOf = (page: Page): Promise<unknown> =>
  page.evaluate(`document.querySelector('[data-chart=timeline] canvas').toDataURL()`);
