/** One check against overfitting as a page shows it. */
export interface RobustnessCheck {
  readonly title: string;
  /** What it says, in a sentence; null where the figures stand alone. */
  readonly summary: string | null;
  readonly facts: readonly { readonly label: string; readonly value: string }[];
  readonly tables: readonly RobustnessTable[];
}

/** The first cell of each row names it. */
export interface RobustnessTable {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}
