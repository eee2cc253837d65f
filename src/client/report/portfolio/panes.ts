import type { ThinLine } from '../thin-line.ts';

/** A colour of the page's theme by name, or one of its series by number. */
export type ThemeColour = 'up' | 'down' | 'hold' | 'quiet' | 'ink' | number;

/** A line of a pane. Times are seconds after the chart's `start`. */
export interface PaneLine extends ThinLine {
  readonly name: string;
  /** `stack`: areas on top of each other. */
  readonly shape: 'line' | 'dashed' | 'area' | 'stack';
  readonly colour: ThemeColour;
}

/** Points that are named where the pointer meets them: `[seconds, value, what it was]`. */
export interface PaneMarks {
  readonly name: string;
  readonly symbol: 'triangle' | 'pin-down' | 'diamond';
  readonly colour: ThemeColour;
  readonly points: readonly (readonly [number, number, string])[];
}

/** One pane of a chart over the axis of time that all of them share. */
export interface Pane {
  /** Unique in its chart. */
  readonly name: string;
  readonly title: string;
  readonly height: 'tall' | 'middle';
  readonly unit: 'usd' | 'percent';
  /** A value that the axis ends at, whatever is drawn: 0 above drawdowns and below what is stacked. */
  readonly bound: 'none' | 'above' | 'below';
  readonly lines: readonly PaneLine[];
  readonly marks: readonly PaneMarks[];
  /** Values drawn as a line across, with what each means. */
  readonly levels: readonly { readonly value: number; readonly label: string }[];
}

/** A stretch of time that is shaded in every pane. */
export interface Span {
  readonly from: number;
  readonly to: number;
  readonly label: string;
}

/** What the page's code draws one chart from. */
export interface PaneChart {
  /** Epoch ms. */
  readonly start: number;
  /** Seconds. */
  readonly length: number;
  readonly panes: readonly Pane[];
  readonly spans: readonly Span[];
}
