/* Draws the charts, and again when the theme or the width changes. */

const data = JSON.parse(document.getElementById('report-data').textContent);

const charts = [...document.querySelectorAll('.chart')].map((element) => ({
  element,
  isTimeline: element.dataset.chart === 'timeline',
  instance: null,
}));

const zoomOf = (instance) => {
  const [zoom] = instance?.getOption()?.dataZoom ?? [];
  return zoom === undefined ? { start: 0, end: 100 } : { start: zoom.start, end: zoom.end };
};

const draw = () => {
  const theme = readTheme();
  for (const chart of charts) {
    const zoom = zoomOf(chart.instance);
    if (chart.isTimeline) chart.element.style.height = `${timelineHeight(data)}px`;
    chart.instance ??= echarts.init(chart.element);
    chart.instance.resize();
    const option = chart.isTimeline ? timelineOption(data, theme, zoom) : distributionOption(data, theme);
    chart.instance.setOption(option, { notMerge: true });
  }
};

let wasNarrow = isNarrow();
window.addEventListener('resize', () => {
  if (wasNarrow !== isNarrow()) {
    wasNarrow = isNarrow();
    draw();
    return;
  }
  for (const { instance } of charts) instance.resize();
});
window.matchMedia('(prefers-color-scheme: dark)').addEventListener('change', draw);
draw();
