/** Remembers which elements of an array certainly were written, up to some point of the text. */
export class WrittenElements {
  static none(): WrittenElements {
    return new WrittenElements(new Map(), 0);
  }

  private constructor(
    /** When each element was written first: shared by all points on one path through the text. */
    private readonly order: Map<number, number>,
    readonly size: number,
  ) {}

  has(element: number): boolean {
    return (this.order.get(element) ?? Infinity) < this.size;
  }

  /** These elements and one more. Where that was taken back and another path is read, the elements up to here are copied. */
  with(element: number): WrittenElements {
    if (this.has(element)) return this;
    const onward = this.order.size === this.size ? this.order : new Map([...this.order].filter(([, time]) => time < this.size));
    onward.set(element, this.size);
    return new WrittenElements(onward, this.size + 1);
  }
}
