/** The integral dL/dp = ∫ ((∂f/∂p)ᵀ λ + (∂h/∂p)ᵀ) dt by quadrature over λ's solve. */
import { AdjointFailed } from "../../../src/core/errors.ts";
import type { TakenSteps } from "../../../solvers/step-loop/taken-steps.ts";
import type { Trajectory } from "../../../solvers/step-loop/trajectory.ts";
import { integrateAdaptively } from "../../numerics/gauss-kronrod.ts";
import { gaussLegendre } from "../../numerics/gauss-legendre.ts";
import { lastBefore } from "./forward-states.ts";

/** An integral that is taken while λ is solved for. */
export interface ParameterIntegral {
  /** Whether the dense output of λ's solve is needed in `afterStretch`. */
  readonly needsDense: boolean;
  readonly onSteps?: (steps: TakenSteps) => void;
  /** Takes the integral over a stretch of λ's solve, from one time back to another. */
  readonly afterStretch?: (back: Trajectory, from: number, to: number) => void;
  value(): Float64Array;
}

/** The integrand: `addAt` adds weight · integrand(λ, t) to the gradient, with λ taken from `node`. */
export interface Integrand {
  readonly node: Float64Array;
  readonly gradient: Float64Array;
  readonly addAt: (t: number, weight: number) => void;
}

/**
 * The integral by Gauss–Legendre quadrature in each step, of the order of the method. A step is cut where a step of the forward solve ended:
 * where f is linear in u, λ is smooth and its steps are long across layers of the solution that ∂f/∂p follows.
 */
export function stepwiseIntegral(
  { node, gradient, addAt }: Integrand,
  { order, forwardTimes }: QuadratureSettings,
): ParameterIntegral {
  const { nodes, weights } = gaussLegendre(Math.ceil((order + 1) / 2));
  let next = forwardTimes.length - 1;
  return {
    needsDense: false,
    onSteps(steps) {
      for (let i = 0; i < steps.count; i++) {
        const [start, end] = [steps.time(i), steps.time(i + 1)];
        const isBefore = (t: number, other: number): boolean => (t - other) * (end - start) < 0;
        let from = start;
        while (from !== end) {
          while (next >= 0 && !isBefore(from, forwardTimes[next])) next--;
          const to = next >= 0 && isBefore(forwardTimes[next], end) ? forwardTimes[next] : end;
          const length = from - to;
          nodes.forEach((x, k) => {
            const t = from - x * length;
            steps.interpolate(i, t, node);
            addAt(t, length * weights[k]);
          });
          from = to;
        }
      }
    },
    value: () => gradient,
  };
}

/** What the quadrature depends on. */
export interface QuadratureSettings {
  /** The least order of the rule within a step. The quadrature loses nothing if it is that of the method that solves for λ. */
  readonly order: number;
  /** The ends of the steps of the forward solve, in its order. */
  readonly forwardTimes: ArrayLike<number>;
  readonly rtol: number;
  /** The sizes of the parameters. */
  readonly sizes: Float64Array;
}

/** The largest number of bisections of a stretch: for each piece that it begins with, and besides. */
const MOST_BISECTIONS = { piece: 20, once: 2000 };

/** The error allowed, in relative tolerances: those of the steps add up to as much, and the rule of 7 points is better than its estimate. */
const ALLOWED = 10;

/**
 * The integral by adaptive quadrature over each stretch of λ's solve, to the relative tolerance of the backward solve. It begins with the
 * steps of both solves, so that what acts for a short time and made one of them take short steps is seen.
 */
export function adaptiveIntegral(
  { node, gradient, addAt }: Integrand,
  { rtol, forwardTimes, sizes }: QuadratureSettings,
): ParameterIntegral {
  const totals = { integral: new Float64Array(gradient.length), size: new Float64Array(gradient.length) };
  return {
    needsDense: true,
    afterStretch(back, from, to) {
      const integrand = (t: number, out: Float64Array): void => {
        back.dense!.interpolate(t, node);
        gradient.fill(0);
        addAt(t, 1);
        out.set(gradient);
      };
      const ends = cutAt(back.times, forwardTimes);
      const maxBisections = MOST_BISECTIONS.piece * ends.length + MOST_BISECTIONS.once;
      // From `from` back to `to`, the integrand of what grows forward in time.
      if (integrateAdaptively(integrand, ends.reverse(), totals, { rtol: ALLOWED * rtol, maxBisections, weights: sizes })) return;
      throw new AdjointFailed(
        `quadrature adjoint: ${maxBisections} bisections between t = ${to} and t = ${from} did not bring the integral of dL/dp to rtol ${rtol}. ` +
          `Loosen it (backward: { rtol }), or take adjoint: "gauss".`,
      );
    },
    value: () => totals.integral,
  };
}

/** The times of the backward steps, and between them those of the forward steps, in the order of the backward solve. */
function cutAt(back: readonly number[], forward: ArrayLike<number>): number[] {
  const direction = Math.sign(back[0] - back[back.length - 1]);
  const ends = [back[0]];
  let next = lastBefore(forward, back[0], direction);
  for (let i = 1; i < back.length; i++) {
    for (; next >= 0 && direction * (forward[next] - back[i]) >= 0; next--)
      if (forward[next] !== back[i]) ends.push(forward[next]);
    ends.push(back[i]);
  }
  return ends;
}
