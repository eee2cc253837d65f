import type { PortfolioSnapshot, SkippedSnapshot } from '../contracts/portfolio.ts';
import type { Environment } from '../domain/orders/order.ts';
import { portfolio } from './activity-proxies.ts';
import { takeSnapshot } from './snapshot.ts';

/** Writes down what an environment holds and what it is worth, once. */
export async function portfolioSnapshot({
  environment,
}: {
  readonly environment: Environment;
}): Promise<PortfolioSnapshot | SkippedSnapshot> {
  return await takeSnapshot(environment, portfolio.snapshotPortfolio);
}
