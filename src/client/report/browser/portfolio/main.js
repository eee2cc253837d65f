/* Draws the charts of a portfolio. */

import { drawCharts } from '../charts.js';
import { paneChartOf } from './pane-chart.js';

const data = JSON.parse(document.getElementById('report-data').textContent);

drawCharts((chart, theme) => paneChartOf(data[chart.name], theme, chart));
