/** Numbers that look random and depend on the seed alone: the same in every process. Not for secrets. */
export interface RandomSource {
  /** At least 0 and less than 1, 53 bits. */
  fraction(): number;
  /** A whole number from 0 to `count` − 1. */
  below(count: number): number;
}

const words = 2 ** 32;

/**
 * The generator sfc32 (C. Doty-Humphrey, PractRand), its state filled by the seed and mixed before the first number is drawn.
 * @param seed a whole number; all of its 53 bits count.
 */
export const createRandom = (seed: number): RandomSource => {
  let a = 0;
  let b = seed | 0;
  let c = Math.floor(seed / words) | 0;
  let counter = 1;
  const word = (): number => {
    const drawn = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + drawn) | 0;
    return drawn >>> 0;
  };
  for (let round = 0; round < 15; round += 1) word();
  const fraction = (): number => ((word() >>> 5) * 2 ** 26 + (word() >>> 6)) / 2 ** 53;
  return { fraction, below: (count) => Math.floor(fraction() * count) };
};
