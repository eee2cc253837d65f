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
import { lineIcon, markSize, seriesOf } from './series.js';

/** What stands under the pointer, from the points that the axis has met. */
const timelineTooltip = (panes, series, theme) => (met) => {
  const points = Array.isArray(met) ? met : [met];
  if (points.length === 0) return '';
  const seen = new Set();
  const rows = points.flatMap((point) => {
    const { value, seriesId, seriesType, seriesName, color } = point;
    if (value[1] === null || (seen.has(seriesId) && seriesType !== 'scatter')) return [];
    seen.add(seriesId);
    const { xAxisIndex, says } = series[point.seriesIndex];
    if (seriesType === 'candlestick') {
      const [, open, close, low, high] = value;
      const prices = `O ${showNumber(open)}  H ${showNumber(high)}  L ${showNumber(low)}  C ${showNumber(close)}`;
      return [tooltipRow(close >= open ? theme.up : theme.down, seriesName, prices)];
    }
    const text = panes[xAxisIndex].percent ? showPercent(value[1]) : showNumber(value[1]);
    const outcome = value.length > 2 ? ` (${showPercent(value[2])}, ${value[3]})` : '';
    return [tooltipRow(color, says ?? seriesName, text + outcome)];
  });
  const time = showTime(points[0].axisValue ?? points[0].value[0]);
  return `<div style="margin-bottom:4px;color:${theme.quiet}">${time} UTC</div>${rows.slice(0, 18).join('')}`;
};

/** The nearest 1, 2 or 5 times a power of ten below or above. */
const roundOutwards = (value, upwards) => {
  const power = 10 ** Math.floor(Math.log10(value));
  const steps = [1, 2, 5, 10].map((step) => step * power);
  return upwards ? steps.find((step) => step >= value) : steps.findLast((step) => step <= value);
};

const valueAxis = (pane, index, theme) => {
  const known = pane.log ? pane.values.filter((value) => value !== null) : [];
  return {
    type: pane.log ? 'log' : 'value',
    gridIndex: index,
    position: 'right',
    scale: pane.fromZero !== true,
    splitNumber: pane.height < 150 ? 2 : 4,
    ...(pane.log && { min: roundOutwards(Math.min(...known), false), max: roundOutwards(Math.max(...known), true) }),
    ...(pane.percent && { max: 0 }),
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

const zoomControls = (panes, zoom, theme, { left, right }) => {
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

const legendOf = (pane, series, theme) => ({
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

/** The chart and its height in px, for an element `width` px wide. `zoom` is the part shown, `start` and `end` in per cent. */
export const timelineOf = (data, theme, zoom, width) => {
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
    legend: placed.map((pane) => legendOf(pane, series, theme)),
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
      formatter: timelineTooltip(panes, series, theme),
    },
    dataZoom: zoomControls(panes, zoom, theme, sides),
    series,
  };
  return { option, height: heightOf(placed) };
};
