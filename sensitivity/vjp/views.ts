/** Flat memory shown to the user's functions, in their shape. */
import type { Layout } from "../../src/arrays/layout.ts";
import { viewer } from "../../src/arrays/view.ts";

/** Shows a copy, of which the view is made once; a number at the root is read anew each time. */
export function readable(layout: Layout, what: string): (data: Float64Array) => unknown {
  const show = viewer(layout, what);
  const copy = new Float64Array(layout.size);
  const shown = layout.kind === "scalar" ? undefined : show(copy);
  return (data) => {
    copy.set(data);
    return shown ?? show(copy);
  };
}

/** Memory to write to; a number at the root is an array of one. */
export function writable(layout: Layout, what: string): { readonly data: Float64Array; readonly shown: unknown } {
  const data = new Float64Array(layout.size);
  return { data, shown: layout.kind === "scalar" ? data : viewer(layout, what)(data) };
}
