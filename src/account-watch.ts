import type { Client } from '@temporalio/client';
import type { Logger } from 'pino';
import { createPushWatch } from './adapters/exchange/push-watch.ts';
import { applySchedules, declaredSchedules, reconciliationSchedules, runNow } from './client/schedules.ts';
import type { Config } from './config.ts';
import { breakerLookSignal } from './contracts/breaker.ts';
import { venueNewsSignal } from './contracts/messages.ts';
import { taskQueues } from './contracts/task-queues.ts';
import { circuitBreakerWorkflowId, orderWatchWorkflowId } from './contracts/workflow-ids.ts';
import type { Environment } from './domain/orders/order.ts';

/** Where the exchange's test network pushes from. */
const sandboxPushUrls: Readonly<Record<string, string>> = { binance: 'wss://ws-api.testnet.binance.vision/ws-api/v3' };

/** News that come closer together than this are passed on as one. */
const gatherMs = 100;

/** The watcher of the live account runs for as long as the account is used; starting it again changes nothing. */
const watchOrders = async ({ live, orders }: Config, client: Client): Promise<void> => {
  await client.workflow.start('orderWatch', {
    workflowId: orderWatchWorkflowId(live.venue),
    taskQueue: taskQueues.orchestration,
    workflowIdConflictPolicy: 'USE_EXISTING',
    staticSummary: `Watches the resting orders on ${live.venue}`,
    args: [{ venue: live.venue, pollMs: orders.watchIntervalMs }],
  });
};

/**
 * The breaker of each account that is used runs for as long as the account is, and looks now: what was halted while no workflow
 * could run is carried out.
 */
const guardAccounts = async ({ live }: Config, client: Client): Promise<void> => {
  const environments: readonly Environment[] = live.enabled ? ['paper', 'live'] : ['paper'];
  for (const environment of environments) {
    await client.workflow.signalWithStart('circuitBreaker', {
      workflowId: circuitBreakerWorkflowId(environment),
      taskQueue: taskQueues.orchestration,
      staticSummary: `Circuit breaker of ${environment}`,
      args: [{ environment }],
      signal: breakerLookSignal,
    });
  }
};

/** Compares every account with its venue now, and from now on by schedule; the other schedules begin with their first time. */
const keepSchedules = async (config: Config, client: Client, logger: Logger): Promise<void> => {
  await applySchedules(client.schedule, declaredSchedules(config), (changes) => {
    for (const { kind, id, what } of changes) logger.info({ schedule: id, what }, `schedule: ${kind}`);
  });
  await runNow(client.workflow, reconciliationSchedules(config));
};

/** Wakes the watcher as soon as the exchange pushes something; where it can't, the watcher's own pace is all there is. */
const listen = async ({ live }: Config, client: Client, logger: Logger) => {
  const { venue, credentials, sandbox } = live;
  if (venue === 'simulator' || !credentials) return null;
  const watcher = client.workflow.getHandle(orderWatchWorkflowId(venue));
  let gathering: NodeJS.Timeout | null = null;
  const tell = (): void => {
    gathering = null;
    watcher.signal(venueNewsSignal).catch((error: unknown) => {
      logger.warn({ error: String(error) }, 'pushed news were not passed on');
    });
  };
  const url = sandbox ? sandboxPushUrls[venue] : undefined;
  const push = await createPushWatch({
    exchange: venue,
    credentials: { apiKey: credentials.apiKey, secret: credentials.apiSecret },
    onNews: () => {
      gathering ??= setTimeout(tell, gatherMs);
    },
    onTrouble: (reason) => logger.warn({ reason }, 'nothing is pushed: orders are looked at by asking alone'),
    ...(url !== undefined && { url }),
  });
  return {
    close: async (): Promise<void> => {
      if (gathering) clearTimeout(gathering);
      await push.close();
    },
  };
};

/** What runs for the accounts for as long as there are workers: the watcher, the reconciliation, the exchange's own news. */
export const watchAccounts = async (
  config: Config,
  client: Client,
  logger: Logger,
): Promise<{ readonly close: () => Promise<void> }> => {
  const push = config.live.enabled
    ? await watchOrders(config, client).then(() => listen(config, client, logger))
    : null;
  await keepSchedules(config, client, logger);
  await guardAccounts(config, client);
  return { close: async () => await push?.close() };
};
