const firstMs = 10 * 60_000;
const longestMs = 24 * 3_600_000;

/**
 * How long to wait for news of what rests at a venue before asking unasked: a lost signal costs time, not a fill. The venue's
 * watcher looks every few seconds at any age, so these checks become rare: after 10 minutes, then after four times as long each time.
 * @param looks how many there were since the last news
 */
export const quietPauseMs = (looks: number): number => Math.min(firstMs * 4 ** looks, longestMs);
