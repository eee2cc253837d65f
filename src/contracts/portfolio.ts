import type { Environment } from '../domain/orders/order.ts';
import type { RiskFigures } from '../domain/portfolio/risk-figures.ts';

export interface SnapshotRequest {
  readonly environment: Environment;
  /** Names this snapshot: taking it again is the same one. */
  readonly snapshotId: string;
}

export interface PortfolioSnapshot {
  readonly environment: Environment;
  /** Market time, epoch ms. */
  readonly at: number;
  /** US dollars, decimal text: all that has a price, less what shorts owe. */
  readonly equity: string;
  readonly assets: number;
  /** Held, and without any price: not in `equity`. */
  readonly unpriced: readonly string[];
}

/** The row of risk_metrics. A figure is null where it is not defined yet, and `reasons` says why, by the figure's name. */
export interface RiskSnapshot extends Omit<PortfolioSnapshot, 'assets'>, RiskFigures {
  readonly reasons: Readonly<Record<string, string>>;
}

/** An environment without an account has nothing to take one of. */
export interface SkippedSnapshot {
  readonly skipped: string;
}

/** On the exchange queue: an asset that no stored candle prices is asked for at the venue. */
export interface PortfolioActivities {
  /** Balances with their value, one row an asset. @throws NoHistory where no account of the environment was opened */
  snapshotPortfolio(request: SnapshotRequest): Promise<PortfolioSnapshot>;
  /** One row of risk_metrics, and the equity index carried on. @throws NoHistory, PriceMissing where nothing has a price */
  snapshotRisk(request: SnapshotRequest): Promise<RiskSnapshot>;
}
