/** Bytes of the binary format, one after the other. */
const scratch = new DataView(new ArrayBuffer(8));

export class Bytes {
  private data = new Uint8Array(256);
  private length = 0;

  get written(): Uint8Array<ArrayBuffer> {
    return this.data.subarray(0, this.length);
  }

  byte(value: number): this {
    if (this.length === this.data.length) this.reserve(1);
    this.data[this.length++] = value;
    return this;
  }

  bytes(values: ArrayLike<number>): this {
    this.reserve(values.length);
    this.data.set(values, this.length);
    this.length += values.length;
    return this;
  }

  /** In LEB128, unsigned. */
  unsigned(value: number): this {
    let rest = value >>> 0;
    for (; rest > 0x7f; rest >>>= 7) this.byte((rest & 0x7f) | 0x80);
    return this.byte(rest);
  }

  /** In LEB128, signed, of 32 bits. */
  signed(value: number): this {
    let rest = value | 0;
    for (; rest < -0x40 || rest > 0x3f; rest >>= 7) this.byte((rest & 0x7f) | 0x80);
    return this.byte(rest & 0x7f);
  }

  f64(value: number): this {
    scratch.setFloat64(0, value, true);
    for (let i = 0; i < 8; i++) this.byte(scratch.getUint8(i));
    return this;
  }

  /** Of so many bytes: 4 or 8. */
  integer(value: number, size: number): this {
    scratch.setBigInt64(0, BigInt(value), true);
    for (let i = 0; i < size; i++) this.byte(scratch.getUint8(i));
    return this;
  }

  text(value: string): this {
    return this.sized(new TextEncoder().encode(value));
  }

  /** Bytes after their number. */
  sized(values: ArrayLike<number>): this {
    return this.unsigned(values.length).bytes(values);
  }

  private reserve(count: number): void {
    if (this.length + count <= this.data.length) return;
    const grown = new Uint8Array(Math.max(2 * this.data.length, this.length + count));
    grown.set(this.data);
    this.data = grown;
  }
}
