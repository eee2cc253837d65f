import { describe, expect, it } from 'vitest';
import type { EquityPoint } from '../../../src/adapters/postgres/portfolio-history.ts';
import { portfolioCharts } from '../../../src/client/report/portfolio/chart-data.ts';
import { exposureLines } from '../../../src/client/report/portfolio/exposure-lines.ts';
import { goalPath } from '../../../src/client/report/portfolio/goal-path.ts';
import type { PortfolioHistory } from '../../../src/client/report/portfolio/history.ts';
import { portfolioPage } from '../../../src/client/report/portfolio/page.ts';
import { portfolioReportOf } from '../../../src/client/report/portfolio/report.ts';
import { portfolioText } from '../../../src/client/report/portfolio/terminal.ts';
import {
  historyStart,
  hourMs,
  sampleGoals,
  sampleIncidents,
  samplePoints,
  samplePortfolio,
} from './portfolio-sample.ts';

const point = (at: number, over: Partial<EquityPoint> = {}): EquityPoint => ({
  at,
  equity: 1_000,
  index: 1,
  peakIndex: 1,
  netFlows: 1_000,
  unpriced: [],
  exposure: {},
  ...over,
});

const reportOf = (points: readonly EquityPoint[], over: Partial<PortfolioHistory> = {}) =>
  portfolioReportOf(samplePortfolio(2, { points, flows: [], incidents: [], goals: [], ...over }));

const chartsOf = (hours: number, over: Partial<PortfolioHistory> = {}) =>
  portfolioCharts(portfolioReportOf(samplePortfolio(hours, over)));

describe('the figures of a portfolio', () => {
  it('leave out what came from the outside', () => {
    const report = reportOf([
      point(historyStart),
      point(historyStart + hourMs, { equity: 11_100, index: 1.1, peakIndex: 1.1, netFlows: 11_000 }),
    ]);
    expect(report.returnPct).toBeCloseTo(10, 10);
    expect(report.months).toEqual([expect.objectContaining({ returnPct: expect.closeTo(10, 10), netFlows: 10_000 })]);
    expect(report.drawdownPct).toBe(0);
  });

  it('count a month from the snapshot at its first instant, which ends the one before', () => {
    const february = Date.UTC(2026, 1, 1);
    const report = reportOf([
      point(february - 2 * hourMs, { index: 1 }),
      point(february, { index: 1.5, equity: 1_500 }),
      point(february + hourMs, { index: 1.2, equity: 1_200 }),
    ]);
    expect(report.monthPct).toBeCloseTo(-20, 10);
    expect(report.months.map(({ month, equity }) => [month, equity])).toEqual([
      ['2026-01', 1_500],
      ['2026-02', 1_200],
    ]);
    expect(report.months[0]!.returnPct).toBeCloseTo(50, 10);
    expect(report.months[1]!.returnPct).toBeCloseTo(-20, 10);
  });

  it('count a drawdown from a peak before what is shown, and a return from its first snapshot', () => {
    const points = [
      point(historyStart, { index: 2 }),
      point(historyStart + hourMs, { index: 1 }),
      point(historyStart + 2 * hourMs, { index: 1.5 }),
    ];
    const report = reportOf(points, { from: historyStart + hourMs });
    expect(report.shown).toHaveLength(2);
    expect([...report.lines.drawdownPct]).toEqual([-50, -25]);
    expect(report.worst).toEqual({ pct: -50, at: historyStart + hourMs });
    expect(report.returnPct).toBeCloseTo(50, 10);
  });

  it('are not known of snapshots without an index', () => {
    const report = reportOf([point(historyStart, { index: null, peakIndex: null, netFlows: null })]);
    expect(report).toMatchObject({ returnPct: null, monthPct: null, drawdownPct: null, worst: null });
    expect(portfolioText(report)).toMatch(/Return since the start +– /);
  });
});

describe('a part of a history', () => {
  it('lists what was then: flows, incidents that were not over, adjustments', () => {
    const { history, open } = portfolioReportOf(samplePortfolio(2_000, { from: historyStart + 1_350 * hourMs }));
    expect(history.flows).toEqual([]);
    expect(history.incidents.map(({ eventId }) => eventId)).toEqual([3]);
    expect(open).toHaveLength(1);
    expect(history.goals.flatMap(({ adjustments }) => adjustments)).toHaveLength(2);
  });
});

