import type { Store } from '../adapters/postgres/store.ts';
import type { AlertDraft } from '../contracts/activities.ts';
import type { Decision } from '../contracts/messages.ts';
import { type EntryHold, protectionNames } from '../domain/breaker/protections.ts';

const alertOf = (
  { strategyId, environment, symbol }: Decision,
  { protection, until, reason }: EntryHold,
): AlertDraft => ({
  type: 'entries_held_back',
  severity: 'info',
  title: `Entries on ${symbol} (${environment}) are held back until ${new Date(until).toISOString()} by the ${protectionNames[protection]}`,
  message: `${reason}. Exits and protection go on.`,
  entityType: 'strategy',
  entityId: strategyId,
  dedupeKey: `held_back/${strategyId}/${protection}/${until}`,
});

/**
 * Leaves out the entries of environments that are not ACTIVE, and those that a protection holds back: somebody is told once for each
 * hold, at the first entry that it keeps out. Nothing is read where nothing wants in.
 * @param at the close that they are decided on, and `now` when that is, market time, epoch ms
 */
export const createEntryGate =
  (store: Pick<Store, 'alerts' | 'entries'>) =>
  async (decisions: readonly Decision[], at: number, now: number): Promise<readonly Decision[]> => {
    const wanted = Map.groupBy(
      decisions.filter(({ kind }) => kind === 'entry'),
      ({ environment }) => environment,
    );
    const shut = new Set<string>();
    for (const [environment, entries] of wanted) {
      const strategyIds = entries.map(({ strategyId }) => strategyId);
      const { state, holds } = await store.entries.holds({ environment, strategyIds, at, now });
      const alerts = entries.flatMap((entry) => {
        const hold = holds.get(entry.strategyId);
        if (state !== 'ACTIVE' || hold) shut.add(entry.decisionId);
        return hold ? [alertOf(entry, hold)] : [];
      });
      await store.alerts.raiseAll(alerts);
    }
    return decisions.filter(({ decisionId }) => !shut.has(decisionId));
  };
