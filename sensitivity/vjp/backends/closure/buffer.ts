/**
 * Arrays that the user's function writes, such as the derivative of an in-place function. Elements may be written again and read in between:
 * reading takes them as they are then.
 */
import { ShapeMismatch } from "../../../../src/core/errors.ts";
import { APPLY, type Overriding } from "../../../../src/operations/override.ts";
import type { ArrayOperation } from "../../../../src/operations/index.ts";
import type { Definition } from "../../../../src/operations/definitions.ts";
import { flat } from "../../../../src/operations/plain.ts";
import { layoutOf } from "../../../../src/arrays/layout.ts";
import { pack } from "../../../../src/arrays/pack.ts";
import { rowMajor, showShape, sizeOf } from "../../../../src/arrays/shape.ts";
import { trackedBehind, usedAsNumber, type Recorder, type Tracked } from "./tracked.ts";

/** The element of a tracked array that was written. */
export interface Origin {
  readonly tracked: Tracked;
  readonly element: number;
}

interface BufferRecorder extends Recorder {
  snapshot(buffer: Buffer): Tracked;
}

/** An array that is written. */
export class Buffer implements Overriding {
  private readonly value: Float64Array;
  private readonly origins: (Origin | undefined)[];

  constructor(
    private readonly recorder: BufferRecorder,
    readonly name: string,
    readonly shape: readonly number[],
  ) {
    this.value = new Float64Array(sizeOf(shape));
    this.origins = new Array<Origin | undefined>(this.value.length).fill(undefined);
  }

  [APPLY](operation: ArrayOperation | Definition, args: readonly unknown[]): unknown {
    return this.recorder.apply(operation, args);
  }

  state(): { value: Float64Array; origins: readonly (Origin | undefined)[] } {
    return { value: this.value.slice(), origins: [...this.origins] };
  }

  /** Writes an array, or a number, from element `start` on; returns how many elements that were. */
  write(source: unknown, start = 0): number {
    const buffer = bufferBehind(source);
    const tracked = buffer ? this.recorder.snapshot(buffer) : trackedBehind(source);
    // An array literal: its elements may be tracked numbers.
    if (!tracked && Array.isArray(source))
      return source.reduce((count: number, element) => count + this.write(element, start + count), 0);
    const value = tracked?.value ?? plainValue(source, this.name);
    // An index that is no number fails this comparison too.
    if (!(start >= 0 && start + value.length <= this.value.length)) throw this.misfit(start + value.length);
    this.value.set(value, start);
    for (let e = 0; e < value.length; e++) this.origins[start + e] = tracked && { tracked, element: e };
    return value.length;
  }

  /** Writes the whole array. */
  assign(source: unknown): void {
    const size = this.write(source);
    if (size !== this.value.length) throw this.misfit(size);
  }

  private misfit(size: number): ShapeMismatch {
    return new ShapeMismatch(
      `${this.name} has ${this.value.length} elements and was given ${size}. Give an array of shape ${showShape(this.shape)}.`,
    );
  }

  fill(source: unknown): void {
    for (let e = 0; e < this.value.length; e++) this.write(source, e);
  }
}

function plainValue(source: unknown, name: string): Float64Array {
  if (typeof source === "number") return Float64Array.of(source);
  flat(source, name);
  return pack(layoutOf(source, name), source, name);
}

const behind = new WeakMap<object, Buffer>();

export function bufferBehind(value: unknown): Buffer | undefined {
  return typeof value === "object" && value !== null ? behind.get(value) : undefined;
}

/** The buffer as the user's function sees it: a vector (`du[i] = x`, `du.set(array)`), or an ndarray (`du.set(i, j, x)`). */
export function writableBuffer(buffer: Buffer, container: "vector" | "ndarray"): object {
  const strides = rowMajor(buffer.shape);
  const methods: Readonly<Record<string, unknown>> = {
    shape: buffer.shape,
    length: buffer.shape[0],
    size: sizeOf(buffer.shape),
    dimension: buffer.shape.length,
    fill: (source: unknown) => buffer.fill(source),
    set:
      container === "vector"
        ? (source: unknown, start = 0) => buffer.write(source, start)
        : (...args: unknown[]) =>
            buffer.write(
              args.at(-1),
              strides.reduce((index, stride, axis) => index + stride * (args[axis] as number), 0),
            ),
  };
  const seen = new Proxy(buffer, {
    get(target, key) {
      if (key === APPLY) return target[APPLY].bind(target);
      return typeof key === "string" && Object.hasOwn(methods, key) ? methods[key] : usedAsNumber(target.name, key);
    },
    set(target, key, source: unknown) {
      target.write(source, Number(key));
      return true;
    },
  });
  behind.set(seen, buffer);
  return seen;
}
