/* Equity, drawdown, exposure and goals of a portfolio: what its panes show of their data. */

import { isNarrow, showNumber, showPercent, tooltipRow } from '../theme.js';
import { paneAxis, timeChartOf } from '../time-chart.js';
import { paneSeries } from './pane-series.js';

const heights = { tall: [250, 210], middle: [150, 140] };

const shown = ({ unit }, value) => {
  if (unit === 'percent') return showPercent(value);
  return value < 0 ? `−$${showNumber(-value)}` : `$${showNumber(value)}`;
};

/** The lines, the marks that the pointer has met, and the incident that was open. */
const paneTooltip = (data, panes, theme) => ({
  isMark: (each) => each.isMark === true,
  mostMarks: 3,
  rowOf: (each, [, value, text]) => {
    if (each.isMark) return tooltipRow(each.itemStyle.color, text, '');
    return each.stack && value === 0
      ? ''
      : tooltipRow(each.itemStyle.color, each.name, shown(panes[each.xAxisIndex], value));
  },
  moreAt: (time) => {
    const seconds = (time - data.start) / 1000;
    return data.spans
      .filter(({ from, to }) => from <= seconds && seconds <= to)
      .map(({ label }) => tooltipRow(theme.down, 'Incident', label));
  },
});

/** What an axis has to reach beyond its values: 0, and the levels that mean something. */
const rangeOf = ({ bound, levels }) => {
  const furthest = Math.min(...levels.map(({ value }) => value), -1);
  if (bound === 'above') return { max: 0, min: ({ min }) => Math.min(min, furthest) * 1.08 };
  return bound === 'below' ? { min: 0 } : {};
};

const valueAxis = (pane, index, theme) => {
  const axis = paneAxis(index, theme, pane.unit === 'percent');
  return {
    ...axis,
    scale: pane.bound === 'none',
    splitNumber: pane.height < 200 ? 3 : 4,
    ...rangeOf(pane),
    axisLabel: { ...axis.axisLabel, showMinLabel: pane.bound === 'above' ? false : null },
  };
};

/** The chart and its height in px, as `timeChartOf` has them. */
export const paneChartOf = (data, theme, view) => {
  const panes = data.panes.map((pane) => ({ ...pane, height: heights[pane.height][isNarrow() ? 1 : 0] }));
  const series = paneSeries(data, theme, panes);
  return timeChartOf({
    panes,
    series,
    listed: series.filter((each) => !each.isGround),
    theme,
    view,
    from: data.start,
    to: data.start + data.length * 1000,
    timeAxisLine: { onZero: false },
    valueAxis,
    tooltip: paneTooltip(data, panes, theme),
  });
};
