/**
 * The system of dual numbers through the solver: the right-hand side with k directional derivatives of its state carried along, as one
 * system of n (1 + k) states, so that the partials take part in the error norm. An integral in the loss adds 1 + k states, its running
 * value and its partials. Without directions (k = 0) there are the state and the integral alone.
 *
 * The state is u, then ∂u along each direction, then the integral and its partials. The parameters are p, then the directions of p.
 */
import { memo } from "../../../src/core/memo.ts";
import { forward } from "../../../src/derive/forward.ts";
import { Builder } from "../../../src/ir/builder.ts";
import { inline } from "../../../src/ir/clone.ts";
import { ownLayout } from "../../../src/arrays/layout.ts";
import type { ProblemCode } from "../../../src/problem/code.ts";
import { eliminate } from "../../../src/passes/eliminate.ts";
import { undivided, weightOf } from "../../../src/passes/parts.ts";
import { switchesOf } from "../../../src/analysis/switching/outcomes.ts";
import type { ArrayArgument, ArrayDeclaration, Program } from "../../../src/ir/ir.ts";
import type { ErrorPart, System } from "../../../solvers/step/system.ts";
import { derivableRhs, isTraced } from "../../task/derivable-rhs.ts";
import type { LossPart } from "../../losses/part.ts";

/** The numbers of states, of parameters, and of directions. */
export interface DualSizes {
  readonly n: number;
  readonly np: number;
  readonly k: number;
}

/** The index of the integral's value in the state; its partials follow. */
export function integralOffset({ n, k }: DualSizes): number {
  return n * (1 + k);
}

/**
 * The components of the Jacobian's equal diagonal blocks: the derivative of a tangent depends on the tangent as that of the state does on
 * the state, and on the state besides.
 */
export function dualBlocks({ n, np, k }: DualSizes, integral: LossPart | undefined): readonly Int32Array[] {
  const at = integralOffset({ n, np, k });
  return Array.from({ length: 1 + k }, (_, block) =>
    Int32Array.from({ length: integral ? n + 1 : n }, (_component, i) => (i < n ? block * n + i : at + block)),
  );
}

/** The state's preconditioner on the state and on each tangent of it; an integral depends on itself not at all. */
export function dualPreconditioner(
  { operators: { preconditioner } }: ProblemCode,
  { n, np, k }: DualSizes,
  integral: LossPart | undefined,
): Program | undefined {
  if (!preconditioner) return undefined;
  const own = preconditioner.program();
  const b = new Builder(`${own.name}_dual`);
  const size = n * (1 + k) + (integral ? 1 + k : 0);
  const z = b.arrayParameter("z", size, "output");
  const inputs: readonly [string, number][] = [["r", size], ["u", size], ["p", np * (1 + k)]]; // prettier-ignore
  const [r, u, p] = inputs.map(([name, length]) => b.arrayParameter(name, length, "input"));
  const [t, d] = ["t", "d"].map((name) => b.scalarParameter(name));
  const from = (array: ArrayDeclaration, offset = 0): ArrayArgument => ({ array, offset: b.i32(offset) });
  for (let block = 0; block <= k; block++) b.call(own, [from(z, block * n), from(r, block * n), from(u), from(p), t, d]);
  for (let i = n * (1 + k); i < size; i++) b.store(z, b.i32(i), b.operation("div", b.load(r, b.i32(i)), d));
  return b.finish();
}

/** The components of the state, and of each tangent of it. */
export function stateBlocks({ n, k }: Pick<DualSizes, "n" | "k">): readonly Int32Array[] {
  return Array.from({ length: 1 + k }, (_, block) => Int32Array.from({ length: n }, (_component, i) => block * n + i));
}

/**
 * What the error of a step counts. "all" counts states and derivatives alike; "guard" counts derivatives ten times less strictly, so that
 * they set the length of steps only where they are harder to follow than the states are; "states" counts the states alone.
 */
export type ErrorControl = "all" | "guard" | "states";

const WEIGHT: Readonly<Record<ErrorControl, number>> = { all: 1, guard: 0.1, states: 0 };

/** From this relative tolerance on "guard" is as strict as "all": ten times as large an error would leave no digits. */
const STRICT_FROM = 1e-3;

/** The relative error of a derivative that "guard" lets a step have. */
export function guardTolerance(rtol: number): number {
  return rtol / Math.max(WEIGHT.guard, Math.min(1, rtol / STRICT_FROM));
}

