/** Flat memory as a plain function sees it, in the user's shape: reads and writes go to the memory. */
import { memberPath, type Layout, type StructLayout } from "./layout.ts";
import { ndarray } from "./ndarray.ts";
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
        return container === "ndarray" ? ndarray(elements, shape) : elements;
      };
    }
    case "struct":
      return structViewer(layout, what);
    case "extended":
      return viewer(layout.own, what);
  }
}

/** One view. */
export function view(layout: Layout, data: Float64Array, what: string): unknown {
  return viewer(layout, what)(data);
}

const DATA = Symbol("data");
const INNER = Symbol("inner");

/**
 * What accessors find their numbers by. Symbols, because every name may be a component's; not enumerable, so that spreading a
 * view, or listing its keys, gives the components and nothing else.
 */
interface StructView {
  readonly [DATA]: Float64Array;
  /** Views of the components that are not numbers, by name. */
  readonly [INNER]: Readonly<Record<string, unknown>>;
}

/** All views of a layout share their accessors, so that engines see one kind of object whatever the memory. */
function structViewer(layout: StructLayout, what: string): Viewer {
  const inner: [string, Viewer][] = [];
  const accessors: PropertyDescriptorMap = {};
  for (const [name, field] of Object.entries(layout.fields)) {
    const path = memberPath(what, name);
    const { offset, kind } = field;
    if (kind !== "scalar") inner.push([name, viewer(field, path)]);
    accessors[name] = {
      enumerable: true,
      get(this: StructView): unknown {
        return kind === "scalar" ? this[DATA][offset] : this[INNER][name];
      },
      // Assigning a whole component copies it.
      set(this: StructView, value: unknown): void {
        pack(field, value, path, this[DATA]);
      },
    };
  }
  return (data) => {
    const parts = Object.fromEntries(inner.map(([name, show]) => [name, show(data)]));
    const hidden = { [DATA]: { value: data }, [INNER]: { value: parts } };
    // A misspelt name throws instead of being forgotten.
    return Object.preventExtensions(Object.defineProperties({}, { ...hidden, ...accessors }));
  };
}
