import type { Store } from '../adapters/postgres/store.ts';
import type { LifecycleActivities, StrategyExposure } from '../contracts/activities.ts';
import type { Decision } from '../contracts/messages.ts';
import { hourMs } from '../domain/market/interval.ts';
import type { Market } from '../domain/market/market-filters.ts';
import { DomainError } from '../domain/errors.ts';
import {
  type GatePolicy,
  gatePolicies,
  judgeBacktest,
  judgeOrderSupport,
  judgePaper,
} from '../domain/lifecycle/gates.ts';
import { exitSide } from '../domain/fills/fill-model.ts';
import { unsupportedByOrders } from '../domain/strategy/order-support.ts';
import { createDecision } from './decisions.ts';
import { withMappedFailures } from './failures.ts';

const policyOf = (name: string): GatePolicy => {
  const policies: Readonly<Record<string, GatePolicy>> = gatePolicies;
  const policy = policies[name];
  if (policy) return policy;
  throw new DomainError('BadInput', `the strategy names an unknown gate policy '${name}'`, {
    next: `use one of ${Object.keys(policies).join(', ')}`,
  });
};

export interface LifecycleDeps {
  readonly store: Store;
  readonly marketOf: (symbol: string) => Promise<Market>;
}

export const createLifecycleActivities = ({ store, marketOf }: LifecycleDeps): LifecycleActivities => {
  const exitsOf = async (strategyId: string): Promise<Decision[]> => {
    const { version, definition } = await store.strategies.load(strategyId);
    const newest = await store.candles.lastTime(definition);
    const positions = await store.positions.of(strategyId);
    return positions.map(({ environment, side, symbol, currentPrice, entryPrice, openedAt }) =>
      createDecision(
        {
          strategyId,
          version,
          environment,
          kind: 'exit',
          side: exitSide(side),
          symbol,
          candleTime: newest ?? openedAt,
          referencePrice: currentPrice ?? entryPrice,
          reason: 'wind-down',
        },
        definition.interval,
      ),
    );
  };

  return withMappedFailures<LifecycleActivities>({
    loadStrategy: async (strategyId) => {
      const { definition, status, version, generation, policy } = await store.strategies.load(strategyId);
      const { name, symbol, interval } = definition;
      const heldBy = await store.strategies.holders(strategyId);
      return { strategyId, name, symbol, interval, status, version, generation, policy, heldBy };
    },
    transitionStrategy: (request) => store.strategies.transition(request),
    reviseStrategy: (request) => store.strategies.revise(request),
    judgeGate: async ({ strategyId, to }) => {
      const { version, definition, policy: policyName } = await store.strategies.load(strategyId);
      const policy = policyOf(policyName);
      const backtest = await store.evidence.backtest({ strategyId, version });
      const { symbol, interval } = definition;
      const report =
        to === 'paper'
          ? judgeOrderSupport(judgeBacktest(policy, backtest), unsupportedByOrders(definition, 'paper'))
          : judgeOrderSupport(
              judgePaper(
                policy,
                await store.evidence.paper({
                  strategyId,
                  version,
                  symbol,
                  interval,
                  quote: (await marketOf(symbol)).quote,
                }),
                backtest,
              ),
              unsupportedByOrders(definition, 'live'),
            );
      return {
        report,
        requiresApproval: to === 'active' && policy.paper.requiresApproval,
        approvalWindowMs: policy.paper.approvalWindowHours * hourMs,
      };
    },
    authorise: (request) => store.users.authorise(request),
    exposureOf: async (strategyId): Promise<StrategyExposure> => {
      // What protects a position stays until its exit takes it back.
      const working = (await store.orders.unfinishedOf(strategyId)).filter(({ kind }) => kind !== 'protection');
      return { workingOrders: working.map((order) => order.orderId), exits: await exitsOf(strategyId) };
    },
    raiseAlert: (alert) => store.alerts.raise(alert),
  });
};
