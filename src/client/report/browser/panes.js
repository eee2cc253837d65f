/* Where the panes of the timeline stand, with their titles and legends. */

import { fontFamily } from './theme.js';

const axisGap = 38;
const titleHeight = 26;
const legendRowHeight = 22;
const legendItemPadding = 34;
const sliderHeight = 54;

const ruler = document.createElement('canvas').getContext('2d');
const widthOf = (text, font) => {
  ruler.font = `${font} ${fontFamily}`;
  return ruler.measureText(text).width;
};

/** Rows that legend items of these names take in `width` px. */
const legendRows = (names, width) => {
  let rows = 1;
  let used = 0;
  for (const name of names) {
    const item = widthOf(name, '12px') + legendItemPadding;
    if (used > 0 && used + item > width) {
      rows += 1;
      used = 0;
    }
    used += item;
  }
  return rows;
};

/** True where the values span so much that a linear axis hides the small ones. */
const wantsLogAxis = (values) => {
  const known = values.filter((value) => value !== null);
  const least = Math.min(...known);
  return least > 0 && Math.max(...known) / least > 6;
};

/** The panes below each other, without their places. */
export const panesOf = (data, narrow) => {
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

/** Panes with `top`, the place of their legend, and what it lists, for a chart `width` px wide. */
export const placePanes = (panes, series, width) => {
  let top = 6;
  return panes.map((pane, index) => {
    const names = [...new Set(series.filter((each) => each.xAxisIndex === index).map((each) => each.name))];
    const listed = names.length > 1 ? names : [];
    const texts = listed.map((name) => legendText(pane, name));
    const beside = widthOf(pane.title, '600 13.5px') + 20;
    const fitsBeside = legendRows(texts, width - beside) === 1;
    const rows = fitsBeside ? 0 : legendRows(texts, width);
    const placed = {
      ...pane,
      top,
      legend: listed,
      legendLeft: fitsBeside ? beside : 0,
      legendTop: fitsBeside ? top - 6 : top + 18,
      plotTop: top + titleHeight + rows * legendRowHeight,
    };
    top = placed.plotTop + pane.height + axisGap;
    return placed;
  });
};

export const heightOf = (placed) => placed.at(-1).plotTop + placed.at(-1).height + axisGap + sliderHeight;

/** In a pane of its own, an indicator's outputs need not repeat its name. */
export const legendText = (pane, name) => (name.startsWith(`${pane.name} `) ? name.slice(pane.name.length + 1) : name);
