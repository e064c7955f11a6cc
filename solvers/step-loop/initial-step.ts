/** A first step (Hairer, Nørsett, Wanner, Solving Ordinary Differential Equations I, II.4), written into a program. */
import type { Program, Value } from "../../src/ir/ir.ts";
import { StepBuilder, type Slice } from "../step/builder.ts";
import type { MassSystem } from "../step/algebraic.ts";
import type { System } from "../step/system.ts";
import { massiveInitialStep } from "./massive-initial-step.ts";
import { scaledNorm } from "./scaled-norm.ts";

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
