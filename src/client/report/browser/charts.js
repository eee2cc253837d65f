/* Draws the charts, and again when the theme or their width changes. */

import { readTheme } from './theme.js';

const places = [...document.querySelectorAll('.chart')].map((element) => ({
  element,
  name: element.dataset.chart,
  instance: null,
  width: 0,
  zoom: { start: 0, end: 100 },
  hidden: new Set(),
}));

/**
 * Draws every chart of the page and keeps it drawn.
 * `chartOf` gives the option of a chart and its height in px, null where the style says it; `zoomed` is told of each zoom, with the one before.
 */
export const drawCharts = (chartOf, zoomed = () => undefined) => {
  const draw = (chart) => {
    chart.width = chart.element.clientWidth;
    const { option, height } = chartOf(chart, readTheme());
    if (height !== null) chart.element.style.height = `${height}px`;
    chart.instance ??= begin(chart);
    chart.instance.resize();
    chart.instance.setOption(option, { notMerge: true });
  };
  const begin = (chart) => {
    const instance = echarts.init(chart.element);
    const follow = () => (chart.element.clientWidth === chart.width ? instance.resize() : draw(chart));
    new ResizeObserver(follow).observe(chart.element);
    instance.on('datazoom', (event) => {
      const { start, end } = event.batch?.[0] ?? event;
      const before = chart.zoom;
      chart.zoom = { start, end };
      zoomed(chart, before);
    });
    instance.on('legendselectchanged', ({ selected }) => {
      for (const [name, isShown] of Object.entries(selected)) {
        if (isShown) chart.hidden.delete(name);
        else chart.hidden.add(name);
      }
    });
    return instance;
  };
  const drawAll = () => places.forEach(draw);
  window.matchMedia('(prefers-color-scheme: dark)').addEventListener('change', drawAll);
  drawAll();
};
