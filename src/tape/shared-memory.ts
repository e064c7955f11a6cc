/** Arrays among the constants that are views of the same memory: what is written to one is read from the other. */
import { isNdArray, isPlainObject } from "../core/array-values.ts";
import { Untraceable } from "./numbers/errors.ts";
import { Vector } from "./runtime/vector.ts";

type View = Exclude<ArrayBufferView, DataView> | DataView;

interface Block {
  readonly views: readonly View[];
  /** Bytes from the first that any of the views has to the last. */
  readonly start: number;
  readonly end: number;
}

export type SharedMemory = readonly Block[];

/** Throws Untraceable where numbers share their bytes with other kinds of elements. */
export function sharedMemory(constants: unknown): SharedMemory {
  const views = [...viewsIn(constants)];
  const buffers = new Set(views.map(({ buffer }) => buffer));
  if (buffers.size === views.length) return [];
  return [...buffers].flatMap((buffer) => blocksOf(views.filter((view) => view.buffer === buffer)));
}

/** Of one buffer's views, those that overlap. */
function blocksOf(views: readonly View[]): Block[] {
  const blocks: { views: View[]; start: number; end: number }[] = [];
  for (const view of [...views].sort((a, b) => a.byteOffset - b.byteOffset)) {
    const [last, start] = [blocks.at(-1), view.byteOffset];
    if (last && start < last.end) {
      last.views.push(view);
      last.end = Math.max(last.end, start + view.byteLength);
    } else blocks.push({ views: [view], start, end: start + view.byteLength });
  }
  const shared = blocks.filter((block) => block.views.length > 1 && block.views.some((view) => view instanceof Float64Array));
  const mixed = shared.flatMap((block) => block.views).find((view) => !(view instanceof Float64Array));
  if (mixed) {
    throw new Untraceable(
      `A ${mixed.constructor.name} among the constants shares its memory with a Float64Array: bytes keep no derivatives.`,
    );
  }
  return shared;
}

/** New vectors for the memory, and where an array that is a view of it finds its elements. */
export function copiesOfMemory(memory: SharedMemory): (array: Float64Array) => Vector | undefined {
  const copies = memory.map(({ views, start, end }) => {
    const whole = new Vector(new Float64Array(views[0].buffer as ArrayBuffer, start, (end - start) / 8));
    return { views: new Set<unknown>(views), start, whole };
  });
  return (array) => {
    const found = copies.find(({ views }) => views.has(array));
    const from = found && (array.byteOffset - found.start) / 8;
    return found?.whole.subarray(from, from! + array.length);
  };
}

function* viewsIn(value: unknown, met = new Set<unknown>()): Generator<View> {
  if (typeof value !== "object" || value === null || met.has(value)) return;
  met.add(value);
  if (ArrayBuffer.isView(value)) yield value as View;
  else if (isNdArray(value)) yield* viewsIn(value.data, met);
  else if (Array.isArray(value)) for (const part of value) yield* viewsIn(part, met);
  else if (value instanceof Map) for (const pair of value as Map<unknown, unknown>) yield* viewsIn(pair, met);
  else if (value instanceof Set) for (const part of value as Set<unknown>) yield* viewsIn(part, met);
  else if (isPlainObject(value))
    for (const { value: part } of Object.values(Object.getOwnPropertyDescriptors(value))) yield* viewsIn(part, met);
  else for (const part of Object.values(value)) yield* viewsIn(part, met);
}
