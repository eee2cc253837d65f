import { DomainError } from '../../domain/errors.ts';
import type { CommandContext } from '../action.ts';
import type { PortfolioRequest } from '../report/portfolio/from-database.ts';

export interface PortfolioOptions extends PortfolioRequest {
  /** Where its page is written. */
  readonly html?: string;
}

/** Shows a portfolio, and writes its page where one is asked for. @throws as `portfolioFromDatabase` */
export const showPortfolio = async ({ config, output }: CommandContext, options: PortfolioOptions): Promise<void> => {
  const { environment, from, to, html } = options;
  if (from !== undefined && to !== undefined && from >= to) {
    throw new DomainError('BadInput', '--from is not before --to', { next: 'give an earlier --from' });
  }
  const { portfolioFromDatabase } = await import('../report/portfolio/from-database.ts');
  const { portfolioReportOf } = await import('../report/portfolio/report.ts');
  const { withDatabase } = await import('../sessions.ts');
  const request = {
    ...(environment !== undefined && { environment }),
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
  };
  const history = await withDatabase(await config(), (pool) => portfolioFromDatabase(pool, request));
  const report = portfolioReportOf(history);
  if (html !== undefined) {
    const { writeFile } = await import('node:fs/promises');
    const { portfolioPage } = await import('../report/portfolio/page.ts');
    await writeFile(html, await portfolioPage(report));
  }
  const { portfolioAnswer } = await import('../report/portfolio/answer.ts');
  const { portfolioText } = await import('../report/portfolio/terminal.ts');
  output.answer({ ...portfolioAnswer(report), html: html ?? null }, () =>
    [portfolioText(report), ...(html === undefined ? [] : [`Wrote ${html}`])].join('\n'),
  );
};
