/**
 * A check of an adjoint that costs a few right-hand sides. Where a right-hand side does not change with time, the solution is moved by moving its start,
 * and so
 *
 *   λ(t₀)ᵀ f(u₀) = Σₖ (∂lₖ/∂u)ᵀ f(u(tₖ))
 *
 * for a loss that is a sum of what is seen of the state at times tₖ: λᵀ f is constant between those (it is the Hamiltonian of the adjoint equations; L. S.
 * Pontryagin et al., The Mathematical Theory of Optimal Processes (1962), chapter I). The derivative of the steps that were taken is exact for these,
 * but where the solution leaves a slow manifold for a fast one, errors of steps that do not show in the state are large in its derivatives.
 */
import { systemOf } from "../../../solvers/systems/problem-system.ts";
import type { Trajectory } from "../../../solvers/step-loop/trajectory.ts";
import type { AppliedLoss } from "../../losses/compiled.ts";
import type { GradientTask } from "../../task/task.ts";
import { velocity } from "./end-times.ts";

/** Both sides may differ by such a part of them, or by so many times the relative tolerance, without a word. */
const DIFFERENCE = 1e-2;
const TOLERANCES = 30;

/** Of a forward solve: the right side, and how much of it is what the tolerances leave of the states in it. */
export interface TimeShift {
  readonly expected: number;
  readonly noise: number;
}

/** Steps for each time that is looked at, of explicit methods and of implicit ones. */
const STEPS = { explicit: 16, implicit: 1 };

/**
 * Where the check applies, and costs a small part of the solve: no event or switch, no integral, and few times for the steps. `phiBar`: the derivative of
 * the terminal part.
 */
export function timeShiftOf(
  task: GradientTask,
  { savedStates, final, method, jumps, switches, statistics }: Trajectory,
  phiBar: Float64Array,
  loss: AppliedLoss,
): TimeShift | undefined {
  const { code, loss: asked, p, problem } = task;
  const { times } = asked;
  const isPlain = jumps.length === 0 && switches.length === 0 && !asked.integral && !code.mass;
  const isCheap = (1 + times.length) * STEPS[method?.family.implicit ? "implicit" : "explicit"] <= statistics.steps;
  if (!isPlain || !isCheap || systemOf(code)?.timeDerivative) return undefined;
  const n = final.length;
  let [expected, noise] = [0, 0];
  const add = (bar: Float64Array, u: Float64Array, t: number): void => {
    const f = velocity(task, u, t);
    const moved = velocity(task, nearby(task, u), t);
    for (let i = 0; i < n; i++) {
      expected += bar[i] * f[i];
      noise += Math.abs(bar[i] * (moved[i] - f[i]));
    }
  };
  add(phiBar, final, problem.tspan[1]);
  for (let k = 0; k < times.length; k++) {
    const bar = new Float64Array(n);
    const state = savedStates.data.slice(k * n, (k + 1) * n);
    loss.summand(k, state, bar, new Float64Array(p.length));
    add(bar, state, times[k]);
  }
  return { expected, noise };
}

/** As far from a state as the tolerances let it be. */
function nearby({ atol, rtol }: GradientTask, u: Float64Array): Float64Array {
  return u.map((x, i) => x + (i % 2 ? 1 : -1) * ((typeof atol === "number" ? atol : atol[i]) + rtol * Math.abs(x)));
}

/** What is to be said of an adjoint at the start; undefined where it agrees. */
export function timeShiftWarning(task: GradientTask, lambda: Float64Array, { expected, noise }: TimeShift): string | undefined {
  const { u0, problem, rtol, solver } = task;
  const f = velocity(task, u0, problem.tspan[0]);
  let [found, size] = [0, 0];
  lambda.forEach((x, i) => {
    found += x * f[i];
    size += Math.abs(x * f[i]);
  });
  const apart = Math.abs(found - expected);
  const scale = Math.max(size, Math.abs(expected));
  if (!(apart > Math.max(DIFFERENCE, TOLERANCES * rtol) * scale + noise)) return undefined;
  const [these, smaller] = solver?.dt === undefined ? ["tolerances", "rtol and atol"] : ["steps", "dt"];
  return (
    `The derivatives are not right at these ${these}: moving the start along the solution should change the loss by ${expected.toPrecision(3)} per unit of time, ` +
    `and by them it changes by ${found.toPrecision(3)}. Errors that hardly show in the states are large in their derivatives: give a smaller ${smaller}. Or something jumps with the state where ` +
    "that is not followed, as in a loop or in a function of `differentiable` or `implicit`: write the jump as a comparison in the right-hand side itself."
  );
}
