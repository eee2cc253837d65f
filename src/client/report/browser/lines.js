/* Lines of any chart over time. `pane` is the index of the grid and of both axes. */

import { faded } from './theme.js';

export const lineIcon = 'path://M0 5h14v3h-14z';

/** Points of a thin line as [epoch ms, value]. */
export const pointsOf = (data, line) =>
  line.time.map((seconds, index) => [data.start + seconds * 1000, line.value[index]]);

export const inPane = (pane) => ({ xAxisIndex: pane, yAxisIndex: pane, animation: false });

/** Levels across a pane, as ECharts' `data` of a `markLine`; `textOf` is the formatter of their labels. */
export const levelLines = (theme, data, textOf) => ({
  silent: true,
  symbol: 'none',
  animation: false,
  lineStyle: { color: theme.quiet, type: 'dashed', width: 1 },
  label: {
    color: theme.quiet,
    backgroundColor: faded(theme.surface, 0.85),
    padding: [1, 3],
    position: 'insideStartTop',
    formatter: textOf,
  },
  data,
});

export const lineSeries = (data, name, line, pane, lineStyle, extra) => ({
  ...inPane(pane),
  name,
  type: 'line',
  showSymbol: false,
  lineStyle,
  itemStyle: { color: lineStyle.color },
  data: pointsOf(data, line),
  ...extra,
});
