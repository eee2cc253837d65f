import type { Browser, Page } from 'playwright-core';

export const views = {
  desktop: { viewport: { width: 1280, height: 900 } },
  phone: { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true, deviceScaleFactor: 2 },
} as const;

export interface OpenedPage {
  readonly page: Page;
  /** What the console said, and what was thrown. */
  readonly complaints: readonly string[];
  readonly requests: readonly string[];
  readonly close: () => Promise<void>;
}

/** Opens a page without a network and waits until its charts are drawn. */
export const openPage = async (
  browser: Browser,
  address: string,
  { view, colorScheme }: { readonly view: keyof typeof views; readonly colorScheme: 'light' | 'dark' },
): Promise<OpenedPage> => {
  const context = await browser.newContext({ ...views[view], colorScheme, offline: true });
  const page = await context.newPage();
  const [complaints, requests]: [string[], string[]] = [[], []];
  page.on('console', (message) => complaints.push(`${message.type()}: ${message.text()}`));
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('request', (request) => requests.push(request.url()));
  await page.goto(address);
  await painted(page);
  return { page, complaints, requests, close: () => context.close() };
};

/** Until every chart has been drawn. */
const painted = async (page: Page): Promise<void> => {
  await page.waitForFunction(
    `[...document.querySelectorAll('.chart')].every((chart) => chart.querySelector('canvas') !== null)`,
  );
  await page.evaluate('new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))');
};

/**
 * Reads each canvas back: painted is one with pixels of several colours in all of its quarters, and its series are there where the
 * theme's colours of gains (the equity's line too) and losses are.
 */
export const chartsOf = (page: Page): Promise<unknown> =>
  page.evaluate(`[...document.querySelectorAll('.chart')].map((chart) => {
    const canvas = chart.querySelector('canvas');
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    const all = new Map();
    const quarters = [0, 1, 2, 3].map((quarter) => {
      const colours = new Set();
      const size = data.length / 4;
      for (let at = quarter * size; at < (quarter + 1) * size; at += 4) {
        if (data[at + 3] === 0) continue;
        const colour = (data[at] << 16) | (data[at + 1] << 8) | data[at + 2];
        colours.add(colour);
        all.set(colour, (all.get(colour) ?? 0) + 1);
      }
      return colours.size;
    });
    const pixelsOf = (name) => {
      const colour = getComputedStyle(document.documentElement).getPropertyValue(name).trim();
      return all.get(parseInt(colour.slice(1), 16)) ?? 0;
    };
    return {
      name: chart.dataset.chart,
      isTall: chart.clientHeight >= 260,
      isPainted: quarters.every((colours) => colours > 2),
      hasGains: pixelsOf('--up') > 200,
      hasLosses: pixelsOf('--down') > 200,
    };
  })`);
