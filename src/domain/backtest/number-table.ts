/** Rows of `width` float64 numbers that grow at the end: a list of records without an object a record. */
export class NumberTable {
  readonly #width: number;
  #numbers: Float64Array;
  length = 0;

  constructor(width: number) {
    this.#width = width;
    this.#numbers = new Float64Array(width * 512);
  }

  /** Adds a row and gives its index. Columns beyond `width` must be left out. */
  append(a: number, b: number, c = 0, d = 0, e = 0, f = 0): number {
    const at = this.length * this.#width;
    if (at + this.#width > this.#numbers.length) this.#grow();
    const numbers = this.#numbers;
    numbers[at] = a;
    numbers[at + 1] = b;
    if (this.#width > 2) numbers[at + 2] = c;
    if (this.#width > 3) numbers[at + 3] = d;
    if (this.#width > 4) numbers[at + 4] = e;
    if (this.#width > 5) numbers[at + 5] = f;
    return this.length++;
  }

  #grow(): void {
    const larger = new Float64Array(this.#numbers.length * 2);
    larger.set(this.#numbers);
    this.#numbers = larger;
  }

  at(row: number, column: number): number {
    return this.#numbers[row * this.#width + column]!;
  }
}
