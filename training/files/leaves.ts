/** The arrays of numbers that parameters consist of, by name: what files hold. */
import { memberPath, type Layout } from "../../src/arrays/layout.ts";
import { BadParameterFile } from "./errors.ts";

/** A number (shape []), or an array, at its place in flat memory. */
export interface Leaf {
  /** "layer0.W"; of parameters that are one array or number, "p". */
  readonly name: string;
  readonly offset: number;
  readonly size: number;
  readonly shape: readonly number[];
}

/** Throws {@link BadParameterFile} where two have the same name. */
export function leavesOf(layout: Layout): Leaf[] {
  const leaves = leavesUnder(layout, "");
  const names = new Set<string>();
  for (const { name } of leaves) {
    if (names.has(name)) {
      throw new BadParameterFile(
        `Two of the parameters are called "${name}" in a file: one lies under its parts, and one has dots in its own name. Rename one of them.`,
      );
    }
    names.add(name);
  }
  return leaves;
}

function leavesUnder(layout: Layout, path: string): Leaf[] {
  if (layout.kind === "struct") {
    return Object.entries(layout.fields).flatMap(([name, field]) => leavesUnder(field, memberPath(path, name)));
  }
  const { offset, size } = layout;
  return [{ name: path || "p", offset, size, shape: layout.kind === "array" ? layout.shape : [] }];
}
