/* Panes of one chart over one axis of time, with one crosshair. */

import {
  fontFamily,
  isNarrow,
  showCompact,
  showNumber,
  showPercent,
  showTime,
  tooltipOf,
  tooltipRow,
} from '../theme.js';
import { heightOf, placePanes } from '../panes.js';
import { legendOf, pointAt, zoomControls } from '../timeline.js';
import { paneSeries } from './pane-series.js';

const heights = { tall: [250, 210], middle: [150, 140] };

const shown = ({ unit }, value) => {
  if (unit === 'percent') return showPercent(value);
  return value < 0 ? `−$${showNumber(-value)}` : `$${showNumber(value)}`;
};

/** Every line as of the pointer's time, the marks that it has met, and the incident that was open. */
const paneTooltip = (data, panes, series, theme, hidden) => (met) => {
  const points = Array.isArray(met) ? met : [met];
  const time = points[0]?.axisValue ?? points[0]?.value?.[0];
  if (time === undefined) return '';
  const seconds = (time - data.start) / 1000;
  const lines = series.flatMap((each, index) => {
    if (each.isGround || hidden.has(each.name)) return [];
    const pane = panes[each.xAxisIndex];
    if (each.isMark) {
      const marks = points.filter((point) => point.seriesIndex === index);
      return marks.slice(0, 3).map(({ value: [, , text] }) => tooltipRow(each.itemStyle.color, text, ''));
    }
    const point = pointAt(each, time);
    if (point === undefined || (each.stack && point[1] === 0)) return [];
    return [tooltipRow(each.itemStyle.color, each.name, shown(pane, point[1]))];
  });
  const incidents = data.spans
    .filter(({ from, to }) => from <= seconds && seconds <= to)
    .map(({ label }) => tooltipRow(theme.down, 'Incident', label));
  return `<div style="margin-bottom:4px;color:${theme.quiet}">${showTime(time)} UTC</div>${[...lines, ...incidents].join('')}`;
};

/** What an axis has to reach beyond its values: 0, and the levels that mean something. */
const rangeOf = ({ bound, levels }) => {
  const furthest = Math.min(...levels.map(({ value }) => value), -1);
  if (bound === 'above') return { max: 0, min: ({ min }) => Math.min(min, furthest) * 1.08 };
  return bound === 'below' ? { min: 0 } : {};
};

const paneAxis = (pane, index, theme) => ({
  type: 'value',
  gridIndex: index,
  position: 'right',
  scale: pane.bound === 'none',
  splitNumber: pane.height < 200 ? 3 : 4,
  ...rangeOf(pane),
  axisLine: { show: false },
  axisTick: { show: false },
  splitLine: { lineStyle: { color: theme.line } },
  axisLabel: {
    color: theme.quiet,
    fontSize: 11.5,
    showMinLabel: pane.bound === 'above' ? false : null,
    formatter: (value) =>
      pane.unit === 'percent'
        ? showPercent(value)
        : Math.abs(value) >= 100_000
          ? showCompact(value)
          : showNumber(value),
  },
});

/**
 * The chart and its height in px, for an element `width` px wide. `zoom` is the part shown, `start` and `end` in per cent; `hidden` are
 * names that the legends have switched off.
 */
export const paneChartOf = (data, theme, { zoom, hidden, width }) => {
  const narrow = isNarrow();
  const panes = data.panes.map((pane) => ({ ...pane, height: heights[pane.height][narrow ? 1 : 0] }));
  const series = paneSeries(data, theme, panes);
  const listed = series.filter((each) => !each.isGround);
  const placed = placePanes(panes, listed, width);
  const sides = { left: 16, right: narrow ? 48 : 60 };
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
    legend: placed.map((pane) => legendOf(pane, listed, theme, hidden)),
    grid: placed.map(({ plotTop, height }) => ({ ...sides, top: plotTop, height, outerBoundsMode: 'none' })),
    xAxis: placed.map((_, index) => ({
      type: 'time',
      gridIndex: index,
      min: data.start,
      max: data.start + data.length * 1000,
      axisLine: { onZero: false, lineStyle: { color: theme.line } },
      axisTick: { show: false },
      splitLine: { show: false },
      axisLabel: { color: theme.quiet, fontSize: 11.5, hideOverlap: true, showMinLabel: false, showMaxLabel: false },
      axisPointer: { show: true, label: { show: index === placed.length - 1 } },
    })),
    yAxis: placed.map((pane, index) => paneAxis(pane, index, theme)),
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
      formatter: paneTooltip(data, panes, series, theme, hidden),
    },
    dataZoom: zoomControls(panes, zoom, theme, sides),
    series,
  };
  return { option, height: heightOf(placed) };
};
