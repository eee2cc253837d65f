/* Equity, drawdown, price with trades, volume and indicators: panes of one chart over one axis of time. */

import {
  faded,
  fontFamily,
  isNarrow,
  isTouched,
  showCompact,
  showNumber,
  showPercent,
  showTime,
  tooltipOf,
  tooltipRow,
} from './theme.js';
import { heightOf, legendText, panesOf, placePanes } from './panes.js';
import { isMark, lineIcon, markSize, seriesOf } from './series.js';

/** The last point of a series at or before `time`, as far as it is no gap; undefined where there is none. */
export const pointAt = ({ data: points }, time) => {
  let [low, high] = [0, points.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (points[middle][0] <= time) low = middle + 1;
    else high = middle;
  }
  const found = points[low - 1];
  return found === undefined || found[1] === null ? undefined : found;
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

/** Every series as of the pointer's time, whichever points the axis has met; of the marks, those that it has met. */
const timelineTooltip = (panes, series, theme, hidden) => (met) => {
  const points = Array.isArray(met) ? met : [met];
  const time = points[0]?.axisValue ?? points[0]?.value?.[0];
  if (time === undefined) return '';
  const lines = series.flatMap((each, index) => {
    if (hidden.has(each.name)) return [];
    const pane = panes[each.xAxisIndex];
    if (isMark(each)) {
      const marks = points.filter((point) => point.seriesIndex === index);
      return marks.slice(0, 2).map((point) => tooltipLine(each, point.value, pane));
    }
    const point = pointAt(each, time);
    return point === undefined ? [] : [tooltipLine(each, point, pane)];
  });
  return `<div style="margin-bottom:4px;color:${theme.quiet}">${showTime(time)} UTC</div>${lines.join('')}`;
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

const valueAxis = (pane, index, theme) => {
  return {
    type: pane.log ? 'log' : 'value',
    gridIndex: index,
    position: 'right',
    scale: pane.fromZero !== true,
    splitNumber: pane.height < 150 ? 2 : 4,
    ...(pane.log && logRange(pane)),
    ...(pane.percent && { max: 0, min: ({ min }) => (min < 0 ? null : -1) }),
    ...(pane.indicator?.range && { min: pane.indicator.range[0], max: pane.indicator.range[1], interval: 50 }),
    axisLine: { show: false },
    axisTick: { show: false },
    splitLine: { lineStyle: { color: theme.line } },
    axisLabel: {
      color: theme.quiet,
      fontSize: 11.5,
      formatter: (value) =>
        pane.percent ? showPercent(value) : Math.abs(value) >= 100_000 ? showCompact(value) : showNumber(value),
    },
  };
};

export const zoomControls = (panes, zoom, theme, { left, right }) => {
  const shared = { xAxisIndex: panes.map((_, index) => index), filterMode: 'filter', ...zoom };
  const slider = {
    ...shared,
    type: 'slider',
    bottom: 8,
    left,
    right,
    height: 30,
    borderColor: theme.line,
    fillerColor: faded(theme.up, 0.12),
    backgroundColor: 'transparent',
    dataBackground: { lineStyle: { color: theme.hold }, areaStyle: { color: faded(theme.hold, 0.2) } },
    selectedDataBackground: { lineStyle: { color: theme.up }, areaStyle: { color: faded(theme.up, 0.2) } },
    handleStyle: { color: theme.surface, borderColor: theme.quiet },
    moveHandleStyle: { color: theme.quiet },
    textStyle: { color: theme.quiet, fontSize: 11 },
    labelFormatter: (value) => showTime(value).slice(0, 10),
    brushSelect: false,
  };
  // A finger on the chart scrolls the page.
  return isTouched()
    ? [slider]
    : [slider, { ...shared, type: 'inside', zoomOnMouseWheel: 'ctrl', moveOnMouseWheel: false }];
};

export const legendOf = (pane, series, theme, hidden) => ({
  selected: Object.fromEntries([...hidden].map((name) => [name, false])),
  data: pane.legend.map((name) => ({
    name,
    ...(series.find((each) => each.name === name).type === 'line' && { icon: lineIcon }),
  })),
  formatter: (name) => legendText(pane, name),
  top: pane.legendTop,
  left: pane.legendLeft,
  right: 0,
  align: 'left',
  padding: [5, 0],
  itemWidth: 14,
  itemHeight: 9,
  itemGap: 14,
  inactiveColor: faded(theme.quiet, 0.45),
  textStyle: { color: theme.quiet, fontSize: 12, fontFamily },
});

/**
 * The chart and its height in px, for an element `width` px wide. `zoom` is the part shown, `start` and `end` in per cent; `hidden` are
 * names that the legends have switched off.
 */
export const timelineOf = (data, theme, { zoom, hidden, width }) => {
  const panes = panesOf(data, isNarrow());
  const series = seriesOf(data, theme, panes, markSize(data, zoom));
  const placed = placePanes(panes, series, width);
  const sides = { left: 16, right: isNarrow() ? 48 : 60 };
  const from = data.start;
  const to = data.start + (data.candles.time.at(-1) + data.span.seconds) * 1000;
  const option = {
    useUTC: true,
    animation: false,
    textStyle: { fontFamily },
    title: placed.map(({ title, top }) => ({
      text: title,
      top,
      left: 0,
      padding: 0,
      textStyle: { fontSize: 13.5, fontWeight: 600, color: theme.ink, fontFamily },
    })),
    legend: placed.map((pane) => legendOf(pane, series, theme, hidden)),
    grid: placed.map(({ plotTop, height }) => ({ ...sides, top: plotTop, height, outerBoundsMode: 'none' })),
    xAxis: placed.map((_, index) => ({
      type: 'time',
      gridIndex: index,
      min: from,
      max: to,
      axisLine: { lineStyle: { color: theme.line } },
      axisTick: { show: false },
      splitLine: { show: false },
      axisLabel: { color: theme.quiet, fontSize: 11.5, hideOverlap: true, showMinLabel: false, showMaxLabel: false },
      axisPointer: { show: true, label: { show: index === placed.length - 1 } },
    })),
    yAxis: placed.map((pane, index) => valueAxis(pane, index, theme)),
    axisPointer: {
      link: [{ xAxisIndex: 'all' }],
      lineStyle: { color: theme.quiet, type: 'dashed' },
      label: {
        backgroundColor: theme.ink,
        color: theme.surface,
        formatter: ({ value, axisDimension }) => (axisDimension === 'x' ? `${showTime(value)} UTC` : showNumber(value)),
      },
    },
    tooltip: {
      ...tooltipOf(theme),
      trigger: 'axis',
      axisPointer: { type: 'cross', crossStyle: { color: theme.quiet } },
      formatter: timelineTooltip(panes, series, theme, hidden),
    },
    dataZoom: zoomControls(panes, zoom, theme, sides),
    series,
  };
  return { option, height: heightOf(placed) };
};
