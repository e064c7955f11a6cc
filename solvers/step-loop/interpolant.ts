/** A step's dense output, written into programs (see step/dense-form.ts for the form of a record). */
import type { Builder } from "../../src/ir/builder.ts";
import type { ArrayArgument, Value } from "../../src/ir/ir.ts";

/** What each of a record's vectors counts for in the state at theta. */
export function recordWeights(b: Builder, theta: Value, vectors: number): Value[] {
  const rest = b.operation("sub", b.f64(1), theta);
  const weights = [rest, theta];
  const centred = b.operation("sub", theta, rest);
  let weight = b.operation("mul", theta, rest);
  for (let q = 2; q < vectors; q++, weight = b.operation("mul", weight, centred)) weights.push(weight);
  return weights;
}

/** into = the first n components of the state at theta, of a record of vectors `stride` apart. */
export function interpolate(
  b: Builder,
  into: ArrayArgument,
  record: ArrayArgument,
  theta: Value,
  n: number,
  vectors: number,
  stride = n,
): void {
  const weights = recordWeights(b, theta, vectors);
  b.for(b.i32(0), b.i32(n), 1, [], (i) => {
    const terms = weights.map((weight, q) => {
      const at = b.operation("i32.add", record.offset, b.operation("i32.add", i, b.i32(q * stride)));
      return b.operation("mul", weight, b.load(record.array, at));
    });
    // The corrections first: they are small.
    const [line, corrections] = [terms.slice(0, 2), terms.slice(2)].map((some) =>
      some.reduce((x, y) => b.operation("add", x, y)),
    );
    b.store(into.array, b.operation("i32.add", into.offset, i), b.operation("add", line, corrections));
    return [];
  });
}
