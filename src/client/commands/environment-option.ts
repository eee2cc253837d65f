import { Option } from 'commander';
import { DomainError } from '../../domain/errors.ts';
import type { Environment } from '../../domain/orders/order.ts';

export type EnvironmentChoice = Environment | 'all';

/** Live money first. */
const environments: readonly Environment[] = ['live', 'paper'];

export const environmentsOf = (choice: EnvironmentChoice): readonly Environment[] =>
  choice === 'all' ? environments : [choice];

/** `--environment`, one of them or all. */
export const environmentOption = (what: string): Option =>
  new Option('--environment <environment>', what).choices(['paper', 'live', 'all']).default('all');

/** @throws DomainError `BadInput` where nothing is said */
export const assertReason = (reason: string): void => {
  if (reason.trim() !== '') return;
  throw new DomainError('BadInput', '--reason is empty, and the audit keeps why', { next: 'say why in a few words' });
};
