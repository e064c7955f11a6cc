/** Views of flat memory in the shapes that the user's functions expect. */
import type { Layout } from "../../src/arrays/layout.ts";
import { viewer } from "../../src/arrays/view.ts";

/** Gives a view of a copy, made once; where the layout is a single number it is the number. */
export function readable(layout: Layout, what: string): (data: Float64Array) => unknown {
  const show = viewer(layout, what);
  const copy = new Float64Array(layout.size);
  const shown = layout.kind === "scalar" ? undefined : show(copy);
  return (data) => {
    copy.set(data);
    return shown ?? show(copy);
  };
}

/** Memory that a function writes to, with its view; where the layout is a single number it is an array of one. */
export function writable(layout: Layout, what: string): { readonly data: Float64Array; readonly shown: unknown } {
  const data = new Float64Array(layout.size);
  return { data, shown: layout.kind === "scalar" ? data : viewer(layout, what)(data) };
}
