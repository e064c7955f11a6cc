/** Vjps to hold others against: from the function's text where it can be read, else by finite differences. */
import type { ProblemCode } from "../../../src/problem/code.ts";
import type { Target } from "../../../src/compile/compile.ts";
import { ReadError } from "../../../src/core/errors.ts";
import { PreparedDerivatives, type Input } from "../derivatives.ts";
import { finiteVjps } from "./finite.ts";
import type { HostVjp, HostVjps } from "../host.ts";
import { source } from "./source.ts";

export interface ReferenceVjps extends HostVjps {
  readonly by: "source" | "finite";
  /** What each may be wrong by; rounding alone where absent. */
  readonly errors?: HostVjps;
}

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
