/* Where the panes of a chart stand, with their titles and legends. */

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
