/**
 * Step size control, written into a program. Errors are scaled: one is what the tolerances allow.
 *
 * What a controller remembers of the last accepted step lies in memory: the logarithm of its error, its length (zero: there was
 * none), and whether a try was rejected since then.
 */
import type { Builder } from "../../src/ir/builder.ts";
import type { Value } from "../../src/ir/ir.ts";

const SAFETY = Math.log(0.9);
const SMALLEST_FACTOR = 0.2;

export interface Memory {
  readonly logarithm: Value;
  readonly length: Value;
  /** A bool. */
  readonly rejected: Value;
  /** What the step says of the next one: see `factor` in verdict.ts. */
  readonly proposed: () => Value;
}

/** Factors by which a step of length h changes after an error. */
export interface Controller {
  /** Where a logarithm as remembered begins. */
  readonly leastLogarithm: number;
  /** For the step after an accepted one; and the logarithm to remember. */
  accept(b: Builder, error: Value, h: Value, memory: Memory): { factor: Value; logarithm: Value };
  /** For another try of a rejected one. */
  reject(b: Builder, error: Value, proposed: () => Value): Value;
}

/**
 * A proportional–integral controller with the exponents 0.7/order and 0.4/order: smooth steps where stability limits them
 * (K. Gustafsson, Control-theoretic techniques for stepsize selection in explicit Runge–Kutta methods, ACM TOMS 17 (1991)
 * 533–554).
 */
export function proportionalIntegral(order: number): Controller {
  const [proportional, integral] = [0.7 / order, 0.4 / order];
  const leastLogarithm = Math.log(1e-4);
  const ofError = (b: Builder, logarithm: Value): Value =>
    b.operation("sub", b.f64(SAFETY), b.operation("mul", b.f64(proportional), logarithm));
  return {
    leastLogarithm,
    accept(b, error, _h, memory) {
      const logarithm = b.operation("log", error);
      const trend = b.operation("mul", b.f64(integral), memory.logarithm);
      const factor = b.operation("exp", b.operation("add", ofError(b, logarithm), trend));
      return {
        factor: clamp(b, factor, b.operation("select", memory.rejected, b.f64(1), b.f64(10))),
        logarithm: b.operation("max", logarithm, b.f64(leastLogarithm)),
      };
    },
    reject: (b, error) => clamp(b, b.operation("exp", ofError(b, b.operation("log", error))), b.f64(1)),
  };
}

/**
 * A predictive controller, which lets the trend of the error go on (K. Gustafsson, Control-theoretic techniques for stepsize
 * selection in implicit Runge–Kutta methods, ACM TOMS 20 (1994) 496–517; constants of RODAS in Hairer, Wanner, Solving
 * Ordinary Differential Equations II, IV.8).
 */
export function predictive(order: number): Controller {
  const exponent = 1 / order;
  const leastLogarithm = Math.log(1e-2);
  const ofError = (b: Builder, logarithm: Value): Value =>
    b.operation("exp", b.operation("sub", b.f64(SAFETY), b.operation("mul", b.f64(exponent), logarithm)));
  return {
    leastLogarithm,
    accept(b, error, h, memory) {
      const logarithm = b.operation("log", error);
      const simple = ofError(b, logarithm);
      const [factor] = b.if(
        b.operation("ne", memory.length, b.f64(0)),
        () => {
          const trend = b.operation("sub", memory.logarithm, b.operation("mul", b.f64(2), logarithm));
          const growth = b.operation("exp", b.operation("add", b.f64(SAFETY), b.operation("mul", b.f64(exponent), trend)));
          return [b.operation("min", simple, b.operation("mul", b.operation("div", h, memory.length), growth))];
        },
        () => [simple],
      );
      return {
        factor: clamp(b, factor, b.operation("select", memory.rejected, b.f64(1), b.f64(6))),
        logarithm: b.operation("max", logarithm, b.f64(leastLogarithm)),
      };
    },
    reject: (b, error) => clamp(b, ofError(b, b.operation("log", error)), b.f64(1)),
  };
}

/** For methods that choose their steps themselves. */
export const asProposed: Controller = {
  leastLogarithm: 0,
  accept: (b, _error, _h, { proposed }) => ({ factor: proposed(), logarithm: b.f64(0) }),
  // A step that thought itself good crosses a switch, where its order is lost.
  reject: (b, error, proposed) =>
    b.operation("min", proposed(), clamp(b, b.operation("div", b.f64(0.9), b.operation("sqrt", error)), b.f64(1))),
};

function clamp(b: Builder, factor: Value, largest: Value): Value {
  return b.operation("min", largest, b.operation("max", b.f64(SMALLEST_FACTOR), factor));
}
