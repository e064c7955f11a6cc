/**
 * Looks at each step that would be taken whether a decision of the right-hand side switches within it (src/analysis/switching/branches.ts),
 * by its margin and the slope of that at both ends, and by its margin in the middle.
 */
import type { ArrayArgument, ArrayDeclaration, Value } from "../../src/ir/ir.ts";
import type { HeldBranches } from "../step/system.ts";
import type { StepLoopBuilder } from "./builder.ts";

/** Of the margin at the nearer end: a dip that by its parabola comes as near to zero is looked into. */
const DEEP = 1 / 2;

export interface CrossingCheck {
  /** The first step is from the first slot. */
  begin(t: Value): void;
  /** A bool: does a decision switch, or may it, within the step from the slot of this index? */
  crosses(index: Value, t: Value, length: Value, tNext: Value): Value;
  /** The step that was looked at last is taken. */
  accept(): void;
  /** A bool: is every decision held? */
  isHeld(): Value;
}

export function crossingCheck(b: StepLoopBuilder, branches: HeldBranches | undefined): CrossingCheck | undefined {
  if (!branches) return undefined;
  const { table, margins, slopes, hasVelocity } = branches;
  const { n } = branches;
  const count = (table.length - 1) / 2;
  const held = b.constantArray("branches", table);
  const local = (name: string, size: number): ArrayDeclaration => b.localArray(name, size);
  const [before, after] = ["before", "after"].map((when) => ({
    margin: local(`margin_${when}`, count),
    slope: local(`slope_${when}`, count),
  }));
  const middle = local("margin_middle", count);
  const state = local("state_middle", n);
  const chord = local("chord", n);
  const one = local("one", 1);
  const whole = (array: ArrayDeclaration): ArrayArgument => ({ array, offset: b.i32(0) });
  const element = ({ array, offset }: ArrayArgument, i: Value): Value => b.load(array, b.operation("i32.add", offset, i));
  const look = (into: typeof before, u: ArrayArgument, velocity: ArrayArgument, t: Value): void => {
    b.store(one, b.i32(0), b.f64(1));
    b.call(slopes, [whole(into.margin), u, b.whole(b.p), t, velocity, whole(one), whole(into.slope)]);
  };
  const eachComponent = (body: (i: Value) => void): void => b.range(0, n, body);

  /** Does the parabola with this margin and slope at one end and that margin half a step on dip to near zero before? */
  const dips = (margin: Value, slope: Value, half: Value): Value => {
    // With θ from the end on, q(θ) = m + s θ + c θ², q(1/2) = half.
    const c = b.operation("sub", b.times(b.operation("sub", half, margin), 4), b.times(slope, 2));
    const falls = b.operation("lt", slope, b.f64(0));
    const turns = b.operation("lt", b.operation("neg", slope), c);
    const isDeep = b.operation("gt", b.times(slope, slope), b.times(b.times(c, b.operation("min", margin, half)), 4 * DEEP));
    return b.operation("bool.and", b.operation("bool.and", falls, turns), isDeep);
  };

  return {
    begin(t) {
      const { u, f } = b.slot(b.i32(0));
      look(before, u, f, t);
    },
    crosses(index, t, length, tNext) {
      const [here, there] = [b.slot(index), b.slot(b.next(index))];
      eachComponent((i) => {
        const [from, to] = [element(here.u, i), element(there.u, i)];
        const straight = b.times(b.plus(from, to), 0.5);
        const bend = b.operation("sub", element(here.f, i), element(there.f, i));
        b.store(state, i, hasVelocity ? b.plus(straight, b.times(b.times(length, bend), 1 / 8)) : straight);
        if (!hasVelocity) b.store(chord, i, b.operation("div", b.operation("sub", to, from), length));
      });
      const velocity = (f: ArrayArgument): ArrayArgument => (hasVelocity ? f : whole(chord));
      if (!hasVelocity) look(before, here.u, velocity(here.f), t);
      look(after, there.u, velocity(there.f), tNext);
      b.call(margins, [whole(middle), whole(state), b.whole(b.p), b.plus(t, b.times(length, 0.5))]);
      const [found] = b.for(b.i32(0), b.i32(count), 1, [b.i32(0)], (k, [sum]) => {
        const [first, half, last] = [before.margin, middle, after.margin].map((array) => b.load(array, k));
        const [rising, falling] = [before.slope, after.slope].map((array) => b.times(length, b.load(array, k)));
        const isBeyond = b.operation("lt", b.operation("min", half, last), b.f64(0));
        const isNear = b.operation("bool.or", dips(first, rising, half), dips(last, b.operation("neg", falling), half));
        return [b.operation("i32.or", sum, b.operation("i32.from_bool", b.operation("bool.or", isBeyond, isNear)))];
      });
      const isWatched = b.operation("bool.not", b.integers.isSet("unwatched"));
      return b.operation("bool.and", isWatched, b.operation("i32.ne", found, b.i32(0)));
    },
    accept() {
      b.for(b.i32(0), b.i32(count), 1, [], (k) => {
        b.store(before.margin, k, b.load(after.margin, k));
        b.store(before.slope, k, b.load(after.slope, k));
        return [];
      });
      b.integers.set("unwatched", 0);
    },
    isHeld: () => b.operation("ne", b.load(held, b.i32(count)), b.f64(0)),
  };
}
