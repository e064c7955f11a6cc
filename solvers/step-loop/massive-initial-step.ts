/** A first step with a mass matrix, written into a program. */
import type { Value } from "../../src/ir/ir.ts";
import type { StepBuilder } from "../step/builder.ts";
import type { MassSystem } from "../step/algebraic.ts";
import { factorize, sizeOfFactors, solveBy } from "../step/factorized-system.ts";
import type { Start } from "./initial-step.ts";
import { scaledNorm } from "./scaled-norm.ts";

/** Of the time in which the solution changes by its size, and of tspan. */
const SHARE = 0.5;
const LONGEST = 0.01;
const MOST_LOOKS = 30;

/**
 * With a mass matrix f is not the derivative, and the algebraic components have none of their own: that of all is seen in a linearly implicit
 * Euler step, (M/h − J) δ = f + h ∂f/∂t, which is shortened until it resolves how fast the solution changes.
 */
export function massiveInitialStep(
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
