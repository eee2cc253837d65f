/* The series of a chart whose data says itself what stands in which pane. */

import { inPane, levelLines, lineSeries } from '../lines.js';
import { faded, showPercent } from '../theme.js';

const colourOf = (theme, name) => (typeof name === 'number' ? theme.series[name % theme.series.length] : theme[name]);

const lineStyles = {
  line: { width: 1.7 },
  dashed: { width: 1.4, type: [5, 4] },
  area: { width: 1.2 },
  stack: { width: 0.8 },
};

const areaOf = (shape, colour) => {
  if (shape === 'area') return { areaStyle: { color: faded(colour, 0.18), origin: 0 } };
  return shape === 'stack' ? { areaStyle: { color: faded(colour, 0.45) } } : {};
};

const linesOf = (data, pane, index, theme) =>
  pane.lines.map((line) => {
    const colour = colourOf(theme, line.colour);
    return lineSeries(
      data,
      line.name,
      line,
      index,
      { ...lineStyles[line.shape], color: colour },
      {
        ...areaOf(line.shape, colour),
        ...(line.shape === 'stack' && { stack: pane.name }),
        // Between fewer than three points there is hardly a line to see.
        showSymbol: line.time.length < 3,
        z: line.shape === 'dashed' ? 2 : 3,
      },
    );
  });

const symbols = { triangle: ['triangle', 0], 'pin-down': ['triangle', 180], diamond: ['diamond', 0] };

const marksOf = (data, pane, index, theme) =>
  pane.marks.map((mark) => ({
    ...inPane(index),
    name: mark.name,
    isMark: true,
    type: 'scatter',
    symbol: symbols[mark.symbol][0],
    symbolRotate: symbols[mark.symbol][1],
    symbolSize: mark.points.length > 150 ? 6 : 10,
    itemStyle: { color: colourOf(theme, mark.colour), borderColor: theme.surface, borderWidth: 1 },
    data: mark.points.map(([seconds, value, text]) => [data.start + seconds * 1000, value, text]),
    z: 5,
  }));

const mostLabels = 8;

/** Within the chart also at its edges; `share` of the whole, 0 to 1. */
const labelPlace = (share) => {
  if (share < 0.1) return 'insideTopLeft';
  return share > 0.9 ? 'insideTopRight' : 'insideTop';
};

const levelText = ({ data: { label }, value }) => (label.text === '' ? '' : `${label.text} ${showPercent(value)}`);

/** What lies behind a pane's lines, whichever of them are shown: levels across it, and stretches of time. */
const groundOf = (data, pane, index, theme) => ({
  ...inPane(index),
  isGround: true,
  type: 'line',
  silent: true,
  data: [],
  markLine: levelLines(
    theme,
    pane.levels.map(({ value, label }) => ({ yAxis: value, label: { text: label } })),
    levelText,
  ),
  markArea: {
    silent: true,
    animation: false,
    // The border shows also what is too short to be an area.
    itemStyle: { color: faded(theme.down, 0.13), borderColor: faded(theme.down, 0.4), borderWidth: 1 },
    label: { show: index === 0 && data.spans.length <= mostLabels, color: theme.down, fontSize: 11, distance: 3 },
    data: data.spans.map(({ from, to, label }) => [
      { name: label, xAxis: data.start + from * 1000, label: { position: labelPlace((from + to) / 2 / data.length) } },
      { xAxis: data.start + to * 1000 },
    ]),
  },
});

export const paneSeries = (data, theme, panes) =>
  panes
    .flatMap((pane, index) => [
      ...linesOf(data, pane, index, theme),
      ...marksOf(data, pane, index, theme),
      groundOf(data, pane, index, theme),
    ])
    .map((series, index) => ({ id: `series-${index}`, ...series }));
