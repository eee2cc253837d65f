import type { BacktestSummary, StrategyView } from '../../contracts/messages.ts';
import type { BreakerTrigger } from '../../domain/breaker/policy.ts';
import type { StrategyStatus } from '../../domain/lifecycle/transitions.ts';
import type { FallOutcome } from './market-fall.ts';

export interface DemoOptions {
  /** A CSV file of candles; with neither this nor `exchange` the market is generated. */
  readonly candles?: string;
  /** Where to write the summary as JSON. */
  readonly summary?: string;
  /** A ccxt exchange id whose public candles are downloaded first. No key is read or sent. */
  readonly exchange?: string;
  /** Our market id; default BTCUSDT. */
  readonly symbol?: string;
  /** Of the generated market; default 7. */
  readonly seed?: number;
  /** How many candles to generate or download; default 1440, a day of minutes. */
  readonly count?: number;
  /** Prints the summary as JSON on stdout; progress goes to stderr. */
  readonly json?: boolean;
  /** Keeps everything running, Web UI included, until Ctrl-C. */
  readonly keep?: boolean;
}

/** What `--summary` writes. Counts are of rows, but for `duplicate_orders`, which compares the venue's ledger with ours. */
export interface DemoSummary {
  readonly strategy: {
    readonly id: string;
    readonly status: StrategyStatus;
    readonly transitions: StrategyView['transitions'];
  };
  readonly backtest: BacktestSummary;
  readonly orders: { readonly paper: number; readonly live: number };
  readonly trades: { readonly paper: number; readonly live: number };
  readonly positions: number;
  readonly alerts: number;
  readonly audit_rows: number;
  readonly crash: { readonly worker_killed: boolean; readonly duplicate_orders: number };
  /** How the breaker met the fall of the market; null where it did not fire. */
  readonly breaker: {
    readonly event: number;
    readonly trigger: BreakerTrigger;
    readonly drawdown_pct: number;
    readonly halted: FallOutcome['halted'];
    readonly after: FallOutcome['after'];
  } | null;
  readonly seconds: number;
}
