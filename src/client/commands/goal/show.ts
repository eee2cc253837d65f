import type { Command } from 'commander';
import { goalTitle } from '../../../domain/goals/goal-text.ts';
import { action } from '../../action.ts';
import { wholeNumberArgument } from '../../arguments.ts';
import { facts, table, utc } from '../../output.ts';
import { withDatabase } from '../../sessions.ts';
import { findGoal, shownGoal } from './stored-goal.ts';

interface ShowOptions extends Readonly<Record<string, unknown>> {
  readonly limit: number;
}

const progressColumns = { at: 'at', reached: 'current', target: 'target', status: 'status' };
const adjustmentColumns = { at: 'at', what: 'kind', from: 'before', to: 'after', why: 'reason' };

export const addShowCommand = (goal: Command): void => {
  goal
    .command('show <goal>')
    .description('show a goal, its last hours, what it adjusted and why, and the risk that orders are sized by')
    .option('--limit <number>', 'at most so many hours and adjustments', wholeNumberArgument('--limit', 1), 10)
    .action(
      action<ShowOptions>(async ({ output, config }, { limit }, [reference = '']) => {
        const [{ readGoalRecord }, { readRiskSettings }] = await Promise.all([
          import('../../../adapters/postgres/portfolio-goals.ts'),
          import('../../../adapters/postgres/goals/risk-settings.ts'),
        ]);
        const { found, record, settings } = await withDatabase(await config(), async (pool) => {
          const found = await findGoal(pool, reference);
          return {
            found,
            record: await readGoalRecord(pool, found, Date.now()),
            settings: await readRiskSettings(pool, found.environment),
          };
        });
        const risk = { ...settings, adjustedAt: utc(settings.adjustedAt) };
        const progress = record.progress.slice(-limit).map((each) => ({ ...each, at: utc(each.at) }));
        const adjustments = record.adjustments.slice(-limit).map((each) => ({ ...each, at: utc(each.at) }));
        output.answer({ ...shownGoal(found), progress, adjustments, risk }, () =>
          [
            `${goalTitle(found)}\n${facts(shownGoal(found))}`,
            `Its last hours:\n${table(progress, progressColumns)}`,
            `What it adjusted:\n${table(adjustments, adjustmentColumns)}`,
            `Risk of the next orders on ${found.environment}:\n${facts(risk)}`,
          ].join('\n'),
        );
      }),
    );
};
