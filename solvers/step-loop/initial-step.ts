/** A first step (Hairer, Nørsett, Wanner, Solving Ordinary Differential Equations I, II.4), written into a program. */
import type { Program, Value } from "../../src/ir/ir.ts";
import { StepBuilder, type Slice } from "../step/builder.ts";
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

/** Signed as `span`, by the sizes of the state without its tangents. Calls the right-hand side once. */
export function initialStep(b: StepBuilder, system: System, order: number, at: Start, t: Value, span: Value, rtol: Value): Value {
  const { u, f, uNext, fNext, p, atol } = at;
  const { n } = system.primal ?? system;
  const norm = (of: Parameters<typeof b.sum>[0]): Value => {
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
  const step = b.operation("min", b.times(first, 100), b.operation("min", second, longest));
  return b.times(direction, b.operation("select", b.operation("gt", step, b.f64(0)), step, first));
}

/** (input u, input f, output uNext, output fNext, input p, input atol, t, span, rtol) -> step */
export function initialStepProgram(system: System, order: number): Program {
  const b = new StepBuilder("initial_step", system, false);
  const u = b.vectorParameter("u", "input");
  const f = b.vectorParameter("f", "input");
  const uNext = b.vectorParameter("uNext", "output");
  const fNext = b.vectorParameter("fNext", "output");
  const p = b.vectorParameter("p", "input", system.np);
  const atol = b.vectorParameter("atol", "input");
  const [t, span, rtol] = ["t", "span", "rtol"].map((name) => b.scalarParameter(name));
  return b.finish(initialStep(b, system, order, { u, f, uNext, fNext, p, atol }, t, span, rtol));
}
