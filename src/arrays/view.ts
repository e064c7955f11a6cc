/** Flat memory as a plain function sees it, in the user's shape: reads and writes go to the memory. */
import { memberPath, type Layout, type StructLayout } from "./layout.ts";
import { ndArrayOver } from "./ndarray.ts";
import { pack } from "./pack.ts";

/**
 * A live view: objects with accessors, vectors as Float64Array, ndarrays over the memory. A number at the root is no
 * place to write to: it is the value at the time. Messages call it `what`.
 */
export function view(layout: Layout, data: Float64Array, what: string): unknown {
  switch (layout.kind) {
    case "scalar":
      return data[layout.offset];
    case "array": {
      const elements = data.subarray(layout.offset, layout.offset + layout.size);
      return layout.container === "ndarray" ? ndArrayOver(elements, layout.shape) : elements;
    }
    case "struct":
      return structView(layout, data, what);
  }
}

function structView(layout: StructLayout, data: Float64Array, what: string): object {
  const struct = {};
  for (const [name, field] of Object.entries(layout.fields)) {
    const path = memberPath(what, name);
    const inner = view(field, data, path);
    Object.defineProperty(struct, name, {
      enumerable: true,
      get: field.kind === "scalar" ? () => data[field.offset] : () => inner,
      // Assigning a whole component copies it.
      set: (value: unknown) => pack(field, value, path, data),
    });
  }
  // A misspelt name throws instead of being forgotten.
  return Object.preventExtensions(struct);
}
