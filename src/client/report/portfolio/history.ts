import type { StateRecord } from '../../../adapters/postgres/breaker/trading-state.ts';
import type {
  BalanceRecord,
  EquityPoint,
  FlowRecord,
  RiskFigures,
} from '../../../adapters/postgres/portfolio-history.ts';
import type { GoalHistory } from '../../../adapters/postgres/portfolio-goals.ts';
import type { IncidentRecord } from '../../../adapters/postgres/portfolio-incidents.ts';
import type { ExposureRecord } from '../../../adapters/postgres/portfolio-now.ts';
import type { Environment } from '../../../domain/orders/order.ts';

/** All that a portfolio's report is made of. Times are epoch ms. */
export interface PortfolioHistory {
  readonly environment: Environment;
  /** Where the part that is shown begins; null: with the first snapshot. */
  readonly from: number | null;
  /** Every snapshot up to the end of what is shown and what is now, also those before `from`: a peak is older than what is shown. */
  readonly points: readonly EquityPoint[];
  readonly figures: RiskFigures;
  /** As of the last point, as the balances are. */
  readonly exposure: ExposureRecord;
  readonly balances: readonly BalanceRecord[];
  readonly flows: readonly FlowRecord[];
  readonly state: Pick<StateRecord, 'state' | 'reason'>;
  /** Per cent below the peak at which the breaker fires, positive; none where that trigger is off. */
  readonly thresholds: readonly number[];
  /** The newest first. */
  readonly incidents: readonly IncidentRecord[];
  readonly goals: readonly GoalHistory[];
}
