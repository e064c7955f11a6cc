/** The fields over two-dimensional grids within a state. */
import { memberPath, type Layout } from "../src/arrays/layout.ts";

export interface Field {
  readonly name: string;
  /** Number of grid points down (y, the outer index) and across (x, the inner index). */
  readonly rows: number;
  readonly columns: number;
  /** Row-major. */
  readonly values: ArrayLike<number>;
}

/** A grid smaller than this is drawn better as single components. */
const smallestGrid = 4;

/** The fields within a flat state or gradient: each [rows, columns] plane of every array of two or three dimensions. */
export function fieldsOf(layout: Layout, flat: Float64Array, path = ""): Field[] {
  if (layout.kind === "struct")
    return Object.entries(layout.fields).flatMap(([name, field]) => fieldsOf(field, flat, memberPath(path, name)));
  if (layout.kind === "extended") return fieldsOf(layout.own, flat, path);
  if (layout.kind === "scalar") return [];
  const [columns, rows, planes = 1, ...outer] = [...layout.shape].reverse();
  if (rows === undefined || outer.length > 0 || Math.min(rows, columns) < smallestGrid) return [];
  const name = path || "u";
  return Array.from({ length: planes }, (_, plane) => {
    const start = layout.offset + plane * rows * columns;
    return {
      name: planes > 1 ? `${name}[${plane}]` : name,
      rows,
      columns,
      values: flat.subarray(start, start + rows * columns),
    };
  });
}
