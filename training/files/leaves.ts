/** The arrays of numbers that parameters consist of, by name: what files hold. */
import { memberPath, type Layout } from "../../src/arrays/layout.ts";

/** A number (shape []), or an array, at its place in flat memory. */
export interface Leaf {
  /** "layer0.W"; of parameters that are one array or number, "p". */
  readonly name: string;
  readonly offset: number;
  readonly size: number;
  readonly shape: readonly number[];
}

export function leavesOf(layout: Layout, path = ""): Leaf[] {
  if (layout.kind === "struct") {
    return Object.entries(layout.fields).flatMap(([name, field]) => leavesOf(field, memberPath(path, name)));
  }
  const { offset, size } = layout;
  return [{ name: path || "p", offset, size, shape: layout.kind === "array" ? layout.shape : [] }];
}
