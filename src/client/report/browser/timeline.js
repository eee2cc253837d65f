/* Equity, drawdown, price with trades, volume and indicators: panes of one chart over one axis of time. */

const paneGap = 62;

/** Points of a thin line as [epoch ms, value]. */
const pointsOf = (data, line) => line.time.map((seconds, index) => [data.start + seconds * 1000, line.value[index]]);

/** What is drawn below each other: name, height in px, and which scale it has. */
const panesOf = (data, narrow) => {
  const own = data.indicators.filter((indicator) => indicator.pane === 'own');
  const hasVolume = data.indicators.some((indicator) => indicator.pane === 'volume');
  return [
    { name: 'Equity', height: narrow ? 220 : 250 },
    { name: 'Drawdown', height: narrow ? 110 : 110, percent: true },
    { name: 'Price', height: narrow ? 280 : 360 },
    ...(hasVolume ? [{ name: 'Volume', height: 100, fromZero: true }] : []),
    ...own.map((indicator) => ({ name: indicator.label, height: 120, indicator })),
  ];
};

const timelineHeight = (data) =>
  panesOf(data, isNarrow()).reduce((total, pane) => total + pane.height + paneGap, 0) + 62;

const candleSeries = (data, theme, pane) => {
  const { time, open, high, low, close } = data.candles;
  const middle = (data.span.seconds * 1000) / 2;
  return {
    name: `${data.span.label} candles`,
    type: 'candlestick',
    xAxisIndex: pane,
    yAxisIndex: pane,
    barMaxWidth: 12,
    itemStyle: {
      color: faded(theme.up, 0.55),
      borderColor: faded(theme.up, 0.75),
      color0: faded(theme.down, 0.55),
      borderColor0: faded(theme.down, 0.75),
    },
    encode: { x: 0, y: [1, 2, 3, 4] },
    data: time.map((seconds, index) => [
      data.start + seconds * 1000 + middle,
      open[index],
      close[index],
      low[index],
      high[index],
    ]),
    large: false,
    animation: false,
    z: 2,
  };
};

const markSeries = (data, theme, pane) => {
  const at = ([seconds, price]) => [data.start + seconds * 1000, price];
  const size = data.trades.length > 400 ? 6 : data.trades.length > 80 ? 8 : 11;
  const marks = (name, symbol, colour, points, extra = {}) => ({
    name,
    type: 'scatter',
    xAxisIndex: pane,
    yAxisIndex: pane,
    symbol,
    symbolSize: size,
    itemStyle: { color: colour, borderColor: theme.surface, borderWidth: 1, opacity: 1 },
    data: points,
    animation: false,
    z: 5,
    ...extra,
  });
  const longs = data.trades.filter((trade) => trade.long);
  const shorts = data.trades.filter((trade) => !trade.long);
  const exits = (win) =>
    data.trades
      .filter((trade) => trade.pct > 0 === win)
      .map((trade) => ({ value: [...at(trade.exit), trade.pct, trade.reason.replaceAll('_', ' ')] }));
  return [
    marks(
      'Entry',
      'triangle',
      theme.ink,
      longs.map((trade) => at(trade.entry)),
    ),
    marks(
      'Short entry',
      'triangle',
      theme.ink,
      shorts.map((trade) => at(trade.entry)),
      { symbolRotate: 180 },
    ),
    marks('Exit with gain', 'circle', theme.up, exits(true)),
    marks('Exit with loss', 'rect', theme.down, exits(false)),
  ].filter((series) => series.data.length > 0);
};

/** An indicator's lines in a pane; `colours` hands out the next colour. */
const indicatorSeries = (data, indicator, theme, pane, colours) =>
  indicator.lines.map((line, index) => {
    const colour = colours();
    return {
      name: line.label,
      type: line.shape === 'dots' ? 'scatter' : line.shape === 'bars' ? 'bar' : 'line',
      xAxisIndex: pane,
      yAxisIndex: pane,
      showSymbol: false,
      symbolSize: line.shape === 'dots' ? 3 : 6,
      lineStyle: { width: 1.4, color: colour },
      itemStyle: { color: colour },
      data: pointsOf(data, line),
      animation: false,
      z: 4,
      ...(index === 0 &&
        indicator.levels.length > 0 &&
        indicator.pane === 'own' && {
          markLine: {
            silent: true,
            symbol: 'none',
            animation: false,
            lineStyle: { color: theme.quiet, type: 'dashed', width: 1 },
            label: { color: theme.quiet, position: 'insideEndTop', formatter: ({ value }) => showNumber(value) },
            data: indicator.levels.map((level) => ({ yAxis: level })),
          },
        }),
    };
  });

