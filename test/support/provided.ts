import 'vitest';

declare module 'vitest' {
  // What the global set-ups hand to the tests: `inject('postgresUrl')`.
  export interface ProvidedContext {
    /** Connection string of the run's PostgreSQL, database `mastertrade` (empty: migrate it, or make another). */
    postgresUrl: string;
    /** host:port of the run's Temporal dev server; the namespace is `default`. */
    temporalAddress: string;
    /** File with the bundled workflows, for `Worker.create({ workflowBundle: { codePath } })`. */
    workflowBundlePath: string;
  }
}
