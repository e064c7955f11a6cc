/** Runs a cell of the matrix and judges it: what is expected follows from what backends and scenarios state about themselves. */
import { pack } from "../../src/arrays/pack.ts";
import { Arena } from "../../src/compile/arena.ts";
import { compile, type Target } from "../../src/compile/compile.ts";
import type { OdegradError } from "../../src/core/errors.ts";
import { BackendRefused, TrackedAsNumber } from "../../sensitivity/vjp/errors.ts";
import { ReadError } from "../../src/core/errors.ts";
import { Builder } from "../../src/ir/builder.ts";
import type { External, Program } from "../../src/ir/ir.ts";
import type { VjpBackend } from "../../sensitivity/vjp/backend.ts";
import { jacobianOf } from "./jacobian.ts";
import type { Scenario } from "./scenario.ts";

export type Input = "u" | "p";
export const inputs: readonly Input[] = ["u", "p"];
export const targets: readonly Target[] = ["wasm", "javascript"];

/** The errors that say no to a function; any other is a failure. */
export const refusals = [ReadError, BackendRefused, TrackedAsNumber] as const;

/** `by`: the name of the error. */
export type Outcome =
  | { readonly kind: "right" | "wrong"; readonly error: number }
  | { readonly kind: "refused"; readonly by: string };

export function canTake(
  { name, capabilities }: VjpBackend,
  { traits, problem }: Pick<Scenario, "traits" | "problem">,
  input: Input,
): boolean {
  if (name === "user") return problem.code.derivatives !== undefined;
  if (capabilities.needsText && traits.noText) return false;
  if (!capabilities.dynamic && traits.dynamic) return false;
  return capabilities.scalars || Boolean(traits.arrays?.includes(input));
}

/** Relative errors of what is exact to rounding, and of differences; the reference itself is good to about 1e-11. */
export function boundOf({ capabilities }: VjpBackend): number {
  return capabilities.exact ? 1e-8 : 1e-5;
}

/** What the vjps should be: Jᵀv, by differences of the plain function. */
export class Reference {
  readonly u: Float64Array;
  readonly p: Float64Array;
  private readonly columns: Readonly<Record<Input, readonly Float64Array[]>>;

  constructor({ problem, t }: Scenario) {
    const { layout, code } = problem;
    this.u = pack(layout.u, problem.u0, "u0");
    this.p = pack(layout.p, problem.p, "p");
    const at = (u: Float64Array, p: Float64Array): Float64Array => {
      const du = new Float64Array(layout.u.size);
      code.plain(du, u, p, t);
      return du;
    };
    this.columns = { u: jacobianOf((u) => at(u, this.p), this.u), p: jacobianOf((p) => at(this.u, p), this.p) };
  }

  vjp(input: Input, v: Float64Array): Float64Array {
    return Float64Array.from(this.columns[input], (column) => column.reduce((sum, entry, i) => sum + entry * v[i], 0));
  }
}

const DIRECTIONS = 2;

/** The largest error over random cotangents, relative to the largest entry or one; or the refusal. */
export function runCell(backend: VjpBackend, scenario: Scenario, reference: Reference, input: Input, target: Target): Outcome {
  try {
    const vjp = prepared(backend, scenario, reference, input, target);
    let error = 0;
    for (let k = 0; k < DIRECTIONS; k++) {
      const v = reference.u.map((_, i) => Math.cos(1 + 2 * i + 5 * k));
      const expected = reference.vjp(input, v);
      const size = expected.reduce((largest, x) => Math.max(largest, Math.abs(x)), 1);
      vjp(v).forEach((x, j) => (error = Number.isFinite(x) ? Math.max(error, Math.abs(x - expected[j]) / size) : Infinity));
    }
    return { kind: error <= boundOf(backend) ? "right" : "wrong", error };
  } catch (error) {
    if (!refusals.some((refusal) => error instanceof refusal)) throw error;
    return { kind: "refused", by: (error as OdegradError).name };
  }
}

function prepared(
  backend: VjpBackend,
  { problem, t }: Scenario,
  at: Reference,
  input: Input,
  target: Target,
): (v: Float64Array) => Float64Array {
  const arena = new Arena();
  const { wrtU, wrtP } = backend.prepare({ code: problem.code, arena, target });
  const [n, np] = [at.u.length, at.p.length];
  const size = at[input].length;
  const [u, p, v, bar] = [n, np, n, size].map((count) => arena.reserve(count));
  const { vjp } = compile({ vjp: calling(input === "u" ? wrtU : wrtP) }, arena, target).link();
  return (cotangent) => {
    arena.f64(u, n).set(at.u);
    arena.f64(p, np).set(at.p);
    arena.f64(v, n).set(cotangent);
    // What is not written is found.
    arena.f64(bar, size).fill(NaN);
    vjp(u, p, t, v, bar);
    return arena.f64(bar, size).slice();
  };
}

/** Called from a program, as adjoint methods do. */
function calling(callee: Program | External): Program {
  const b = new Builder("caller");
  const args = callee.parameters.map((parameter) => {
    if (parameter.kind === "scalar") return b.scalarParameter(parameter.name);
    const { name, size, role } = parameter.array;
    return { array: b.arrayParameter(name, size, role as "input" | "output"), offset: b.i32(0) };
  });
  b.call(callee, args);
  return b.finish();
}
