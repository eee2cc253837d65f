import { Option, type Command } from 'commander';
import type { ReconciliationResult } from '../../contracts/reconciliation.ts';
import { DomainError } from '../../domain/errors.ts';
import type { Environment } from '../../domain/orders/order.ts';
import { action, type CommandContext } from '../action.ts';
import { actorOf, moneyArgument, timeArgument } from '../arguments.ts';
import { type ExitCode, exitCodes } from '../failure.ts';
import { table } from '../output.ts';
import { withDatabase, withTrading } from '../sessions.ts';

interface ReconcileOptions extends Readonly<Record<string, unknown>> {
  readonly environment: Environment;
  readonly fix?: boolean;
  readonly record?: 'deposit' | 'withdrawal';
  readonly asset?: string;
  readonly amount?: string;
  readonly key?: string;
  readonly at?: number;
  readonly by?: string;
}

const columns = {
  what: 'what',
  id: 'id',
  'our books': 'ours',
  'the venue': 'venue',
  action: 'action',
};

const shown = (result: ReconciliationResult): string => {
  const { compared, differences, moving, found, left, skipped, fix } = result;
  const summary =
    skipped ??
    `${result.environment} on ${result.venue}: ${compared.orders} orders, ${compared.trades} trades, ${compared.balances} balances compared`;
  const rows = differences.map((difference) => ({
    ...difference,
    action: fix ? `${difference.action}${difference.settled ? ' (done)' : ''}` : difference.action,
  }));
  return [
    summary,
    ...(moving.length > 0 ? [`moving, compared another time: ${moving.join(', ')}`] : []),
    ...(found === 0 ? ['no differences'] : [table(rows, columns)]),
    ...(found > differences.length ? [`and ${found - differences.length} more`] : []),
    ...(found > 0 ? [fix ? `${left} of ${found} left` : `${found} found; --fix does what the last column says`] : []),
  ].join('\n');
};

const missing = (option: string): DomainError =>
  new DomainError('BadInput', `--record needs ${option}`, {
    next: 'give --asset and --amount, as in --record deposit --asset USDT --amount 100',
  });

const record = async (
  { output, config }: CommandContext,
  { environment, record: kind, asset, amount, key, at, by }: ReconcileOptions,
): Promise<void> => {
  if (kind === undefined) return;
  if (asset === undefined) throw missing('--asset');
  if (amount === undefined) throw missing('--amount');
  if (!/^[A-Z0-9]{1,10}$/.test(asset)) {
    throw new DomainError('BadInput', `--asset is '${asset}', which is no asset`, { next: 'give one such as USDT' });
  }
  const settings = await config();
  const { recordFlow } = await import('../../adapters/postgres/reconciliation-flows.ts');
  const exchange = environment === 'live' ? settings.live.venue : 'paper';
  const answer = await withDatabase(settings, (pool) =>
    recordFlow(pool, {
      account: { environment, exchange },
      kind,
      asset,
      amount,
      occurredAt: at ?? Date.now(),
      by: actorOf(by),
      key: key ?? null,
    }),
  );
  output.answer({ environment, exchange, kind, asset, amount, ...answer }, () =>
    answer.recorded
      ? `Recorded a ${kind} of ${amount} ${asset} on ${exchange} (${environment}); ${answer.free} are free.`
      : `It is recorded already, as ${answer.flowKey}; another one of the same amount needs a --key of its own.`,
  );
};

const compare = async (
  { output, config }: CommandContext,
  { environment, fix = false }: ReconcileOptions,
): Promise<ExitCode> => {
  const settings = await config();
  const venue = environment === 'live' ? settings.live.venue : 'paper';
  const result = await withTrading(settings, (trading) => trading.reconcile({ environment, venue, fix }));
  output.answer(result, () => shown(result));
  return result.left > 0 ? exitCodes.differences : exitCodes.ok;
};

export const addReconcileCommand = (program: Command): void => {
  program
    .command('reconcile')
    .description('compare our books with the venue; exits with 4 where differences are left')
    .addOption(
      new Option('--environment <environment>', 'the live account, or the books on paper')
        .choices(['live', 'paper'])
        .default('live'),
    )
    .option('--fix', 'book, adopt, carry on and alert; without it nothing is changed')
    .addOption(
      new Option('--record <kind>', 'record money that came from or went to the outside').choices([
        'deposit',
        'withdrawal',
      ]),
    )
    .option('--asset <asset>', 'of what, such as USDT')
    .option('--amount <amount>', 'how much of it', moneyArgument('--amount'))
    .option('--key <text>', 'names it, so that it is recorded once; default: the open mismatch of its asset')
    .option('--at <time>', 'when it happened; default: now', timeArgument('--at'))
    .option('--by <user>', 'who asks, for the audit')
    .action(
      action<ReconcileOptions>(async (context, options) =>
        options.record === undefined ? await compare(context, options) : await record(context, options),
      ),
    );
};
