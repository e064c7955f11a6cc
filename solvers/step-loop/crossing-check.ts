/**
 * Looks at each step that would be taken whether a decision of the right-hand side switches within it (src/analysis/switching/branches.ts),
 * by its margin and the slope of that at both ends, and by its margin in the middle; and within a long step at more places, so that what
 * switches to and fro in a part of the span is seen however long the steps are.
 */
import type { ArrayArgument, ArrayDeclaration, Value } from "../../src/ir/ir.ts";
import type { HeldBranches } from "../step/system.ts";
import type { StepLoopBuilder } from "./builder.ts";
import { PARTS_OF_SPAN } from "./chosen-step.ts";
import { RELEASED } from "./registers.ts";

/** Of the margin at the nearer end: a dip that by its parabola comes as near to zero is looked into. */
const DEEP = 1 / 2;

/** Margins and their slopes in time. */
interface Look {
  readonly margin: ArrayDeclaration;
  readonly slope: ArrayDeclaration;
}

export class CrossingCheck {
  private readonly count: number;
  private readonly held: ArrayDeclaration;
  private readonly before: Look;
  private readonly after: Look;
  private readonly middle: ArrayDeclaration;
  private readonly state: ArrayDeclaration;
  private readonly chord: ArrayDeclaration;
  private readonly one: ArrayDeclaration;

  constructor(
    private readonly b: StepLoopBuilder,
    private readonly branches: HeldBranches,
  ) {
    const { table, n } = branches;
    const count = (this.count = (table.length - 1) / 2);
    this.held = b.constantArray("branches", table);
    const look = (when: string): Look => ({
      margin: b.localArray(`margin_${when}`, count),
      slope: b.localArray(`slope_${when}`, count),
    });
    [this.before, this.after] = [look("before"), look("after")];
    this.middle = b.localArray("margin_middle", count);
    this.state = b.localArray("state_middle", n);
    this.chord = b.localArray("chord", n);
    this.one = b.localArray("one", 1);
  }

  /** A bool: is every decision held? */
  get isHeld(): Value {
    return this.b.operation("ne", this.b.load(this.held, this.b.i32(this.count)), this.b.f64(0));
  }

  /** The first step is from the first slot. */
  begin(t: Value): void {
    const { u, f } = this.b.slot(this.b.i32(0));
    this.look(this.before, u, f, t);
  }

  /** A bool: does a decision switch, or may it, within the step from the slot of this index? */
  crosses(index: Value, t: Value, length: Value, tNext: Value): Value {
    const { b, before, after, middle, count } = this;
    this.meet(index, t, length, tNext);
    this.marginsAt(index, t, length, b.f64(0.5));
    const [atHalf] = b.for(b.i32(0), b.i32(count), 1, [b.i32(0)], (k, [sum]) => {
      const [first, half, last] = [before.margin, middle, after.margin].map((array) => b.load(array, k));
      const [rising, falling] = [before.slope, after.slope].map((array) => b.times(length, b.load(array, k)));
      const isBeyond = b.operation("bool.or", b.operation("lt", half, b.f64(0)), b.operation("lt", last, b.f64(0)));
      const isNear = b.operation("bool.or", dips(b, first, rising, half), dips(b, last, b.operation("neg", falling), half));
      return [b.operation("i32.or", sum, b.operation("i32.from_bool", b.operation("bool.or", isBeyond, isNear)))];
    });
    const found = b.operation("i32.or", atHalf, this.between(index, t, length));
    const isWatched = b.operation("bool.not", b.integers.isSet("unwatched"));
    return b.operation("bool.and", isWatched, b.operation("i32.ne", found, b.i32(0)));
  }

  /** 1 where a margin is negative at one of the places between which a long step has no more than a part of the span. */
  private between(index: Value, t: Value, length: Value): Value {
    const { b, middle, count } = this;
    const parts = b.operation("div", b.operation("abs", length), b.reals.get("part"));
    const most = b.operation("ceil", b.operation("min", parts, b.f64(PARTS_OF_SPAN)));
    const [found] = b.for(b.i32(1), b.operation("i32.from_f64", most), 1, [b.i32(0)], (i, [sum]) => {
      this.marginsAt(index, t, length, b.operation("div", b.toF64(i), most));
      const [beyond] = b.for(b.i32(0), b.i32(count), 1, [sum], (k, [so]) => [
        b.operation("i32.or", so, b.operation("i32.from_bool", b.operation("lt", b.load(middle, k), b.f64(0)))),
      ]);
      return [beyond];
    });
    return found;
  }

