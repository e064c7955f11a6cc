/** Copies numbers between arrays. Few are copied faster one by one than by a call of the host. */
export function copyNumbers(from: Float64Array, start: number, count: number, into: Float64Array, at: number): void {
  if (count <= 16) for (let i = 0; i < count; i++) into[at + i] = from[start + i];
  else into.set(from.subarray(start, start + count), at);
}

const NOTHING = new Float64Array(0);

/** Float64s that become more; the memory doubles. */
export class GrowingArray {
  length = 0;

  /** Begins in the memory given, which need not be clean, or in that which is given once there is something to store. */
  constructor(
    private memory: Float64Array = NOTHING,
    private readonly spare?: () => Float64Array | undefined,
  ) {}

  /** What is stored so far, and what may follow; for reading by index. Replaced when the memory grows. */
  get data(): Float64Array {
    return this.memory;
  }

  append(source: Float64Array, start = 0, count = source.length): void {
    const end = this.length + count;
    if (end > this.memory.length) this.makeRoom(count);
    copyNumbers(source, start, count, this.memory, this.length);
    this.length = end;
  }

  /** Of so many vectors, `stride` apart, the first n numbers of each. */
  appendHeads(source: Float64Array, start: number, n: number, stride: number, vectors: number): void {
    const count = n * vectors;
    if (this.length + count > this.memory.length) this.makeRoom(count);
    const { memory, length } = this;
    for (let v = 0; v < vectors; v++) {
      const [from, into] = [start + v * stride, length + v * n];
      if (n > 16) memory.set(source.subarray(from, from + n), into);
      else for (let i = 0; i < n; i++) memory[into + i] = source[from + i];
    }
    this.length += count;
  }

  /** Of so many vectors, `stride` apart, the numbers at these places of each. */
  appendPicked(source: Float64Array, start: number, picked: ArrayLike<number>, stride: number, vectors: number): void {
    const count = picked.length * vectors;
    if (this.length + count > this.memory.length) this.makeRoom(count);
    let into = this.length;
    for (let v = 0; v < vectors; v++) {
      const from = start + v * stride;
      for (let i = 0; i < picked.length; i++) this.memory[into++] = source[from + picked[i]];
    }
    this.length = into;
  }

  /** Forgets the last numbers, and gives memory back of which less than half would be in use. */
  truncate(length: number): void {
    this.length = length;
    if (2 * length < this.memory.length) this.memory = this.memory.slice(0, length);
  }

  /** Gives its memory back. */
  clear(): void {
    this.memory = NOTHING;
    this.length = 0;
  }

  private makeRoom(count: number): void {
    if (this.length === 0 && this.spare) this.memory = this.spare() ?? this.memory;
    if (this.length + count <= this.memory.length) return;
    const larger = new Float64Array(Math.max(this.length + count, 2 * this.memory.length, 64));
    larger.set(this.memory);
    this.memory = larger;
  }
}
