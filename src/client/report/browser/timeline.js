/* Equity, drawdown, price with trades, volume and indicators: panes of one chart over one axis of time. */

import { isNarrow, showNumber, showPercent, tooltipRow } from './theme.js';
import { isMark, markSize, seriesOf } from './series.js';
import { paneAxis, timeChartOf } from './time-chart.js';

/** True where the values span so much that a linear axis hides the small ones. */
const wantsLogAxis = (values) => {
  const known = values.filter((value) => value !== null);
  const least = Math.min(...known);
  return least > 0 && Math.max(...known) / least > 6;
};

/** The panes below each other, without their places. */
const panesOf = (data, narrow) => {
  const own = data.indicators.filter((indicator) => indicator.pane === 'own');
  const hasVolume = data.indicators.some((indicator) => indicator.pane === 'volume');
  const equities = [...data.equity.value, ...data.benchmark.value];
  // A wick far off must not flatten all others: closes decide.
  const prices = data.candles.close;
  return [
    { kind: 'equity', name: 'Equity', height: narrow ? 220 : 250, log: wantsLogAxis(equities), values: equities },
    { kind: 'drawdown', name: 'Drawdown', height: 110, percent: true },
    { kind: 'price', name: 'Price', height: narrow ? 280 : 360, log: wantsLogAxis(prices), values: prices },
    ...(hasVolume ? [{ kind: 'volume', name: 'Volume', height: 100, fromZero: true }] : []),
    ...own.map((indicator) => ({ kind: 'own', name: indicator.label, height: 120, indicator })),
  ].map((pane) => ({ ...pane, title: pane.log ? `${pane.name}, log scale` : pane.name }));
};

const tooltipLine = (each, [, ...values], pane) => {
  const { name, says = name, itemStyle } = each;
  if (each.type === 'candlestick') {
    const [open, close, low, high] = values.map(showNumber);
    const colour = values[1] >= values[0] ? itemStyle.borderColor : itemStyle.borderColor0;
    return tooltipRow(colour, name, `O ${open}  H ${high}  L ${low}  C ${close}`);
  }
  const [value, pct, reason] = values;
  const outcome = pct === undefined ? '' : ` (${showPercent(pct)}, ${reason})`;
  return tooltipRow(itemStyle.color, says, (pane.percent ? showPercent(value) : showNumber(value)) + outcome);
};

/** The nearest 1, 2 or 5 times a power of ten below or above. */
const roundOutwards = (value, upwards) => {
  const power = 10 ** Math.floor(Math.log10(value));
  const steps = [1, 2, 5, 10].map((step) => step * power);
  return upwards ? steps.find((step) => step >= value) : steps.findLast((step) => step <= value);
};

/** A log axis from what is shown, but no further than the pane's own values go. */
const logRange = ({ values }) => {
  const known = values.filter((value) => value !== null);
  const [least, greatest] = [Math.min(...known), Math.max(...known)];
  return {
    min: (shown) => roundOutwards(Math.max(shown.min, least), false),
    max: (shown) => roundOutwards(Math.min(shown.max, greatest), true),
  };
};

const valueAxis = (pane, index, theme) => ({
  ...paneAxis(index, theme, pane.percent === true),
  type: pane.log ? 'log' : 'value',
  scale: pane.fromZero !== true,
  splitNumber: pane.height < 150 ? 2 : 4,
  ...(pane.log && logRange(pane)),
  ...(pane.percent && { max: 0, min: ({ min }) => (min < 0 ? null : -1) }),
  ...(pane.indicator?.range && { min: pane.indicator.range[0], max: pane.indicator.range[1], interval: 50 }),
});

/** The chart and its height in px, as `timeChartOf` has them. */
export const timelineOf = (data, theme, view) => {
  const panes = panesOf(data, isNarrow());
  const series = seriesOf(data, theme, panes, markSize(data, view.zoom));
  return timeChartOf({
    panes,
    series,
    theme,
    view,
    from: data.start,
    to: data.start + (data.candles.time.at(-1) + data.span.seconds) * 1000,
    timeAxisLine: {},
    valueAxis,
    tooltip: {
      isMark,
      mostMarks: 2,
      rowOf: (each, point) => tooltipLine(each, point, panes[each.xAxisIndex]),
    },
  });
};
