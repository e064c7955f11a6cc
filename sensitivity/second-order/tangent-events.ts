/**
 * What events do to the state and to its tangent, as programs, which are differentiated as any other. One that takes place where g(u, p, t) = 0
 * moves by dt = -(∂g/∂u v + ∂g/∂p q) / ġ, and one at a time that parameters give by ∂t/∂p q; with u⁺ = e(u⁻, p, t)
 *
 *   v⁺ = ∂e/∂u (v⁻ + f⁻ dt) + ∂e/∂p q + ∂e/∂t dt - f⁺ dt
 *
 * (see adjoints/shared/event-derivatives.ts). Nothing follows one that ends the solve: f⁺ is then zero.
 */
import { memo } from "../../src/core/memo.ts";
import { sliceOf } from "../../src/analysis/switching/slice.ts";
import { derivativesOf } from "../../src/derive/program-derivatives.ts";
import { Builder } from "../../src/ir/builder.ts";
import { inline } from "../../src/ir/clone.ts";
import type { ArrayArgument, Program, Value } from "../../src/ir/ir.ts";
import { eliminate } from "../../src/passes/eliminate.ts";
import { GAP, LEAST } from "../../solvers/step-loop/stops.ts";
import { OFF } from "../adjoints/shared/event-derivatives.ts";
import { outcomesKept } from "../switching/deciding.ts";

/** The functions of an event that moves in time, with the right-hand side of its problem. */
export interface MovedEvent {
  readonly rhs: Program;
  readonly when?: Program;
  readonly times?: Program;
  readonly apply?: Program;
  /** Does it end the solve? */
  readonly ends: boolean;
  /** The numbers of states and of parameters. */
  readonly n: number;
  readonly np: number;
  readonly tspan: readonly [number, number];
}

/** (output u_after[2n], input u[2n], input p[2np], scalar t, scalar index) of an event at times that are given. */
export const tangentChange = memo((apply: Program, n: number, np: number): Program => {
  const { b, after, u, p, t, index } = changeBuilder(apply.name, n, np);
  // Parameters: u_after, u, p, t, index, u_dot, p_dot, u_after_dot.
  inline(b, derivativesOf(apply).jvp(["u", "p"]), [after[0], u[0], p[0], t, index, u[1], p[1], after[1]]);
  return eliminate(b.finish());
});

/** Likewise of one that moves in time. */
export const tangentOfMoved = memo(
  (event: MovedEvent): Program => {
    const { apply, when, times, ends, n, np } = event;
    const all = changeBuilder((apply ?? when ?? times)!.name, n, np);
    const { b, after, u, p, t, index } = all;
    const before = velocityBeside(b, event, [u[0], p[0], t], -1);
    const later = when ? crossingLater(all, when, before) : timeLater(all, times!);
    const moved = b.local("moved", n);
    b.each(n, (i) => b.put(moved, i, b.plus(b.at(u[1], i), b.times(b.at(before, i), later))));
    if (apply) {
      const dt = b.number(later);
      // Parameters: u_after, u, p, t, index, u_dot, p_dot, t_dot, u_after_dot.
      inline(b, derivativesOf(apply).jvp(["u", "p", "t"]), [after[0], u[0], p[0], t, index, moved, p[1], dt, after[1]]);
    } else {
      b.each(n, (i) => (b.put(after[0], i, b.at(u[0], i)), b.put(after[1], i, b.at(moved, i))));
    }
    if (!ends) {
      const behind = velocityBeside(b, event, [after[0], p[0], t], 1);
      b.each(n, (i) => b.put(after[1], i, b.minus(b.at(after[1], i), b.times(b.at(behind, i), later))));
    }
    return eliminate(b.finish());
  },
  { by: ({ rhs, when, times, apply, ends, n, np, tspan }) => [rhs, when, times, apply, ends, n, np, ...tspan] },
);

class EventBuilder extends Builder {
  local(name: string, size: number): ArrayArgument {
    return { array: this.localArray(name, size), offset: this.i32(0) };
  }

  number(x: Value): ArrayArgument {
    const one = this.local("number", 1);
    this.put(one, this.i32(0), x);
    return one;
  }