describe("the portfolio's chart", () => {
  it("draws the breaker's own drawdown once an incident has set its peak anew, and the threshold below both", () => {
    const drawdownOf = (hours: number) => chartsOf(hours).timeline.panes.find(({ name }) => name === 'Drawdown')!;
    expect(drawdownOf(800).lines.map(({ name }) => name)).toEqual(['Drawdown']);
    expect(drawdownOf(1_000).lines.map(({ name }) => name)).toEqual(['Drawdown', "Below the breaker's peak"]);
    expect(drawdownOf(1_000).levels).toEqual([{ value: -20, label: 'breaker' }]);
  });

  it('marks what came in and went out where it did, and no opening before the first snapshot', () => {
    const [equity] = chartsOf(2_000).timeline.panes;
    expect(equity!.marks.map(({ name, points }) => [name, points.map(([seconds, , text]) => [seconds, text])])).toEqual(
      [
        ['Money in', [[400 * 3_600 - 60, 'deposit of 20,000 USDT']]],
        ['Money out', [[1_300 * 3_600 - 60, 'withdrawal of 8,000.5 USDC']]],
      ],
    );
  });

  it('shades incidents: to their end, to now where they are open, by the market where it is a replay', () => {
    const [open, over] = sampleIncidents;
    const replayed = { ...over!, triggeredAt: Date.UTC(2031, 0, 1), resolvedAt: Date.UTC(2031, 0, 1) + 60_000 };
    const spansOf = (incident: typeof over) => chartsOf(2_000, { incidents: [incident!] }).timeline.spans;
    const hour = (seconds: number): number => seconds / 3_600;
    expect(spansOf(open).map(({ from, to }) => [hour(from), hour(to)])).toEqual([[1_985, 1_999]]);
    expect(spansOf(over).map(({ from, to }) => [hour(from), hour(to)])).toEqual([[902, 926]]);
    expect(spansOf({ ...open!, marketTime: historyStart + 2_002 * hourMs }).map(({ from }) => hour(from))).toEqual([
      2_002,
    ]);
    expect(spansOf(replayed)).toEqual(spansOf(over));
    expect(spansOf({ ...replayed, endedAt: historyStart + 950 * hourMs })[0]!.to).toBe(950 * 3_600);
    expect(chartsOf(2_000, { incidents: [over!], from: historyStart + 1_000 * hourMs }).timeline.spans).toEqual([]);
  });

  it('stacks what is at stake to its total, and draws the least symbols as one', () => {
    const symbols = Array.from({ length: 9 }, (_, at) => `S${at}USDT`);
    const points = Array.from({ length: 50 }, (_, at) =>
      point(historyStart + at * hourMs, {
        exposure: Object.fromEntries(symbols.map((symbol, weight) => [symbol, 10 * weight + (at % 7)])),
      }),
    );
    const { lines, together } = exposureLines(points, 4_000);
    expect(lines.map(({ symbol }) => symbol)).toEqual(['S8USDT', 'S7USDT', 'S6USDT', 'S5USDT', 'S4USDT', '4 others']);
    expect(together).toBe(4);
    points.forEach(({ exposure }, at) => {
      const total = Object.values(exposure).reduce((sum, value) => sum + value, 0);
      expect(lines.reduce((sum, { value }) => sum + value[at]!, 0)).toBeCloseTo(total, 8);
    });
  });

  it('keeps its extremes, and stays small however long it is', async () => {
    const hours = 20_000;
    const charts = chartsOf(hours);
    const drawn = charts.timeline.panes.flatMap(({ lines }) => lines);
    expect(Math.max(...drawn.map(({ time }) => time.length))).toBeLessThanOrEqual(4_000);
    expect(charts.isThinned).toBe(true);
    const equity = charts.timeline.panes[0]!.lines[0]!.value.map(Number);
    const all = samplePoints(hours).map((each) => each.equity);
    const digits = (value: number): number => Number(value.toPrecision(7));
    expect(Math.min(...equity)).toBe(digits(Math.min(...all)));
    expect(Math.max(...equity)).toBe(digits(Math.max(...all)));
    const page = await portfolioPage(portfolioReportOf(samplePortfolio(hours)));
    expect(Buffer.byteLength(page)).toBeLessThan(4_000_000);
    expect(page).toContain('Lines are thinned out');
  });
});

