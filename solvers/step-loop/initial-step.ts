/** A first step (Hairer, Nørsett, Wanner, Solving Ordinary Differential Equations I, II.4), written into a program. */
import type { Program, Value } from "../../src/ir/ir.ts";
import { StepBuilder, type Slice } from "../step/builder.ts";
import type { MassSystem } from "../step/algebraic.ts";
import { factorize, sizeOfFactors, solveBy } from "../step/factorized-system.ts";
import type { System } from "../step/system.ts";

/** What the rule reads: a state and its derivative; and where it may try a step. */
export interface Start {
  readonly u: Slice;
  readonly f: Slice;
  readonly uNext: Slice;
  readonly fNext: Slice;
  readonly p: Slice;
  readonly atol: Slice;
}

/** Of the state, a change from which the derivatives tell how fast they change with it. */
const TELLING = 1e-3;

/** Of a step, what is shorter by more than a few rejections would make it. */
const OUT_OF_REACH = 1e-4;

/** What of a method its first step depends on: its order, and its stability domain's boundary where that limits steps. */
export interface Reach {
  readonly order: number;
  readonly boundary: number | undefined;
}

/** Signed as `span`, by the sizes of the state without its tangents. Calls the right-hand side once. */
export function initialStep(
  b: StepBuilder,
  system: System,
  { order, boundary }: Reach,
  at: Start,
  t: Value,
  span: Value,
  rtol: Value,
): Value {
  if (system.mass) return massiveInitialStep(b, system as MassSystem, order, at, t, span, rtol);
  const { u, f, uNext, fNext, p } = at;
  const { n } = system.primal ?? system;
  const norm = scaledNorm(b, n, at, rtol);
  const [size, slope] = [norm((element) => element(u)), norm((element) => element(f))];
  const longest = b.operation("abs", span);
  const direction = b.operation("select", b.operation("lt", span, b.f64(0)), b.f64(-1), b.f64(1));
  const isSmall = b.operation("bool.or", b.operation("lt", size, b.f64(1e-5)), b.operation("lt", slope, b.f64(1e-5)));
  const guess = b.operation("select", isSmall, b.f64(1e-6), b.operation("div", b.times(size, 0.01), slope));
  const shortened = b.operation("min", guess, longest);
  const moves = b.operation("ne", b.plus(t, shortened), t);
  const least = b.operation("min", longest, b.times(b.operation("abs", t), 2 ** -40));
  const first = b.operation("select", moves, shortened, least);
  const signed = b.times(direction, first);
  b.each((element) => b.set(element(uNext), b.plus(b.get(element(u)), b.times(signed, b.get(element(f))))));
  b.evaluate(system.rhs, fNext, uNext, p, b.plus(t, signed));
  const change = norm((element) => b.operation("sub", element(fNext), element(f)));
  const largest = b.operation("max", slope, b.operation("div", change, first));
  const flat = b.operation("max", b.f64(1e-6), b.times(first, 1e-3));
  const ratio = b.operation("div", b.f64(0.01), b.operation("max", largest, b.f64(1e-30)));
  const power = b.operation("pow", ratio, b.f64(1 / (order + 1)));
  const second = b.operation("select", b.operation("le", largest, b.f64(1e-15)), flat, power);
  const accurate = b.operation("min", b.times(first, 100), b.operation("min", second, longest));
  const step = boundary === undefined ? accurate : stableStep(b, accurate, boundary, { first, size, slope, change });
  return b.times(direction, b.operation("select", b.operation("gt", step, b.f64(0)), step, first));
}

/**
 * Where that is out of reach, what stability allows of a mode that decays as fast as the derivative changes along itself, by |f(u + h f) − f(u)| / |h f|:
 * a root of high order of a huge derivative is still a long step, and try after try of it would be rejected.
 */
function stableStep(
  b: StepBuilder,
  step: Value,
  boundary: number,
  { first, size, slope, change }: Record<"first" | "size" | "slope" | "change", Value>,
): Value {
  const moved = b.times(first, slope);
  const stable = b.operation("div", b.times(moved, b.f64(boundary)), change);
  const isShorter = b.operation(
    "bool.and",
    b.operation("lt", stable, b.times(step, OUT_OF_REACH)),
    b.operation("gt", stable, b.f64(0)),
  );
  const isTold = b.operation("gt", moved, b.times(size, TELLING));
  return b.operation("select", b.operation("bool.and", isShorter, isTold), stable, step);
}

