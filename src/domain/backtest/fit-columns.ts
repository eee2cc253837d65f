/** Greatest magnitude of each bounded column of `backtest_results`: DECIMAL(p, s) holds 10^(p−s) less one unit. */
const columnLimits: Readonly<Record<string, number>> = {
  initial_capital: 999_999_999_999_999_000,
  final_capital: 999_999_999_999_999_000,
  total_return_pct: 999_999.9999,
  cagr: 999_999.9999,
  sharpe_ratio: 999_999.9999,
  sortino_ratio: 999_999.9999,
  max_drawdown_pct: 999_999.9999,
  win_rate: 9.9999,
  profit_factor: 999_999.9999,
  avg_win: 999_999_999_999_999_000,
  avg_loss: 999_999_999_999_999_000,
  largest_win: 999_999_999_999_999_000,
  largest_loss: 999_999_999_999_999_000,
};

export interface FittedColumns<Columns> {
  readonly columns: Columns;
  /** The value before clamping of every column that was clamped, as text where it is not finite. */
  readonly raw: Readonly<Record<string, number | string>>;
}

/** Clamps numbers to what their columns hold; nulls and columns without a limit stay. @param limits by column */
export const fitColumns = <Columns extends Readonly<Record<string, number | null>>>(
  columns: Columns,
  limits: Readonly<Record<string, number>> = columnLimits,
): FittedColumns<Columns> => {
  const fitted: Record<string, number | null> = {};
  const raw: Record<string, number | string> = {};
  for (const [name, value] of Object.entries(columns)) {
    const limit = limits[name];
    if (value === null || limit === undefined || Math.abs(value) <= limit) {
      fitted[name] = value;
      continue;
    }
    fitted[name] = Number.isNaN(value) ? null : Math.sign(value) * limit;
    raw[name] = Number.isFinite(value) ? value : String(value);
  }
  return { columns: fitted as Columns, raw };
};
