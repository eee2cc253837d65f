import type { Command } from 'commander';
import type { StatusOutcome } from '../../../contracts/messages.ts';
import { action } from '../../action.ts';
import { askStrategy, type NamedStrategy, type StrategyOptions } from '../../sessions.ts';
import type { TradingClient } from '../../typed-client.ts';

interface SimpleRequest {
  readonly name: string;
  readonly description: string;
  readonly ask: (trading: TradingClient, strategy: NamedStrategy, by: string) => Promise<StatusOutcome>;
}

/** A command that names a strategy and who asks, and answers with the status it leads to. */
export const addSimpleRequest = (strategy: Command, request: SimpleRequest): void => {
  strategy
    .command(`${request.name} <strategy>`)
    .description(request.description)
    .option('--by <user>', 'who asks, for the audit')
    .action(
      action<StrategyOptions>(async (context, options, [reference]) => {
        const { strategy: found, result } = await askStrategy(context, reference, options, request.ask);
        context.output.answer(result, () => `${found.name} is ${result.status} (version ${result.version}).`);
      }),
    );
};
