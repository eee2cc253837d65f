/** A workflow may have 2,000 signals, and as many children, under way. */
const atOnce = 100;

/** The same for each, as many at once as the server takes well: one after the other each costs a round trip of its own. */
export const together = async <T>(items: readonly T[], work: (item: T) => Promise<unknown>): Promise<void> => {
  for (let first = 0; first < items.length; first += atOnce) {
    await Promise.all(items.slice(first, first + atOnce).map(work));
  }
};
