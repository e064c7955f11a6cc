/** States at several times as a loss of all of them sees them: by the names of the state, each with its values at the times. */
import { rowMajor } from "../../src/arrays/shape.ts";
import { ownLayout, type Layout } from "../../src/arrays/layout.ts";

/** The layout of so many states: a number becomes a list, an array an ndarray whose first axis is that of the times. */
export function seriesLayout(layout: Layout, count: number): Layout {
  const own = ownLayout(layout);
  const [offset, size] = [own.offset * count, own.size * count];
  switch (own.kind) {
    case "scalar":
      return { kind: "array", offset, size, shape: [count], container: "array" };
    case "array":
      return { kind: "array", offset, size, shape: [count, ...own.shape], container: "ndarray" };
    case "struct": {
      const fields = Object.entries(own.fields).map(([name, field]) => [name, seriesLayout(field, count)]);
      return { kind: "struct", offset, size, fields: Object.fromEntries(fields) as Readonly<Record<string, Layout>> };
    }
  }
}

/**
 * Where each number of the series comes from: of states of which each has `stride` numbers, in the order of the solve, `indices` the place of each
 * in the user's list.
 */
export function placesInSeries(layout: Layout, indices: Int32Array, stride: number): Int32Array {
  const own = ownLayout(layout);
  const count = indices.length;
  const places = new Int32Array(own.size * count);
  const place = (leaf: Layout): void => {
    if (leaf.kind === "struct") return Object.values(leaf.fields).forEach(place);
    const [step] = rowMajor([count, leaf.size]);
    indices.forEach((index, k) => {
      for (let j = 0; j < leaf.size; j++) places[leaf.offset * count + index * step + j] = k * stride + leaf.offset + j;
    });
  };
  place(own);
  return places;
}
