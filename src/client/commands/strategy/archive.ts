import type { Command } from 'commander';
import { addSimpleRequest } from './simple-request.ts';

export const addArchiveCommand = (strategy: Command): void => {
  addSimpleRequest(strategy, {
    name: 'archive',
    description: 'end it for good: cancels its orders and closes its positions first',
    ask: (trading, found, by) => trading.archive(found, { by }),
  });
};
