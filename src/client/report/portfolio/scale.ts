import { hourMs } from '../../../domain/market/interval.ts';
import { shortened } from '../thin-line.ts';
import type { ThinLine } from '../thin-line.ts';
import type { Pane, PaneChart, PaneLine, Span } from './panes.ts';

/** At most so many points a line, and so many marks a pane. */
export const mostPoints = 4_000;
export const mostMarks = 1_000;

/** The time that a chart spans, epoch ms, and how it holds times. */
export interface Scale {
  readonly start: number;
  readonly end: number;
  /** Seconds after the start. */
  readonly seconds: (time: number) => number;
}

/** An hour at least: one snapshot has a place too. */
export const scaleOf = (start: number, end: number): Scale => ({
  start,
  end: Math.max(end, start + hourMs),
  seconds: (time) => Math.round((time - start) / 1000),
});

export const chartOf = ({ start, end }: Scale, panes: readonly Pane[], spans: readonly Span[]): PaneChart => ({
  start,
  length: Math.round((end - start) / 1000),
  panes,
  spans,
});

export const lineOf = (
  style: Pick<PaneLine, 'name' | 'shape' | 'colour'>,
  line: ThinLine,
  { seconds }: Scale,
): PaneLine => ({ ...style, ...shortened(line, seconds) });

/** A pane without anything in it. */
export const emptyPane = { bound: 'none', lines: [], marks: [], levels: [] } as const;
