/** The iterations of a loop, in their order or the last first. */
import { tripCount, type Builder } from "../ir/builder.ts";
import type { For, Value, While } from "../ir/ir.ts";

type Iteration = (index: Value | undefined, carried: readonly Value[]) => Value[];

/** Does a loop run at least once? */
export function runs(i: For | While): boolean {
  return i.kind === "for" && tripCount(i.from, i.to, i.step) !== undefined;
}

/** Between bounds that are at hand where the loop is built. */
type Bounds = Record<"from" | "to", Value>;

export function forwards(
  b: Builder,
  i: For,
  { from, to }: Bounds,
  initial: readonly Value[],
  iteration: Iteration,
): readonly Value[] {
  return b.for(from, to, i.step, initial, iteration, i.mayNotEnd);
}

export function reversed(
  b: Builder,
  i: For,
  { from, to }: Bounds,
  initial: readonly Value[],
  iteration: Iteration,
): readonly Value[] {
  const count = tripCount(from, to, i.step);
  const iterations =
    count !== undefined
      ? b.i32(count)
      : b.operation(
          "i32.div",
          b.operation("i32.add", b.operation("i32.sub", to, from), b.i32(i.step - Math.sign(i.step))),
          b.i32(i.step),
        );
  const last = b.operation("i32.add", from, b.operation("i32.mul", b.operation("i32.sub", iterations, b.i32(1)), b.i32(i.step)));
  const before = b.operation("i32.sub", from, b.i32(Math.sign(i.step)));
  return b.for(last, before, -i.step, initial, iteration, i.mayNotEnd);
}

/** As many as a loop ran. */
export function countedDown(b: Builder, count: Value, initial: readonly Value[], iteration: Iteration): readonly Value[] {
  const last = b.operation("i32.sub", count, b.i32(1));
  return b.for(last, b.i32(-1), -1, initial, (_, carried) => iteration(undefined, carried));
}
