/* Draws the charts, and again when the theme or their width changes. */

import { readTheme } from '../theme.js';
import { paneChartOf } from './pane-chart.js';

const data = JSON.parse(document.getElementById('report-data').textContent);

const charts = [...document.querySelectorAll('.chart')].map((element) => ({
  element,
  instance: null,
  width: 0,
  zoom: { start: 0, end: 100 },
  hidden: new Set(),
}));

const draw = (chart) => {
  chart.width = chart.element.clientWidth;
  const { option, height } = paneChartOf(data[chart.element.dataset.chart], readTheme(), chart);
  chart.element.style.height = `${height}px`;
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
    chart.zoom = { start, end };
  });
  instance.on('legendselectchanged', ({ selected }) => {
    for (const [name, isShown] of Object.entries(selected)) {
      if (isShown) chart.hidden.delete(name);
      else chart.hidden.add(name);
    }
  });
  return instance;
};

const drawAll = () => charts.forEach(draw);
window.matchMedia('(prefers-color-scheme: dark)').addEventListener('change', drawAll);
drawAll();
