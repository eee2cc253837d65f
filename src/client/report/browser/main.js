/* Draws the charts, and again when the theme or their width changes. */

import { distributionOption } from './distribution.js';
import { markSize, resizedMarks } from './series.js';
import { readTheme } from './theme.js';
import { timelineOf } from './timeline.js';

const data = JSON.parse(document.getElementById('report-data').textContent);

const charts = [...document.querySelectorAll('.chart')].map((element) => ({
  element,
  isTimeline: element.dataset.chart === 'timeline',
  instance: null,
  width: 0,
  zoom: { start: 0, end: 100 },
  hidden: new Set(),
}));

const draw = (chart) => {
  const theme = readTheme();
  chart.width = chart.element.clientWidth;
  const { option, height } = chart.isTimeline
    ? timelineOf(data, theme, chart)
    : { option: distributionOption(data, theme), height: null };
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
    const before = markSize(data, chart.zoom);
    chart.zoom = { start, end };
    const size = markSize(data, chart.zoom);
    if (size !== before) instance.setOption({ series: resizedMarks(instance.getOption().series, size) });
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
