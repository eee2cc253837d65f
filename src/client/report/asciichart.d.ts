declare module 'asciichart' {
  interface PlotOptions {
    /** Lines of the picture, one less than are printed. */
    readonly height?: number;
    readonly format?: (value: number, row: number) => string;
  }
  const asciichart: { readonly plot: (series: readonly number[], options?: PlotOptions) => string };
  export default asciichart;
}
