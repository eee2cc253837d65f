import { Option, type Command } from 'commander';
import type { Environment } from '../../domain/orders/order.ts';
import { action } from '../action.ts';
import { withDatabase, withTrading } from '../sessions.ts';

interface PortfolioOptions extends Readonly<Record<string, unknown>> {
  readonly environment?: Environment;
  readonly snapshot?: boolean;
}

export const addPortfolioCommand = (program: Command): void => {
  program
    .command('portfolio')
    .description('show what an environment holds, is worth and risks')
    .addOption(
      new Option('--environment <environment>', 'which one; live unless only paper has an account').choices([
        'paper',
        'live',
      ]),
    )
    .option('--snapshot', 'write balances and risk figures down first, as is done every hour')
    .action(
      action<PortfolioOptions>(async ({ output, config }, { environment: asked, snapshot = false }) => {
        const { chosenEnvironment, readPortfolio } = await import('../portfolio-view.ts');
        const settings = await config();
        const environment = await withDatabase(settings, (pool) => chosenEnvironment(pool, asked));
        if (snapshot) await withTrading(settings, (trading) => trading.snapshot(environment));
        const view = await withDatabase(settings, (pool) => readPortfolio(pool, environment));
        const { portfolioText } = await import('../portfolio-text.ts');
        output.answer(view, () => portfolioText(view));
      }),
    );
};
