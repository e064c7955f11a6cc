/** Float64s that become more; the memory doubles. */
export class GrowingArray {
  private memory: Float64Array;
  length = 0;

  constructor(capacity = 0) {
    this.memory = new Float64Array(capacity);
  }

  /** What is stored so far, and what may follow; for reading by index. Replaced when the memory grows. */
  get data(): Float64Array {
    return this.memory;
  }

  append(source: Float64Array): void {
    const end = this.length + source.length;
    if (end > this.memory.length) this.makeRoom(source.length);
    // Few numbers are copied faster one by one than by a call of the host.
    if (source.length <= 16) for (let i = 0; i < source.length; i++) this.memory[this.length + i] = source[i];
    else this.memory.set(source, this.length);
    this.length = end;
  }

  private makeRoom(count: number): void {
    const larger = new Float64Array(Math.max(this.length + count, 2 * this.memory.length, 64));
    larger.set(this.memory);
    this.memory = larger;
  }
}
