/* The series of the timeline, pane by pane. `pane` is the index of the grid and of both axes. */

import { inPane, levelLines, lineSeries, pointsOf } from './lines.js';
import { faded, showNumber } from './theme.js';

const candleSeries = (data, theme, pane) => {
  const { time, open, high, low, close } = data.candles;
  const middle = data.start + (data.span.seconds * 1000) / 2;
  return {
    ...inPane(pane),
    name: `${data.span.label} candles`,
    type: 'candlestick',
    barMaxWidth: 12,
    itemStyle: {
      color: faded(theme.up, 0.5),
      borderColor: faded(theme.up, 0.75),
      color0: faded(theme.down, 0.5),
      borderColor0: faded(theme.down, 0.75),
    },
    data: time.map((seconds, index) => [middle + seconds * 1000, open[index], close[index], low[index], high[index]]),
    z: 2,
  };
};

const markNames = { long: 'Entry', short: 'Short entry', gain: 'Exit with gain', loss: 'Exit with loss' };

/** The more trades lie in the part that is shown (per cent of the whole), the smaller their marks. */
export const markSize = (data, { start, end }) => {
  const length = data.candles.time.at(-1);
  const shown = data.trades.filter(
    ({ entry: [from], exit: [to] }) => to >= (start / 100) * length && from <= (end / 100) * length,
  ).length;
  const steps = [
    [60, 11],
    [150, 8],
    [400, 6],
    [900, 4],
  ];
  return (steps.find(([most]) => shown <= most) ?? [0, 3])[1];
};

/** Small marks stand too close for a border. */
const borderOf = (size) => (size > 4 ? 1 : 0);

const marksOfTrades = new Set(Object.values(markNames));
export const isMark = ({ name }) => marksOfTrades.has(name);

const markSeries = (data, theme, pane, size) => {
  const at = ([seconds, price]) => [data.start + seconds * 1000, price];
  const marks = (name, symbol, colour, points, rotate = 0) => ({
    ...inPane(pane),
    name,
    type: 'scatter',
    symbol,
    symbolSize: size,
    symbolRotate: rotate,
    itemStyle: { color: colour, borderColor: theme.surface, borderWidth: borderOf(size), opacity: 0.9 },
    data: points,
    z: 5,
  });
  const entries = (long) => data.trades.filter((trade) => trade.long === long).map((trade) => at(trade.entry));
  const exits = (gain) =>
    data.trades
      .filter((trade) => trade.pct > 0 === gain)
      .map((trade) => [...at(trade.exit), trade.pct, trade.reason.replaceAll('_', ' ')]);
  return [
    marks(markNames.long, 'triangle', theme.ink, entries(true)),
    marks(markNames.short, 'triangle', theme.ink, entries(false), 180),
    marks(markNames.gain, 'circle', theme.up, exits(true)),
    marks(markNames.loss, 'rect', theme.down, exits(false)),
  ].filter((series) => series.data.length > 0);
};

const levelsOf = (levels, theme) =>
  levelLines(
    theme,
    levels.map((level) => ({ yAxis: level })),
    ({ value }) => showNumber(value),
  );

const types = { dots: 'scatter', bars: 'bar', line: 'line' };
const isChannel = (indicator) =>
  indicator.pane === 'price' &&
  indicator.lines.length > 1 &&
  indicator.lines.every((line) => /(upper|middle|lower)$/.test(line.label));

/** An indicator's lines; `nextColour` hands out colours. The lines of a channel are one entry of the legend. */
const indicatorSeries = (data, indicator, theme, pane, nextColour) => {
  const channel = isChannel(indicator) ? nextColour() : null;
  return indicator.lines.map((line, index) => {
    const colour = channel ?? nextColour();
    const isMiddle = channel !== null && line.label.endsWith('middle');
    return {
      ...inPane(pane),
      name: channel === null ? line.label : indicator.label,
      label: { show: false },
      says: line.label,
      type: types[line.shape],
      showSymbol: false,
      symbolSize: 3,
      lineStyle: { width: isMiddle ? 1 : 1.5, color: colour, ...(isMiddle && { type: [4, 3] }) },
      itemStyle: { color: colour },
      data: pointsOf(data, line),
      z: 4,
      ...(index === 0 && indicator.pane === 'own' && { markLine: levelsOf(indicator.levels, theme) }),
    };
  });
};

const volumeSeries = (data, theme, pane) => ({
  ...inPane(pane),
  name: 'Volume',
  type: 'bar',
  barMaxWidth: 12,
  itemStyle: { color: faded(theme.hold, 0.6) },
  data: data.candles.time.map((seconds, index) => [
    data.start + (seconds + data.span.seconds / 2) * 1000,
    data.candles.volume[index],
  ]),
});

export const seriesOf = (data, theme, panes, size) => {
  let used = 0;
  const nextColour = () => theme.series[used++ % theme.series.length];
  const overlays = (scale, index) =>
    data.indicators
      .filter((indicator) => indicator.pane === scale)
      .flatMap((indicator) => indicatorSeries(data, indicator, theme, index, nextColour));
  const kinds = {
    equity: (index) => [
      lineSeries(data, 'Strategy', data.equity, index, { width: 1.8, color: theme.up }, { z: 3 }),
      lineSeries(
        data,
        'Buy and hold',
        data.benchmark,
        index,
        { width: 1.4, type: [5, 4], color: theme.hold },
        { z: 1 },
      ),
    ],
    drawdown: (index) => [
      lineSeries(
        data,
        'Drawdown',
        data.drawdown,
        index,
        { width: 1.2, color: theme.down },
        {
          areaStyle: { color: faded(theme.down, 0.18), origin: 0 },
        },
      ),
    ],
    price: (index) => [
      candleSeries(data, theme, index),
      ...overlays('price', index),
      ...markSeries(data, theme, index, size),
    ],
    volume: (index) => [volumeSeries(data, theme, index), ...overlays('volume', index)],
    own: (index) => indicatorSeries(data, panes[index].indicator, theme, index, nextColour),
  };
  return panes
    .flatMap((pane, index) => kinds[pane.kind](index))
    .map((series, index) => ({ id: `series-${index}`, ...series }));
};

/** The marks in a size that fits what is shown now, to be merged into the series that are there. */
export const resizedMarks = (series, symbolSize) =>
  series.filter(isMark).map(({ id }) => ({ id, symbolSize, itemStyle: { borderWidth: borderOf(symbolSize) } }));
