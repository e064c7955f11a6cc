/** The time derivative, along the solution, of a vjp that cannot be differentiated again. */
import type { Builder } from "../../../src/ir/builder.ts";
import type { ArrayArgument, ArrayDeclaration, External, Value } from "../../../src/ir/ir.ts";

/**
 * Steps move no component by more than this part of itself, or of the largest one where it is far smaller. They are too long for the last
 * digits, which a time derivative in a Rosenbrock step does not need, and long enough for vjps that are differences themselves.
 */
const PART = 1e-4;
const SMALL = 1e-3;

/** Where the derivative is taken, and what it is taken of. */
export interface AlongSolution {
  readonly u: ArrayArgument;
  readonly p: ArrayDeclaration;
  readonly t: Value;
  readonly v: ArrayDeclaration;
  /** u' */
  readonly velocity: ArrayDeclaration;
  readonly n: number;
}

/**
 * Writes d/dt vjp(u(t), p, t, v) to `out`, by differences along (u', 1). It takes the smaller of those ahead and behind, since where a branch
 * flips close by one of them goes over the jump.
 */
export function differenceAlong(
  b: Builder,
  vjp: External,
  { u, p, t, v, velocity, n }: AlongSolution,
  out: ArrayDeclaration,
): void {
  const zero = b.i32(0);
  const at = (array: ArrayDeclaration): ArrayArgument => ({ array, offset: zero });
  const each = (initial: readonly Value[], body: (i: Value, carried: readonly Value[]) => readonly Value[]): readonly Value[] =>
    b.for(zero, b.i32(n), 1, initial, body);
  const stateAt = (i: Value): Value => b.load(u.array, b.operation("i32.add", u.offset, i));
  const [most] = each([b.f64(0)], (i, [sofar]) => [b.operation("max", sofar, b.operation("abs", stateAt(i)))]);
  const largest = b.operation("select", b.operation("gt", most, b.f64(0)), most, b.f64(1));
  // The highest rate at which a component changes, in parts of its size; the time itself is one of them.
  const [rate] = each([b.operation("div", b.f64(1), b.operation("add", b.f64(1), b.operation("abs", t)))], (i, [most]) => {
    const size = b.operation("add", b.operation("abs", stateAt(i)), b.operation("mul", b.f64(SMALL), largest));
    const change = b.operation("abs", b.load(velocity, i));
    return [b.operation("max", most, b.operation("div", change, size))];
  });
  const h = b.operation("div", b.f64(PART), rate);
  const moved = b.localArray("moved", n);
  const vjpMoved = (name: string, by: Value): ArrayDeclaration => {
    each([], (i) => (b.store(moved, i, b.operation("add", stateAt(i), b.operation("mul", by, b.load(velocity, i)))), []));
    const result = b.localArray(name, n);
    b.call(vjp, [at(moved), at(p), b.operation("add", t, by), at(v), at(result)]);
    return result;
  };
  const [before, here, after] = [vjpMoved("before", b.operation("neg", h)), vjpMoved("here", b.f64(0)), vjpMoved("after", h)];
  each([], (i) => {
    const behind = b.operation("sub", b.load(here, i), b.load(before, i));
    const ahead = b.operation("sub", b.load(after, i), b.load(here, i));
    const isAhead = b.operation("lt", b.operation("abs", ahead), b.operation("abs", behind));
    const rise = b.operation("div", b.operation("select", isAhead, ahead, behind), h);
    // Beside an edge of the domain there may be no difference. Without it the step is only of lower order.
    const finite = b.operation("eq", b.operation("sub", rise, rise), b.f64(0));
    b.store(out, i, b.operation("select", finite, rise, b.f64(0)));
    return [];
  });
}
