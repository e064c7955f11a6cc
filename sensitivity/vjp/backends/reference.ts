/** Vector-Jacobian products that others are compared with: from the function's text where it can be read, or by finite differences. */
import type { ProblemCode } from "../../../src/problem/code.ts";
import type { Target } from "../../../src/compile/compile.ts";
import { ReadError } from "../../../src/core/errors.ts";
import { PreparedDerivatives, type Input } from "../derivatives.ts";
import { finiteVjps } from "./finite.ts";
import type { HostVjp, HostVjps } from "../host.ts";
import { source } from "./source.ts";

/** Products, and how they were made. */
export interface ReferenceVjps extends HostVjps {
  readonly by: "source" | "finite";
  /** What each product may be wrong by; absent where that is rounding alone. */
  readonly errors?: HostVjps;
}

/** The products of a right-hand side. */
export function referenceVjps(code: ProblemCode, target: Target): ReferenceVjps {
  try {
    code.rhsProgram();
  } catch (error) {
    if (!(error instanceof ReadError)) throw error;
    return { by: "finite", ...finiteVjps(code) };
  }
  const derivatives = new PreparedDerivatives(source, code, target);
  const vjp =
    (input: Input): HostVjp =>
    (out, u, p, t, v) =>
      out.set(derivatives.vjp(input, { u, p, t }, v));
  return { by: "source", wrtU: vjp("u"), wrtP: vjp("p") };
}
