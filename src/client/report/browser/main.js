/* Draws the charts of a backtest. */

import { drawCharts } from './charts.js';
import { distributionOption } from './distribution.js';
import { markSize, resizedMarks } from './series.js';
import { timelineOf } from './timeline.js';

const data = JSON.parse(document.getElementById('report-data').textContent);

const chartOf = (chart, theme) =>
  chart.name === 'timeline'
    ? timelineOf(data, theme, chart)
    : { option: distributionOption(data, theme), height: null };

const fitMarks = ({ instance, zoom }, before) => {
  const size = markSize(data, zoom);
  if (size === markSize(data, before)) return;
  instance.setOption({ series: resizedMarks(instance.getOption().series, size) });
};

drawCharts(chartOf, fitMarks);
