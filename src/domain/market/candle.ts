/**
 * One closed candle. `time` is its open time in epoch ms (UTC); prices are quote per base and volume is in base,
 * as decimal text so that nothing is lost between a file, the venue and NUMERIC columns.
 */
export interface Candle {
  readonly time: number;
  readonly open: string;
  readonly high: string;
  readonly low: string;
  readonly close: string;
  readonly volume: string;
}

/**
 * The same series as columns of float64, for indicators and the backtest loop. All arrays have `length` entries;
 * `time` is open time in epoch ms.
 */
export interface CandleColumns {
  readonly length: number;
  readonly time: Float64Array;
  readonly open: Float64Array;
  readonly high: Float64Array;
  readonly low: Float64Array;
  readonly close: Float64Array;
  readonly volume: Float64Array;
}
