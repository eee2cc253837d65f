/** How far a run has come, counted in shared memory: threads add to it, the caller reads it when it likes. */
export interface Progress {
  readonly total: number;
  readonly done: number;
  /** The counter itself, for the threads. */
  readonly counter: Int32Array;
}

export const createProgress = (total: number): Progress => {
  const counter = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  return {
    total,
    counter,
    get done() {
      return Atomics.load(counter, 0);
    },
  };
};

export const countDone = (counter: Int32Array): void => void Atomics.add(counter, 0, 1);
