/* How the trades' returns are distributed. */

const distributionOption = (data, theme) => ({
  animation: false,
  textStyle: { fontFamily },
  aria: { enabled: true },
  grid: { left: 8, right: 12, top: 16, bottom: 40, outerBoundsMode: 'same', outerBoundsContain: 'axisLabel' },
  tooltip: {
    ...tooltipOf(theme),
    trigger: 'axis',
    axisPointer: { type: 'shadow' },
    formatter: ([point]) => {
      const bin = data.returns[point.dataIndex];
      const label = `${showPercent(bin.from)} to ${showPercent(bin.to)}`;
      return tooltipRow(point.color, label, `${showNumber(bin.count)} trade${bin.count === 1 ? '' : 's'}`);
    },
  },
  xAxis: {
    type: 'category',
    name: 'Return of a trade, net of fees',
    nameLocation: 'middle',
    nameGap: 28,
    nameTextStyle: { color: theme.quiet, fontSize: 12 },
    data: data.returns.map((bin) => showPercent(bin.from)),
    axisLine: { lineStyle: { color: theme.line } },
    axisTick: { show: false },
    axisLabel: { color: theme.quiet, fontSize: 11.5, hideOverlap: true },
  },
  yAxis: {
    type: 'value',
    minInterval: 1,
    axisLabel: { color: theme.quiet, fontSize: 11.5, formatter: (value) => showCompact(value) },
    splitLine: { lineStyle: { color: theme.line } },
  },
  series: [
    {
      name: 'Trades',
      type: 'bar',
      barCategoryGap: '8%',
      data: data.returns.map((bin) => ({
        value: bin.count,
        itemStyle: { color: bin.from < 0 ? theme.down : theme.up, borderRadius: [2, 2, 0, 0] },
      })),
    },
  ],
});