const lineSeries = (data, name, line, pane, colour, extra) => ({
  name,
  type: 'line',
  xAxisIndex: pane,
  yAxisIndex: pane,
  showSymbol: false,
  lineStyle: { width: 1.8, color: colour },
  itemStyle: { color: colour },
  data: pointsOf(data, line),
  animation: false,
  ...extra,
});

const volumeSeries = (data, theme, pane) => ({
  name: 'Volume',
  type: 'bar',
  xAxisIndex: pane,
  yAxisIndex: pane,
  barMaxWidth: 12,
  itemStyle: { color: faded(theme.hold, 0.55) },
  data: data.candles.time.map((seconds, index) => [
    data.start + seconds * 1000 + (data.span.seconds * 1000) / 2,
    data.candles.volume[index],
  ]),
  animation: false,
});

const seriesOf = (data, theme, panes) => {
  let next = 0;
  const colours = () => theme.series[next++ % theme.series.length];
  return panes.flatMap((pane, index) => {
    if (pane.indicator) return indicatorSeries(data, pane.indicator, theme, index, colours);
    const overlays = (scale) =>
      data.indicators
        .filter((indicator) => indicator.pane === scale)
        .flatMap((indicator) => indicatorSeries(data, indicator, theme, index, colours));
    if (pane.name === 'Price') {
      return [candleSeries(data, theme, index), ...overlays('price'), ...markSeries(data, theme, index)];
    }
    if (pane.name === 'Volume') return [volumeSeries(data, theme, index), ...overlays('volume')];
    if (pane.name === 'Drawdown') {
      const area = {
        areaStyle: { color: faded(theme.down, 0.18), origin: 0 },
        lineStyle: { width: 1.2, color: theme.down },
      };
      return [lineSeries(data, 'Drawdown', data.drawdown, index, theme.down, area)];
    }
    const dashed = { lineStyle: { width: 1.4, type: [5, 4], color: theme.hold }, z: 1 };
    return [
      lineSeries(data, 'Buy and hold', data.benchmark, index, theme.hold, dashed),
      lineSeries(data, 'Strategy', data.equity, index, theme.up, { z: 3 }),
    ];
  });
};

/** What stands under the pointer, by pane, from the points that the axis has met. */
const timelineTooltip = (panes, series, theme) => (met) => {
  const list = Array.isArray(met) ? met : [met];
  if (list.length === 0) return '';
  const shown = new Set();
  const rows = list.flatMap((point) => {
    const { xAxisIndex: index } = series[point.seriesIndex];
    const percent = panes[index].percent === true;
    const value = point.value;
    const key = `${point.seriesIndex}`;
    if (shown.has(key) && point.seriesType !== 'scatter') return [];
    shown.add(key);
    if (point.seriesType === 'candlestick') {
      const [, open, close, low, high] = value;
      return [
        tooltipRow(
          close >= open ? theme.up : theme.down,
          point.seriesName,
          `O ${showNumber(open)}  H ${showNumber(high)}  L ${showNumber(low)}  C ${showNumber(close)}`,
        ),
      ];
    }
    if (value[1] === null) return [];
    const extra = value.length > 2 ? ` (${showPercent(value[2])}, ${value[3]})` : '';
    return [
      tooltipRow(point.color, point.seriesName, (percent ? showPercent(value[1]) : showNumber(value[1])) + extra),
    ];
  });
  return `<div style="margin-bottom:4px;color:${theme.quiet}">${showTime(list[0].axisValue ?? list[0].value[0])} UTC</div>${rows.slice(0, 16).join('')}`;
};

