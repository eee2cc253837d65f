import type { Command } from 'commander';
import { addSimpleRequest } from './simple-request.ts';

export const addResumeCommand = (strategy: Command): void => {
  addSimpleRequest(strategy, {
    name: 'resume',
    description: 'let a paused strategy open positions again',
    ask: (trading, found, by) => trading.resume(found, { by }),
  });
};
