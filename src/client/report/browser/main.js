/* Draws the charts, and again when the theme or their width changes. */

import { readTheme } from './theme.js';
import { resizedMarks } from './series.js';
import { timelineOf } from './timeline.js';
import { distributionOption } from './distribution.js';

const data = JSON.parse(document.getElementById('report-data').textContent);

const charts = [...document.querySelectorAll('.chart')].map((element) => ({
  element,
  isTimeline: element.dataset.chart === 'timeline',
  instance: null,
  width: 0,
}));

const zoomOf = (instance) => {
  const [zoom] = instance?.getOption()?.dataZoom ?? [];
  return zoom === undefined ? { start: 0, end: 100 } : { start: zoom.start, end: zoom.end };
};

const draw = (chart) => {
  const theme = readTheme();
  const zoom = zoomOf(chart.instance);
  chart.width = chart.element.clientWidth;
  const { option, height } = chart.isTimeline
    ? timelineOf(data, theme, zoom, chart.width)
    : { option: distributionOption(data, theme), height: null };
  if (height !== null) chart.element.style.height = `${height}px`;
  if (chart.instance === null) begin(chart);
  chart.instance.resize();
  chart.instance.setOption(option, { notMerge: true });
};

const begin = (chart) => {
  chart.instance = echarts.init(chart.element);
  new ResizeObserver(() => (chart.element.clientWidth === chart.width ? chart.instance.resize() : draw(chart))).observe(
    chart.element,
  );
  if (!chart.isTimeline) return;
  chart.instance.on('datazoom', () => {
    const { series } = chart.instance.getOption();
    const marks = resizedMarks(data, series, zoomOf(chart.instance));
    const [first] = marks;
    if (first === undefined || first.symbolSize === series.find(({ id }) => id === first.id).symbolSize) return;
    chart.instance.setOption({ series: marks });
  });
};

const drawAll = () => charts.forEach(draw);
window.matchMedia('(prefers-color-scheme: dark)').addEventListener('change', drawAll);
drawAll();