describe("a goal's path", () => {
  it('begins anew with each month, at what is left of the first one', () => {
    const [monthly] = sampleGoals(samplePoints(2_000));
    const { time, reached, expected } = goalPath(monthly!);
    const gaps = [...reached].flatMap((value, at) => (Number.isNaN(value) ? [time[at]] : []));
    expect(gaps).toEqual([Date.UTC(2026, 1, 1), Date.UTC(2026, 2, 1)]);
    const expectedAt = (at: number): number => expected[time.lastIndexOf(at)]!;
    expect(expectedAt(historyStart)).toBe(0);
    // From the 5th on: 27 of January's 31 days.
    expect(expectedAt(Date.UTC(2026, 0, 31, 23))).toBeCloseTo((5 * (27 - 1 / 24)) / 31, 2);
    expect(expectedAt(Date.UTC(2026, 1, 15))).toBe(2.5);
  });

  it('keeps the gap between two months however long it is, and what a month asks for where its start is not shown', () => {
    const gapsOf = (over: Partial<PortfolioHistory>) => {
      const pane = chartsOf(20_000, over).timeline.panes.find(({ name }) => name === 'Monthly return 5%')!;
      return pane.lines.map(({ value }) => value.filter((each) => each === null).length);
    };
    expect(gapsOf({})).toEqual([27, 27]);
    const from = Date.UTC(2026, 1, 15);
    const [, expected] = chartsOf(2_000, { from }).timeline.panes.find(
      ({ name }) => name === 'Monthly return 5%',
    )!.lines;
    expect([expected!.time[0], expected!.value[0]]).toEqual([0, 2.5]);
  });

  it('leads to a portfolio target from where it began', () => {
    const target = sampleGoals(samplePoints(2_000))[1]!;
    const { time, expected } = goalPath(target);
    const share = (time.at(-1)! - historyStart) / (target.goal.targetDate! - historyStart);
    expect(expected[0]).toBe(50_000);
    expect(expected.at(-1)).toBeCloseTo(50_000 + 50_000 * share, 1);
  });

  it('has a chart of its own where the market is a replay, and none where the goal is paused', () => {
    const points = samplePoints(100);
    const later = 5 * 365 * 24 * hourMs;
    const goals = sampleGoals(points).map((goal) => ({
      ...goal,
      progress: goal.progress.map((hour) => ({ ...hour, at: hour.at + later })),
      adjustments: [],
    }));
    const charts = chartsOf(100, { goals });
    expect(charts.timeline.panes.map(({ name }) => name)).toEqual(['Equity', 'Return', 'Drawdown', 'Exposure']);
    expect(charts.goals!.panes.map(({ name }) => name)).toEqual(['Monthly return 5%', 'Portfolio of $100,000']);
    expect([charts.goals!.start, charts.goals!.length]).toEqual([historyStart + later, 99 * 3_600]);
    expect(chartsOf(100).goals).toBeNull();
    expect(chartsOf(100).timeline.panes).toHaveLength(6);
  });
});

describe("the portfolio's page", () => {
  it('says what has no price, why a figure is missing, and what was done, whatever stands in it', async () => {
    const page = await portfolioPage(portfolioReportOf(samplePortfolio(2_000)));
    expect(page).toMatch(/role="alert">WIBBLE has no price/);
    expect(page).toContain('no stored candles of BTC over these days');
    expect(page).toContain('waiting: BTCUSDT and ETHUSDT are closed; SOLUSDT &lt;b&gt;0.4&lt;/b&gt;');
    expect(page).toContain('&lt;i&gt;dips&lt;/i&gt;');
    expect(page).not.toMatch(/<b>0\.4|<i>dips|<up>/);
    expect(page.match(/<script/g)).toHaveLength(3);
  });

  it('stands with nothing in it', async () => {
    const report = reportOf([point(historyStart, { equity: 0, index: 1 })], {
      balances: [],
      thresholds: [],
      state: { state: 'ACTIVE', reason: null },
      exposure: { bySymbol: {}, byStrategy: {}, bySide: { LONG: 0, SHORT: 0 } },
    });
    const page = await portfolioPage(report);
    for (const said of ['Nothing is held.', 'Nothing is at stake.', 'The breaker has never fired.', 'No goal is set']) {
      expect(page).toContain(said);
    }
    expect(portfolioText(report)).toContain('Exposure: none');
  });
});

describe('the portfolio in a terminal', () => {
  const text = portfolioText(portfolioReportOf(samplePortfolio(2_000)));

  it('has a curve of equity and drawdown, bars of what is at stake, and each goal beside its path', () => {
    expect(text).toMatch(/^!! WIBBLE has no price/m);
    expect(text).toMatch(/^Equity, US dollars\n.*[┤┼].*\n/m);
    expect(text).toMatch(/^Drawdown, per cent[^\n]*\n.*[┤┼].*\n/m);
    expect(text).toMatch(/^BTCUSDT +\$20,534\.73 +28\.7% +█{36}$/m);
    expect(text).toMatch(
      /^Goal: Portfolio of \$100,000, on track\n.*reached.*expected \(dots\)\n(.*·.*\n|.*[╭╰─].*\n)+/m,
    );
    expect(text).toMatch(/^Correlation with BTC +– no stored candles of BTC over these days$/m);
    expect(text).toMatch(/event 3, loss streak, REDUCING, open for 14 h/);
  });

  it('fits into 80 columns', () => {
    const charts = text.split('\n').filter((line) => !line.startsWith('Trading'));
    expect(Math.max(...charts.map((line) => line.length))).toBeLessThanOrEqual(80);
  });
});
