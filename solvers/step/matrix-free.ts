/**
 * W = d I − J of which no entry is formed: products with it are directional derivatives of the right-hand side, by programs, and systems
 * with it are solved by GMRES. Of a place where f is linearized it keeps u, p and t; of the factors, d.
 */
import type { Program, Value } from "../../src/ir/ir.ts";
import type { Slice, StepBuilder } from "./builder.ts";

export interface MatrixFree {
  readonly n: number;
  readonly np: number;
  readonly rhs: Program;
  /** (output z[n], input r[n], input u[n], input p[np], t, d): z = P⁻¹ r for a P that is near W. */
  readonly preconditioner?: Program;
  /** Directions that are kept (see gmres.ts). */
  readonly restart: number;
  /** W is the transpose. */
  readonly transposed?: boolean;
  /**
   * (input place, input d[1], input b[n], input scale[n], input unit[n], input tolerance[1], output x[n], output outcome[2]) of a system like this one:
   * whether the residual is small enough, and how many iterations that took. Handed over, as few methods need it.
   */
  readonly solve: (system: MatrixFree, care: Care) => Program;
}

/** How good a solution has to be: scale × residual, in the Euclidean norm; without a tolerance, to rounding. */
export interface Accuracy {
  /** n numbers, and their reciprocals. */
  readonly scale: Slice;
  readonly unit: Slice;
  readonly tolerance?: Value;
}

/** Emits the scale by which the Euclidean norm is the root mean square in units of the tolerances. */
export function errorScale(
  b: StepBuilder,
  n: number,
  [u, other]: readonly [Slice, Slice],
  { atol, rtol }: { readonly atol: Slice; readonly rtol: Value },
): { readonly scale: Slice; readonly unit: Slice } {
  const [scale, unit] = ["scale", "unit"].map((name) => b.vector(name));
  b.each((at) => {
    const size = b.operation("max", b.operation("abs", b.get(at(u))), b.operation("abs", b.get(at(other))));
    const one = b.times(b.plus(b.get(at(atol)), b.times(rtol, size)), Math.sqrt(n));
    b.set(at(unit), one);
    b.set(at(scale), b.operation("div", b.f64(1), one));
  });
  return { scale, unit };
}

/** How systems are solved well enough for one iteration of Newton's, and to rounding: see gmres.ts. */
export const LOOSE: Care = { cycles: 5, trusted: 1e-3 };
export const EXACT: Care = { cycles: 50, trusted: 0.5 };

export interface Care {
  readonly cycles: number;
  readonly trusted: number;
}

export const numbersOfPlace = ({ n, np }: MatrixFree): number => n + np + 1;

/** Within the numbers that are kept of a place. */
export function place({ array, offset }: Slice, { n, np }: MatrixFree): Record<"u" | "p" | "t", Slice> {
  const from = (by: number): Slice => ({ array, offset: offset + by });
  return { u: from(0), p: from(n), t: from(n + np) };
}
