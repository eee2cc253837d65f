/** One queue a kind of work, so that each can be scaled and limited by itself. */
export const taskQueues = {
  /** Workflows and short database activities. */
  orchestration: 'orchestration',
  /** Everything that talks to a venue. */
  exchange: 'exchange',
  /** Backtests, sweeps, evolution: CPU in worker threads. */
  compute: 'compute',
  /** Alert channels. */
  delivery: 'delivery',
} as const;
