declare module 'asciichart' {
  interface PlotOptions {
    /** Lines of the picture, one less than are printed. */
    readonly height?: number;
    /** The scale reaches at least from `min` to `max`. */
    readonly min?: number;
    readonly max?: number;
    /** What axis and line are drawn with, ten characters. */
    readonly symbols?: readonly string[];
    readonly format?: (value: number, row: number) => string;
  }
  const asciichart: { readonly plot: (series: readonly number[], options?: PlotOptions) => string };
  export default asciichart;
}
