/* A chart of panes over one axis of time, with one crosshair, one zoom and a legend for each pane. */

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
} from './theme.js';
import { heightOf, legendText, placePanes } from './panes.js';
import { lineIcon } from './lines.js';

/** The last point of a series at or before `time`, as far as it is no gap; undefined where there is none. */
const pointAt = ({ data: points }, time) => {
  let [low, high] = [0, points.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (points[middle][0] <= time) low = middle + 1;
    else high = middle;
  }
  const found = points[low - 1];
  return found === undefined || found[1] === null ? undefined : found;
};

/**
 * Every series as of the pointer's time, whichever points the axis has met; of the marks, those that it has met. `rowOf` gives the row of
 * a series at a point, `moreAt` rows that stand for no series.
 */
const pointerTooltip =
  (series, theme, hidden, { isMark, mostMarks, rowOf, moreAt = () => [] }) =>
  (met) => {
    const points = Array.isArray(met) ? met : [met];
    const time = points[0]?.axisValue ?? points[0]?.value?.[0];
    if (time === undefined) return '';
    const rows = series.flatMap((each, index) => {
      if (hidden.has(each.name)) return [];
      if (isMark(each)) {
        const marks = points.filter((point) => point.seriesIndex === index);
        return marks.slice(0, mostMarks).map(({ value }) => rowOf(each, value));
      }
      const point = pointAt(each, time);
      return point === undefined ? [] : [rowOf(each, point)];
    });
    const heading = `<div style="margin-bottom:4px;color:${theme.quiet}">${showTime(time)} UTC</div>`;
    return [heading, ...rows, ...moreAt(time)].join('');
  };

/** A pane's axis of values: to its right, numbers short where they are great. */
export const paneAxis = (index, theme, isPercent) => ({
  type: 'value',
  gridIndex: index,
  position: 'right',
  axisLine: { show: false },
  axisTick: { show: false },
  splitLine: { lineStyle: { color: theme.line } },
  axisLabel: {
    color: theme.quiet,
    fontSize: 11.5,
    formatter: (value) =>
      isPercent ? showPercent(value) : Math.abs(value) >= 100_000 ? showCompact(value) : showNumber(value),
  },
});

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

const legendOf = (pane, series, theme, hidden) => ({
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
 * The chart and its height in px. `view` is how it is looked at: an element `width` px wide, `zoom` the part shown, `start` and `end` in
 * per cent, `hidden` the names that the legends have switched off. `listed` are the series that legends and tooltips name, `from` and `to`
 * epoch ms, `valueAxis` gives a pane's axis, `tooltip` what `pointerTooltip` asks for.
 */
export const timeChartOf = (chart) => {
  const { panes, series, listed = series, theme, view, from, to, timeAxisLine, valueAxis, tooltip } = chart;
  const { zoom, hidden, width } = view;
  const placed = placePanes(panes, listed, width);
  const sides = { left: 16, right: isNarrow() ? 48 : 60 };
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
      min: from,
      max: to,
      axisLine: { ...timeAxisLine, lineStyle: { color: theme.line } },
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
      formatter: pointerTooltip(series, theme, hidden, tooltip),
    },
    dataZoom: zoomControls(panes, zoom, theme, sides),
    series,
  };
  return { option, height: heightOf(placed) };
};
