const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export interface Interrupt {
  /** Rejects at the first signal that asks this process to end. */
  readonly interrupted: Promise<never>;
  happened(): boolean;
  forget(): void;
}

/** Takes the signals that ask this process to end, so that it can end its own parts first. */
export const waitForInterrupt = (): Interrupt => {
  const { promise, reject } = Promise.withResolvers<never>();
  let happened = false;
  const listener = (signal: NodeJS.Signals): void => {
    happened = true;
    reject(new Error(signal));
  };
  for (const signal of signals) process.on(signal, listener);
  promise.catch(() => undefined);
  return {
    interrupted: promise,
    happened: () => happened,
    forget: () => {
      for (const signal of signals) process.off(signal, listener);
    },
  };
};
