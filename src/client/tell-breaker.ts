import type { Config } from '../config.ts';
import type { Environment } from '../domain/orders/order.ts';
import { type Told, tellWorkflows } from './tell-workflows.ts';

/** Wakes the breakers of environments. Never throws: what was written stands, whatever becomes of this. */
export const tellBreakers = (config: Pick<Config, 'temporal'>, environments: readonly Environment[]): Promise<Told> =>
  tellWorkflows(config, async (trading) => {
    for (const environment of environments) await trading.look(environment);
  });

const followsBy: Readonly<Record<Told['temporal'], string>> = {
  told: '',
  'no worker': 'as soon as a worker runs',
  unreachable: 'once Temporal and a worker are back, within 15 minutes of that',
};

/** When what was not told follows, as a sentence; empty where it was told. @param what follows, with its verb */
export const followsText = ({ temporal, note }: Told, what: string): string =>
  temporal === 'told' ? '' : `${note}: ${what} ${followsBy[temporal]}`;