  /** The margins at a part of a step, by the cubic with the derivatives at its ends; by the chord, as for the slopes, where they are not known. */
  private marginsAt(index: Value, t: Value, length: Value, part: Value): void {
    const { b, branches, middle, state } = this;
    const { hasVelocity, n } = branches;
    const [here, there] = [b.slot(index), b.slot(b.next(index))];
    const rest = b.operation("sub", b.f64(1), part);
    b.range(0, n, (i) => {
      const [from, to] = [elementOf(b, here.u, i), elementOf(b, there.u, i)];
      const straight = b.plus(b.times(rest, from), b.times(part, to));
      if (!hasVelocity) return b.store(state, i, straight);
      const change = b.operation("sub", to, from);
      const [first, last] = [here.f, there.f].map((f) => b.operation("sub", b.times(length, elementOf(b, f, i)), change));
      // (1 - θ) u₀ + θ u₁ + θ (1 - θ) ((1 - θ) (h f₀ - Δ) - θ (h f₁ - Δ))
      const bend = b.operation("sub", b.times(rest, first), b.times(part, last));
      return b.store(state, i, b.plus(straight, b.times(b.times(part, rest), bend)));
    });
    b.call(branches.margins, [b.whole(middle), b.whole(state), b.whole(b.p), b.plus(t, b.times(length, part))]);
  }

  /** The step that was looked at last is taken. */
  accept(): void {
    const { b, before, after, count } = this;
    b.for(b.i32(0), b.i32(count), 1, [], (k) => {
      b.store(before.margin, k, b.load(after.margin, k));
      b.store(before.slope, k, b.load(after.slope, k));
      return [];
    });
    b.integers.set("unwatched", b.operation("i32.and", b.integers.get("unwatched"), b.i32(RELEASED)));
  }

  private look(into: Look, u: ArrayArgument, velocity: ArrayArgument, t: Value): void {
    const { b, one } = this;
    b.store(one, b.i32(0), b.f64(1));
    b.call(this.branches.slopes, [b.whole(into.margin), u, b.whole(b.p), t, velocity, b.whole(one), b.whole(into.slope)]);
  }

  /** Looks at the end of a step, by the chord where derivatives at the ends are not known. */
  private meet(index: Value, t: Value, length: Value, tNext: Value): void {
    const { b, chord, branches } = this;
    const { hasVelocity, n } = branches;
    const [here, there] = [b.slot(index), b.slot(b.next(index))];
    if (!hasVelocity) {
      b.range(0, n, (i) => {
        const change = b.operation("sub", elementOf(b, there.u, i), elementOf(b, here.u, i));
        b.store(chord, i, b.operation("div", change, length));
      });
      this.look(this.before, here.u, b.whole(chord), t);
    }
    this.look(this.after, there.u, hasVelocity ? there.f : b.whole(chord), tNext);
  }
}

function elementOf(b: StepLoopBuilder, { array, offset }: ArrayArgument, i: Value): Value {
  return b.load(array, b.operation("i32.add", offset, i));
}

/** Does the parabola with this margin and slope at one end and that margin half a step on dip to near zero before? */
function dips(b: StepLoopBuilder, margin: Value, slope: Value, half: Value): Value {
  // With θ from the end on, q(θ) = m + s θ + c θ², q(1/2) = half.
  const c = b.operation("sub", b.times(b.operation("sub", half, margin), 4), b.times(slope, 2));
  const falls = b.operation("lt", slope, b.f64(0));
  const turns = b.operation("lt", b.operation("neg", slope), c);
  const isDeep = b.operation("gt", b.times(slope, slope), b.times(b.times(c, b.operation("min", margin, half)), 4 * DEEP));
  return b.operation("bool.and", b.operation("bool.and", falls, turns), isDeep);
}