type Term = Parameters<StepBuilder["sum"]>[0];

/** Root mean square over atol + rtol |u|, of the first n components. */
function scaledNorm(b: StepBuilder, n: number, { u, atol }: Start, rtol: Value): (of: Term) => Value {
  return (of) => {
    const squares = b.sum(
      (element) => {
        const scale = b.plus(element(atol), b.times(rtol, b.operation("abs", element(u))));
        const ratio = b.operation("div", of(element), scale);
        return b.times(ratio, ratio);
      },
      0,
      n,
    );
    return b.operation("sqrt", b.times(squares, 1 / n));
  };
}

/** Of the time in which the solution changes by its size, and of tspan. */
const SHARE = 0.5;
const LONGEST = 0.01;
const MOST_LOOKS = 30;

/**
 * With a mass matrix f is not the derivative, and the algebraic components have none of their own: that of all is seen in a linearly implicit
 * Euler step, (M/h − J) δ = f + h ∂f/∂t, which is shortened until it resolves how fast the solution changes.
 */
function massiveInitialStep(
  b: StepBuilder,
  system: MassSystem,
  order: number,
  at: Start,
  t: Value,
  span: Value,
  rtol: Value,
): Value {
  const { u, uNext, fNext, p } = at;
  const { jacobian, timeDerivative } = system;
  const { n } = system.primal ?? system;
  const values = { array: b.localArray("values", jacobian.pattern.rowIndices.length), offset: 0 };
  const factors = { array: b.localArray("factors", sizeOfFactors(jacobian)), offset: 0 };
  const drift = b.vector("drift");
  b.evaluate(system.rhs, fNext, u, p, t);
  b.evaluate(jacobian.values, values, u, p, t);
  if (timeDerivative) b.evaluate(timeDerivative, drift, u, p, t);
  const norm = scaledNorm(b, n, at, rtol);
  const longest = b.times(b.operation("abs", span), LONGEST);
  const direction = b.operation("select", b.operation("lt", span, b.f64(0)), b.f64(-1), b.f64(1));
  const size = b.operation(
    "max",
    norm((element) => element(u)),
    b.f64(1),
  );
  const part = b.times(b.operation("pow", rtol, b.f64(1 / (order + 1))), SHARE);
  const [right, change] = [b.vector("right"), uNext];
  const [step] = b.while(
    [longest, b.i32(0), b.i32(1)],
    ([, , goesOn]) => b.operation("i32.ne", goesOn, b.i32(0)),
    ([h, k]) => {
      const signed = b.times(direction, h);
      factorize(b, jacobian, values, b.operation("div", b.f64(1), signed), factors);
      b.each((element) => {
        const f = b.get(element(fNext));
        b.set(element(right), timeDerivative ? b.plus(f, b.times(signed, b.get(element(drift)))) : f);
      });
      solveBy(b, jacobian, values, factors, change, right);
      // What is no number, as from a matrix that has no inverse, makes it shorter.
      const ratio = b.operation(
        "div",
        size,
        norm((element) => element(change)),
      );
      const shorter = b.operation(
        "select",
        b.operation("ge", ratio, b.f64(0)),
        b.times(b.times(part, ratio), h),
        b.times(h, 1e-3),
      );
      const next = b.operation("min", longest, shorter);
      const isThere = b.operation("ge", next, b.times(h, 0.25));
      const goesOn = b.operation("bool.and", b.operation("bool.not", isThere), b.operation("i32.lt", k, b.i32(MOST_LOOKS - 1)));
      return [next, b.operation("i32.add", k, b.i32(1)), b.operation("i32.from_bool", goesOn)];
    },
    [undefined, [0, MOST_LOOKS], [0, 1]],
  );
  return b.times(direction, step);
}

/** (input u, input f, output uNext, output fNext, input p, input atol, t, span, rtol) -> step */
export function initialStepProgram(system: System, reach: Reach): Program {
  const b = new StepBuilder("initial_step", system, false);
  const u = b.vectorParameter("u", "input");
  const f = b.vectorParameter("f", "input");
  const uNext = b.vectorParameter("uNext", "output");
  const fNext = b.vectorParameter("fNext", "output");
  const p = b.vectorParameter("p", "input", system.np);
  const atol = b.vectorParameter("atol", "input");
  const [t, span, rtol] = ["t", "span", "rtol"].map((name) => b.scalarParameter(name));
  return b.finish(initialStep(b, system, reach, { u, f, uNext, fNext, p, atol }, t, span, rtol));
}