/**
 * The parts of the error: states, each tangent, and the integral and its partials, which are controlled whatever else is. Of a state the
 * first `own` numbers are judged.
 */
export function dualParts(
  { n, np, k }: DualSizes,
  integral: LossPart | undefined,
  control: ErrorControl,
  own = n,
): readonly ErrorPart[] {
  const states = { from: 0, to: own, weight: 1 };
  const judged = { weight: WEIGHT[control], strictFrom: STRICT_FROM };
  const tangents = Array.from({ length: k }, (_, d) => {
    const from = n * (1 + d);
    return { from, to: from + own, ...judged, derivativesOf: 0 };
  });
  const ofStates = control === "states" ? [states] : [states, ...tangents];
  if (!integral) return ofStates;
  const at = integralOffset({ n, np, k });
  const value = { from: at, to: at + 1, weight: 1, derivativesOf: at };
  const ofPartials = control === "guard" ? judged : { weight: 1 };
  const partials = Array.from({ length: k }, (_, d) => ({ from: at + 1 + d, to: at + 2 + d, ...ofPartials, derivativesOf: at }));
  return [...ofStates, value, ...partials];
}

/**
 * The system as explicit methods take it.
 *
 * @throws ReadError where the right-hand side can be neither read nor traced.
 */
export function explicitDual(
  code: ProblemCode,
  sizes: DualSizes,
  integral: LossPart | undefined,
  control: ErrorControl,
): System & { readonly rhs: Program } {
  const { n, np, k } = sizes;
  const rhs = derivableRhs(code);
  return {
    n: n * (1 + k) + (integral ? 1 + k : 0),
    np: np * (1 + k),
    rhs: dualRhs(rhs, integral, sizes),
    parts: dualParts(sizes, integral, control, ownLayout(code.layout.u).size),
    switches: switchesOfDual(rhs, sizes, integral, control),
    primal: { n, np, rhs },
    watched: isTraced(code) ? undefined : rhs,
  };
}

const switchesOfRhs = memo(switchesOf);

/** The program that tells on which side of its comparisons a state is: of the right-hand side, and of the integrand. */
function switchesOfDual(
  rhs: Program,
  sizes: DualSizes,
  integral: LossPart | undefined,
  control: ErrorControl,
): Program | undefined {
  if (integral) return switchesOf(dualRhs(rhs, integral, { ...sizes, k: 0 }));
  return control === "states" ? undefined : switchesOfRhs(rhs);
}

/** The right-hand side, and where there is one the integrand, with derivatives along k directions. */
export function dualRhs(rhs: Program, integral: LossPart | undefined, { n, np, k }: DualSizes): Program {
  const b = new Builder(`${rhs.name}_dual`);
  const size = n * (1 + k) + (integral ? 1 + k : 0);
  const du = b.arrayParameter("du", size, "output");
  const u = b.arrayParameter("u", size, "input");
  const p = b.arrayParameter("p", np * (1 + k), "input");
  const t = b.scalarParameter("t");
  const from = (array: ArrayDeclaration, offset: number): ArrayArgument => ({ array, offset: b.i32(offset) });
  const carried = (program: Program): Program => (k > 0 ? forward(program, { wrt: ["u", "p"], chunk: k }) : program);
  const directions = k > 0 ? [from(u, n), from(p, np)] : [];
  // An integral is explicit in the state; it is neither a position nor a velocity.
  const weight = integral && weightOf(b, rhs, "nonstiff");
  const own = integral && !weight ? undivided(rhs) : rhs;
  // Parameters: du, u, p, t, and with directions u_dot, p_dot, du_dot.
  inline(b, carried(own), [from(du, 0), from(u, 0), from(p, 0), t, ...directions, ...(k > 0 ? [from(du, n)] : [])]);
  if (integral) {
    const at = integralOffset({ n, np, k });
    // Parameters: u, p, t, and with directions u_dot, p_dot, result_dot.
    const slopes = k > 0 ? [from(du, at + 1)] : [];
    const value = inline(b, carried(integral.value), [from(u, 0), from(p, 0), t, ...directions, ...slopes]);
    b.store(du, b.i32(at), value!);
    if (weight) {
      for (let i = at; i <= at + k; i++) b.store(du, b.i32(i), b.operation("mul", weight, b.load(du, b.i32(i))));
    }
  }
  return eliminate(b.finish());
}
