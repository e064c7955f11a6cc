/** Flat memory as a plain function sees it, in the user's shape: reads and writes go to the memory. */
import { memberPath, type Layout, type StructLayout } from "./layout.ts";
import { ndArrayOver } from "./ndarray.ts";
import { pack } from "./pack.ts";

/** Shows flat memory in the user's shape. */
export type Viewer = (data: Float64Array) => unknown;

/**
 * Makes live views of memory laid out like this: objects with accessors, vectors as Float64Array, ndarrays over the memory.
 * A number at the root is no place to write to: it is the value at the time. Messages call the whole `what`.
 */
export function viewer(layout: Layout, what: string): Viewer {
  switch (layout.kind) {
    case "scalar":
      return (data) => data[layout.offset];
    case "array": {
      const { offset, size, shape, container } = layout;
      return (data) => {
        const elements = data.subarray(offset, offset + size);
        return container === "ndarray" ? ndArrayOver(elements, shape) : elements;
      };
    }
    case "struct":
      return structViewer(layout, what);
  }
}

/** One view. */
export function view(layout: Layout, data: Float64Array, what: string): unknown {
  return viewer(layout, what)(data);
}

const DATA = Symbol("data");
const INNER = Symbol("inner");

/** Symbols, because every name may be a component's. */
abstract class StructView {
  readonly [DATA]: Float64Array;
  /** Views of the components that are not numbers, by name. */
  readonly [INNER]: Readonly<Record<string, unknown>>;

  constructor(data: Float64Array, inner: Readonly<Record<string, unknown>>) {
    this[DATA] = data;
    this[INNER] = inner;
  }
}

/** Accessors are on a prototype that all views of a layout share, so that engines see one kind of object whatever the memory. */
function structViewer(layout: StructLayout, what: string): Viewer {
  class View extends StructView {}
  const inner: [string, Viewer][] = [];
  for (const [name, field] of Object.entries(layout.fields)) {
    const path = memberPath(what, name);
    const { offset, kind } = field;
    if (kind !== "scalar") inner.push([name, viewer(field, path)]);
    Object.defineProperty(View.prototype, name, {
      enumerable: true,
      get(this: StructView): unknown {
        return kind === "scalar" ? this[DATA][offset] : this[INNER][name];
      },
      // Assigning a whole component copies it.
      set(this: StructView, value: unknown): void {
        pack(field, value, path, this[DATA]);
      },
    });
  }
  return (data) => {
    const parts = Object.fromEntries(inner.map(([name, show]) => [name, show(data)]));
    // A misspelt name throws instead of being forgotten.
    return Object.preventExtensions(new View(data, parts));
  };
}
