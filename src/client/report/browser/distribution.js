/* How the trades' returns are distributed. */

import { fontFamily, showCompact, showNumber, showPercent, tooltipOf, tooltipRow } from './theme.js';

export const distributionOption = (data, theme) => ({
  animation: false,
  textStyle: { fontFamily },
  grid: { left: 36, right: 24, top: 16, bottom: 48, outerBoundsMode: 'none' },
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
    type: 'value',
    min: data.returns[0].from,
    max: data.returns.at(-1).to,
    name: 'Return of a trade, net of fees',
    nameLocation: 'middle',
    nameGap: 30,
    nameTextStyle: { color: theme.quiet, fontSize: 12 },
    axisLine: { onZero: false, lineStyle: { color: theme.line } },
    axisTick: { show: false },
    splitLine: { show: false },
    axisLabel: {
      color: theme.quiet,
      fontSize: 11.5,
      hideOverlap: true,
      formatter: (value) => showPercent(value),
    },
  },
  yAxis: {
    type: 'value',
    minInterval: 1,
    axisLine: { show: false, onZero: false },
    axisTick: { show: false },
    axisLabel: { color: theme.quiet, fontSize: 11.5, formatter: (value) => showCompact(value) },
    splitLine: { lineStyle: { color: theme.line } },
  },
  series: [
    {
      name: 'Trades',
      type: 'bar',
      barCategoryGap: '6%',
      data: data.returns.map((bin) => ({
        value: [(bin.from + bin.to) / 2, bin.count],
        itemStyle: { color: bin.from < 0 ? theme.down : theme.up, borderRadius: [2, 2, 0, 0] },
      })),
      markLine: {
        silent: true,
        symbol: 'none',
        animation: false,
        lineStyle: { color: theme.quiet, type: 'solid', width: 1 },
        label: { show: false },
        data: [{ xAxis: 0 }],
      },
    },
  ],
});
