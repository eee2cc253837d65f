import type { Command } from 'commander';
import { action } from '../../action.ts';
import { facts, table, utc } from '../../output.ts';
import { withDatabase, withTrading } from '../../sessions.ts';

interface ShowOptions extends Readonly<Record<string, unknown>> {
  readonly live?: boolean;
}

const transitionColumns = { from: 'from', to: 'to', by: 'by', at: 'at', reason: 'reason' };
const gateColumns = { criterion: 'name', required: 'required', actual: 'actual', passed: 'pass' };

export const addShowCommand = (strategy: Command): void => {
  strategy
    .command('show <strategy>')
    .description('show a strategy as stored; with --live also what its workflow says')
    .option('--live', 'ask the workflow too: transitions, last gate, orders in flight (needs a worker)')
    .action(
      action<ShowOptions>(async (context, options, [reference = '']) => {
        const config = await context.config();
        const { showStrategy } = await import('../../../adapters/postgres/strategies.ts');
        const { entriesOf } = await import('../../../adapters/postgres/entry-holds.ts');
        const { protectionNames } = await import('../../../domain/breaker/protections.ts');
        const [{ definition, ...found }, entries] = await withDatabase(config, async (pool) => {
          const strategy = await showStrategy(pool, reference);
          return [strategy, await entriesOf(pool, strategy)] as const;
        });
        const stored = {
          ...found,
          createdAt: utc(found.createdAt),
          activatedAt: utc(found.activatedAt),
          archivedAt: utc(found.archivedAt),
        };
        const live = options.live ? await withTrading(config, (trading) => trading.strategy(found.strategyId)) : null;
        const hold = entries?.hold && { ...entries.hold, until: utc(entries.hold.until) };
        const held = entries && { state: entries.state, hold: hold ?? null };
        context.output.answer({ ...stored, entries: held, ...definition, ...(live && { live }) }, () => {
          const { name, symbol, interval, strategy_type: type } = definition;
          const { strategyId, ...others } = stored;
          const lines = [facts({ strategyId, name, market: `${symbol} ${interval}`, type, ...others })];
          if (held && held.state !== 'ACTIVE') lines.push(`No entries: trading is ${held.state}.`);
          if (hold)
            lines.push(
              `Entries held back until ${hold.until} by the ${protectionNames[hold.protection]}: ${hold.reason}.`,
            );
          if (live) {
            const transitions = live.transitions.map((each) => ({ ...each, at: utc(each.at) }));
            lines.push(`Transitions:\n${table(transitions, transitionColumns)}`);
            if (live.lastGate)
              lines.push(
                `Last gate, ${live.lastGate.gate}:\n${table(
                  [...live.lastGate.criteria].map((c) => ({ ...c })),
                  gateColumns,
                )}`,
              );
            if (live.approvalUntil !== null) lines.push(`Waits for an approval until ${utc(live.approvalUntil)}.`);
            lines.push(`Orders in flight: ${live.ordersInFlight.length}`);
          }
          return lines.join('\n');
        });
      }),
    );
};