  at({ array, offset }: ArrayArgument, i: Value): Value {
    return this.load(array, this.operation("i32.add", offset, i));
  }

  put({ array, offset }: ArrayArgument, i: Value, x: Value): void {
    this.store(array, this.operation("i32.add", offset, i), x);
  }

  each(count: number, body: (i: Value) => void): void {
    this.for(this.i32(0), this.i32(count), 1, [], (i) => (body(i), []));
  }

  plus(x: Value, y: Value): Value {
    return this.operation("add", x, y);
  }

  minus(x: Value, y: Value): Value {
    return this.operation("sub", x, y);
  }

  times(x: Value, y: Value): Value {
    return this.operation("mul", x, y);
  }
}

/** Of each array the numbers themselves, and those behind them. */
type Halves = readonly [ArrayArgument, ArrayArgument];

interface ChangeBuilder {
  readonly b: EventBuilder;
  readonly after: Halves;
  readonly u: Halves;
  readonly p: Halves;
  readonly t: Value;
  readonly index: Value;
}

function changeBuilder(name: string, n: number, np: number): ChangeBuilder {
  const b = new EventBuilder(`${name}_tangent`);
  const halves = (of: string, size: number, role: "input" | "output"): Halves => {
    const array = b.arrayParameter(of, 2 * size, role);
    return [0, size].map((offset) => ({ array, offset: b.i32(offset) })) as unknown as Halves;
  };
  const [after, u, p] = [halves("u_after", n, "output"), halves("u", n, "input"), halves("p", np, "input")];
  return { b, after, u, p, t: b.scalarParameter("t"), index: b.scalarParameter("index", "i32") };
}

/** By how much later the condition is zero, along the tangent. */
function crossingLater({ b, u, p, t }: ChangeBuilder, when: Program, before: ArrayArgument): Value {
  const along = derivativesOf(when).jvp(["u", "p", "t"]);
  const slope = (uDot: ArrayArgument, pDot: ArrayArgument, tDot: number): Value => {
    const value = b.local("slope", 1);
    // Parameters: u, p, t, u_dot, p_dot, t_dot, result_dot.
    inline(b, along, [u[0], p[0], t, uDot, pDot, b.number(b.f64(tDot)), value]);
    return b.at(value, b.i32(0));
  };
  const still = b.local("still", p[0].array.size / 2);
  b.fill(still.array, b.f64(0));
  return b.operation("neg", b.operation("div", slope(u[1], p[1], 0), slope(before, still, 1)));
}

/** By how much later the time is that parameters give. */
function timeLater({ b, p, index }: ChangeBuilder, times: Program): Value {
  const [output] = times.parameters;
  const size = output.kind === "array" ? output.array.size : 0;
  const [at, later] = [b.local("at", size), b.local("later", size)];
  // Parameters: times, p, p_dot, times_dot.
  inline(b, derivativesOf(times).jvp(["p"]), [at, p[0], p[1], later]);
  return b.at(later, index);
}

/** f next to an event, on its side before it or behind it where something decides by the time or by the state. */
function velocityBeside(
  b: EventBuilder,
  { rhs, n, tspan: [t0, t1] }: MovedEvent,
  [state, p, t]: readonly [ArrayArgument, ArrayArgument, Value],
  side: -1 | 1,
): ArrayArgument {
  const f = b.local("f", n);
  if (!decides(rhs)) {
    inline(b, rhs, [f, state, p, t]);
    return f;
  }
  const least = Math.max(Math.abs(t0), LEAST * Math.abs(t1 - t0));
  const gap = b.times(b.f64(side * Math.sign(t1 - t0) * GAP), b.operation("max", b.operation("abs", t), b.f64(least)));
  const [slope, aside] = [b.local("slope", n), b.local("aside", n)];
  const at = b.plus(t, gap);
  inline(b, rhs, [slope, state, p, at]);
  const off = b.times(b.f64(OFF), gap);
  b.each(n, (i) => b.put(aside, i, b.plus(b.at(state, i), b.times(b.at(slope, i), off))));
  inline(b, rhs, [f, aside, p, at]);
  return f;
}

const decides = memo((rhs: Program): boolean => outcomesKept(rhs) !== undefined || sliceOf(rhs) !== undefined);