const timelineOption = (data, theme, zoom) => {
  const narrow = isNarrow();
  const panes = panesOf(data, narrow);
  const left = narrow ? 8 : 8;
  const right = narrow ? 52 : 66;
  let top = 0;
  const placed = panes.map((pane) => {
    const at = top;
    top += pane.height + paneGap;
    return { ...pane, top: at };
  });
  const series = seriesOf(data, theme, panes);
  const namesIn = (index) => series.filter((each) => each.xAxisIndex === index).map((each) => each.name);
  const last = panes.length - 1;
  const from = data.start;
  const to = data.start + (data.candles.time.at(-1) + data.span.seconds) * 1000;
  const ends = { xAxisIndex: panes.map((_, index) => index), filterMode: 'filter', ...zoom };
  return {
    useUTC: true,
    animation: false,
    textStyle: { fontFamily },
    aria: { enabled: true },
    title: placed.map((pane) => ({
      text: pane.name,
      top: pane.top,
      left,
      padding: 0,
      textStyle: { fontSize: 13.5, fontWeight: 600, color: theme.ink, fontFamily },
    })),
    legend: placed.map((pane, index) => ({
      data: namesIn(index).length > 1 ? namesIn(index) : [],
      type: 'scroll',
      top: pane.top - 5,
      left: left + 12 + pane.name.length * 8,
      right: 4,
      padding: [5, 0],
      itemWidth: 16,
      itemHeight: 9,
      itemGap: 14,
      inactiveColor: faded(theme.quiet, 0.45),
      pageIconColor: theme.ink,
      pageTextStyle: { color: theme.quiet },
      textStyle: { color: theme.quiet, fontSize: 12, fontFamily },
    })),
    grid: placed.map((pane) => ({ left, right, top: pane.top + 26, height: pane.height })),
    xAxis: placed.map((_, index) => ({
      type: 'time',
      gridIndex: index,
      min: from,
      max: to,
      axisLine: { lineStyle: { color: theme.line } },
      axisTick: { show: false },
      splitLine: { show: false },
      axisLabel: { color: theme.quiet, fontSize: 11.5, hideOverlap: true, showMinLabel: false, showMaxLabel: false },
      axisPointer: { show: true, label: { show: index === last } },
    })),
    yAxis: placed.map((pane, index) => ({
      type: 'value',
      gridIndex: index,
      position: 'right',
      scale: pane.fromZero !== true,
      splitNumber: pane.height < 150 ? 2 : 4,
      ...(pane.percent && { max: 0 }),
      axisLine: { show: false },
      axisTick: { show: false },
      splitLine: { lineStyle: { color: theme.line } },
      axisLabel: {
        color: theme.quiet,
        fontSize: 11.5,
        formatter: pane.percent ? (value) => showPercent(value) : (value) => axisNumber(value),
      },
    })),
    axisPointer: {
      link: [{ xAxisIndex: 'all' }],
      lineStyle: { color: theme.quiet, type: 'dashed' },
      label: {
        backgroundColor: theme.ink,
        color: theme.surface,
        formatter: ({ value, axisDimension }) => (axisDimension === 'x' ? `${showTime(value)} UTC` : showNumber(value)),
      },
    },
    tooltip: {
      ...tooltipOf(theme),
      trigger: 'axis',
      axisPointer: { type: 'cross', crossStyle: { color: theme.quiet } },
      formatter: timelineTooltip(panes, series, theme),
    },
    dataZoom: [
      {
        type: 'slider',
        ...ends,
        bottom: 8,
        left: left + 4,
        right,
        height: 30,
        borderColor: theme.line,
        fillerColor: faded(theme.up, 0.12),
        backgroundColor: 'transparent',
        dataBackground: { lineStyle: { color: theme.hold }, areaStyle: { color: faded(theme.hold, 0.2) } },
        selectedDataBackground: { lineStyle: { color: theme.up }, areaStyle: { color: faded(theme.up, 0.2) } },
        handleStyle: { color: theme.surface, borderColor: theme.quiet },
        moveHandleStyle: { color: theme.quiet },
        textStyle: { color: theme.quiet, fontSize: 11 },
        labelFormatter: (value) => new Date(value).toISOString().slice(0, 10),
        brushSelect: false,
      },
      ...(isTouched() ? [] : [{ type: 'inside', ...ends, zoomOnMouseWheel: 'ctrl', moveOnMouseWheel: false }]),
    ],
    series,
  };
};

const axisNumber = (value) => (Math.abs(value) >= 100_000 ? showCompact(value) : showNumber(value));
