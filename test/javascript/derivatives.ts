/** Derivatives of a written function, each way there is, against differences of the plain function. */
import { layoutOf } from "../../src/arrays/layout.ts";
import { codeOf } from "../../src/problem/stated.ts";
import { forward } from "../../src/derive/forward.ts";
import { reverse } from "../../src/derive/reverse.ts";
import { OdegradError } from "../../src/core/errors.ts";
import type { Program } from "../../src/ir/ir.ts";
import type { VjpBackend } from "../../sensitivity/vjp/backend.ts";
import { PreparedDerivatives } from "../../sensitivity/vjp/derivatives.ts";
import { dual } from "../../sensitivity/vjp/backends/dual.ts";
import { source } from "../../sensitivity/vjp/backends/source.ts";
import { compiledTape, tape } from "../../sensitivity/vjp/backends/tape.ts";
import { dot, run } from "../derive/harness.ts";
import { constants, functionOf, plainly, shown, type Point } from "./judge.ts";
import type { Form } from "./writer.ts";

const uDot = Float64Array.of(0.4, 0.9, -0.7);
const pDot = Float64Array.of(-0.5, 0.1, 0.6);
export const weights = Float64Array.of(0.5, -1, 0.8);

/** Steps of single precision or of digits would be taken for slopes. */
export const ROUNDED = /fround|Float32Array|toFixed/;

/** Along the directions, weighed; undefined where it is not steady. */
export function difference(form: Form, body: string, at: Point): number | undefined {
  if (ROUNDED.test(body)) return undefined;
  const fn = functionOf({ form, body });
  return steadySlope(at, (point) => plainly(form, fn, point, constants()));
}

/** That of any function of a point, weighed; undefined where it is not steady: beside a kink, a jump, or where rounding tells. */
export function steadySlope({ u, p, t }: Point, valueAt: (point: Point) => ArrayLike<number> | undefined): number | undefined {
  const value = (h: number): number => {
    const found = valueAt({ u: u.map((x, i) => x + h * uDot[i]), p: p.map((x, i) => x + h * pDot[i]), t });
    return found ? dot(found, weights) : NaN;
  };
  const [back, here, ahead] = [-1e-5, 0, 1e-5].map(value);
  const [near, far] = [(ahead - back) / 2e-5, (value(4e-5) - value(-4e-5)) / 8e-5];
  const size = Math.max(1, Math.abs(near));
  // What rounding the values may do to the difference.
  if (Math.abs(here) > 1e3 * size) return undefined;
  const isKink = Math.abs(ahead - 2 * here + back) / 1e-5 > 1e-2 * size;
  return !isKink && Math.abs(near - far) <= 1e-6 * size && size < 1e6 ? near : undefined;
}

/** The derivative along the directions. */
export function along(byU: ArrayLike<number>, byP: ArrayLike<number>): number {
  return dot(byU, uDot) + dot(byP, pDot);
}

/** What is wrong with a derivative, if anything. */
export type Complaint = string | undefined;

export function compare(name: string, found: number, expected: number, relative: number): Complaint {
  if (Math.abs(found - expected) <= relative * Math.max(1, Math.abs(expected))) return undefined;
  return `${name}: ${found}, expected ${expected}`;
}

export interface ByModes {
  readonly complaint?: string;
  /** Absent where it is no number. */
  readonly derivative?: number;
}

/**
 * By forward and reverse mode, which agree with each other at every point where both are finite; `alone`: also by one input alone, of
 * which less is active.
 */
export function byModes(program: Program, { u, p, t }: Point, expected: number | undefined, alone: boolean): ByModes {
  const wrt = ["u", "p"];
  const given: Record<string, Float64Array> = { u, p };
  const output = program.parameters.flatMap((q) => (q.kind === "array" && q.array.role === "output" ? [q.array.name] : []))[0];
  const tangent: Record<string, Float64Array> = { ...given, u_dot: uDot, p_dot: pDot };
  run(forward(program, { wrt }), tangent, { t });
  const derivative = output ? dot(weights, tangent[`${output}_dot`]) : tangent.result_dot[0] * weights[0];
  const reversed = (names: readonly string[]): Record<string, Float64Array> => {
    const cotangent: Record<string, Float64Array> = { ...given, ...(output && { [`${output}_bar`]: weights }) };
    run(reverse(program, { wrt: names }), cotangent, { t, result_bar: weights[0] });
    return cotangent;
  };
  const both = reversed(wrt);
  const byReverse = along(both.u_bar, both.p_bar);
  // No number is no silent answer: gradients throw NotDifferentiable.
  if (!Number.isFinite(derivative) || Number.isNaN(byReverse)) return {};
  const complaints = [compare("reverse mode, against forward mode", byReverse, derivative, 1e-9)];
  for (const name of alone ? wrt : []) {
    const [one, among] = [reversed([name]), both].map((found) => dot(found[`${name}_bar`], uDot));
    complaints.push(compare(`reverse mode by ${name} alone`, one, among, 1e-9));
  }
  if (expected !== undefined) complaints.push(compare("forward mode", derivative, expected, 1e-5));
  return { derivative, complaint: complaints.find(Boolean) };
}

const layout = { u: layoutOf(uDot, "u0"), p: layoutOf(pDot, "p") };

export interface BackendsFound {
  readonly complaint?: string;
  /** Names of the backends that gave the derivative, and errors of those that refused. */
  readonly gave: readonly string[];
  readonly refused: readonly string[];
}

/** By the backends that take functions in place and out of place; those of the source only where `program` says so. */
export function byBackends(form: "rhs" | "value", body: string, at: Point, expected: number, readable: boolean): BackendsFound {
  const code = codeOf(
    { rhs: functionOf({ form, body }) },
    { layout, constants: constants(), inPlace: form === "rhs", name: "random" },
  );
  const [gave, refused]: [string[], string[]] = [[], []];
  const backends: readonly VjpBackend[] = readable ? [source, dual, tape, compiledTape] : [tape, compiledTape];
  let second: number | undefined;
  for (const backend of backends) {
    try {
      const prepared = new PreparedDerivatives(backend, code, "javascript");
      // Twice: a compiled tape is used from the second call on.
      for (let call = 0; call < 2; call++) {
        const found = along(prepared.vjp("u", at, weights), prepared.vjp("p", at, weights));
        // No number is no silent answer: gradients throw NotDifferentiable.
        const complaint = Number.isNaN(found) ? undefined : compare(backend.name, found, expected, 1e-5);
        if (complaint) return { complaint, gave, refused };
      }
      const product = (["u", "p"] as const).map((input) =>
        dot(prepared.hessianVectorProduct(input, at, weights, uDot, pDot), input === "u" ? uDot : pDot),
      );
      const curvature = product[0] + product[1];
      const known = second !== undefined && !Number.isNaN(curvature);
      const complaint = !known ? undefined : compare(`${backend.name}, second derivative`, curvature, second!, 1e-7);
      if (complaint) return { complaint, gave, refused };
      second ??= Number.isFinite(curvature) ? curvature : undefined;
      gave.push(backend.name);
    } catch (error) {
      if (!(error instanceof OdegradError) || error.name === "InternalError")
        return { complaint: `${backend.name} fails with ${shown(error)}`, gave, refused };
      refused.push(`${backend.name}: ${error.name}`);
    }
  }
  return { gave, refused };
}
