/**
 * Derivatives of a loss L(u, p) of a steady state, by the implicit function theorem. With g(u, p, u0) = f(u, p) − s L Lᵀ (u − u0), which
 * conservation laws L make regular (see solvers/steady/equations.ts), and G = ∂g/∂u at the steady state,
 *
 *   −Gᵀ λ = ∂L/∂u,   dL/dp = ∂L/∂p + (∂f/∂p)ᵀ λ,   dL/du0 = s L Lᵀ λ.
 */
import type { Target } from "../../../src/compile/compile.ts";
import { memo } from "../../../src/core/memo.ts";
import type { ProblemCode } from "../../../src/problem/code.ts";
import type { VjpBackend } from "../../vjp/backend.ts";
import { AdjointFailed } from "../../../src/core/errors.ts";
import type { OdeProblem } from "../../../src/problem/problem.ts";
import { pseudoRandom } from "../../../src/problem/pseudo-random.ts";
import { DegenerateSteadyState } from "../../task/errors.ts";
import { componentOf } from "../../task/finite-gradient.ts";
import { requireFinitePartials } from "../../task/finite-partials.ts";
import type { GradientTask } from "../../task/task.ts";
import { executionOf } from "../../../solvers/systems/problem-system.ts";
import { addTo } from "../../losses/compiled.ts";
import { PreparedDerivatives, type Point } from "../../vjp/derivatives.ts";
import type { SteadyLoss } from "./solved.ts";

/** Corrections of λ by products of the backend. */
const MOST_CORRECTIONS = 20;
/** Of the largest part, what the last correction may be. */
const CONVERGED = 1e-6;
/** Of the derivatives that a law sums up, what the sum may be where it holds for every p. */
const VANISHES = 1e-5;
const SAMPLES = 4;

/** Throws {@link DegenerateSteadyState} and NotDifferentiable, and AdjointFailed where the backend's products are of another Jacobian. */
export function steadyDerivatives(
  task: GradientTask,
  { found, byState, byParameters }: SteadyLoss,
): { readonly p?: Float64Array; readonly u0?: Float64Array } {
  const { problem, code, backend, target, p, wrt } = task;
  const { u, equations, scales, isolated } = found;
  const at: Point = { u, p, t: problem.tspan[0] };
  const where = "at the steady state";
  if (equations.jacobian(u).notFinite.length > 0) {
    if (executionOf(code).compiled) requireFinitePartials(code.rhsProgram(), { ...at }, where);
    throw new AdjointFailed(`${problem.name}: its derivative ${where} is not finite.`);
  }
  if (!isolated || !equations.linearize(u, scales)) throw degenerate(task.problem);
  const products = preparedFor(code, backend, target);
  const lambda = adjointState(task, found, byState, (v) => products.vjp("u", at, v));
  const byLaws = equations.ofStart(lambda);
  if (wrt.p) {
    requireLaws(problem, found.laws, (v) => products.vjp("p", at, v));
    addTo(byParameters, products.vjp("p", at, lambda));
  }
  return { p: wrt.p ? byParameters : undefined, u0: wrt.u0 ? byLaws : undefined };
}

const preparedFor = memo(
  (code: ProblemCode, backend: VjpBackend, target: Target) => new PreparedDerivatives(backend, code, target),
);

/** By the factors of the steady state's own Jacobian, corrected by the backend's products until they agree. */
function adjointState(
  { problem, backend }: GradientTask,
  { equations, scales }: SteadyLoss["found"],
  byState: Float64Array,
  product: (v: Float64Array) => Float64Array,
): Float64Array {
  // In units of the loss.
  const units = equations.residualSizes(scales);
  const size = (v: Float64Array): number => v.reduce((max, x, i) => Math.max(max, Math.abs(x) * units[i]), 0);
  const lambda = new Float64Array(byState.length);
  let rest = byState.slice();
  let before = Infinity;
  for (let k = 0; k < MOST_CORRECTIONS; k++) {
    const change = equations.solve(rest, true);
    const now = change ? size(change) : NaN;
    if (now === 0) return lambda;
    // What does not shrink any more is rounding.
    if (!(now <= 0.5 * before)) break;
    addTo(lambda, change!);
    before = now;
    const [through, start] = [product(lambda), equations.ofStart(lambda)];
    rest = byState.map((x, i) => x + through[i] - start[i]);
  }
  if (before <= CONVERGED * size(lambda)) return lambda;
  throw new AdjointFailed(
    `${problem.name}: at the steady state, products of the vjp backend "${backend.name}" are not those of the Jacobian that it was found ` +
      "with. Check derivatives of your own, or take another backend.",
  );
}

/** A law that p breaks, as the rate of the only decay does where it is zero, makes another steady state of each neighbour. */
export function requireLaws(
  problem: OdeProblem,
  laws: SteadyLoss["found"]["laws"],
  product: (v: Float64Array) => Float64Array,
): void {
  const random = pseudoRandom();
  for (const law of laws) {
    const sum = product(law);
    const terms = new Float64Array(sum.length);
    for (let k = 0; k < SAMPLES; k++) {
      product(law.map((x) => x * random())).forEach((x, j) => (terms[j] = Math.max(terms[j], Math.abs(x))));
    }
    const j = sum.findIndex((x, j) => Math.abs(x) > VANISHES * terms[j]);
    if (j < 0) continue;
    const name = componentOf("p", problem.layout.p, j);
    throw new DegenerateSteadyState(
      `${problem.name}: what is conserved for these parameters is not for others: the steady state jumps as ${name} changes, and has no ` +
        `derivative by it. Leave "p" out of wrt, or change ${name}.`,
    );
  }
}

export function degenerate(problem: OdeProblem): DegenerateSteadyState {
  return new DegenerateSteadyState(
    `${problem.name}: the Jacobian is singular at the steady state, on the plane of the conservation laws that were found: it is one of many ` +
      "side by side, or is approached ever more slowly, and the implicit function theorem does not give its derivative. Differentiate a loss " +
      "{ final } of a solve over a long time.",
  );
}
