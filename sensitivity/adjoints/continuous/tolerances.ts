/**
 * Absolute tolerances of the backward solve. λ and the gradient have the units of the loss over those of states and parameters, so an
 * error scale for them follows from their own sizes: each component's largest so far, and, where it is small, the largest of all,
 * compared as |λᵢ| max |uᵢ| and |gⱼ| |pⱼ|, which all have the loss's units. Multiplied by a constant or measured in other units, the
 * loss and the states therefore give the same steps.
 */
import { SHARE_OF_LARGEST } from "../../../solvers/step-loop/derivative-tolerances.ts";
import { setTolerance } from "../../../solvers/step-loop/tolerances.ts";
import type { AdjointLayout } from "./adjoint-system.ts";
import { sizesOf } from "../../../src/problem/sizes.ts";
import type { AppliedLoss } from "../../losses/compiled.ts";
import type { Forward } from "./forward-solve.ts";
import type { GradientTask } from "../../task/task.ts";

/** The part that the largest component has in the tolerance of the others. */
const SHARE = 1e-3;

/** The number of even parts of the span at whose ends the derivatives of an integrand are sampled for their size. */
const SAMPLES = 16;

export class AdjointTolerances {
  /** The tolerance of each component that is solved backward, which grows as the solve goes on. */
  readonly absolute: Float64Array;
  /** The size of what each component is the derivative by. */
  private readonly units: Float64Array;
  private readonly derivatives: number;
  private largest = 0;

  /** `sizes` are the largest magnitudes of the state's components. */
  constructor(
    private readonly task: GradientTask,
    { gradient, solution, size }: AdjointLayout,
    sizes: Float64Array,
  ) {
    const { atol, backward, p } = task;
    this.derivatives = solution ?? size;
    this.absolute = new Float64Array(size).fill(backward.atol ?? Number.MIN_VALUE);
    if (solution !== undefined) setTolerance(this.absolute.subarray(solution), atol);
    this.units = new Float64Array(this.derivatives).fill(1);
    setTolerance(this.units.subarray(0, sizes.length), atol);
    sizes.forEach((x, i) => (this.units[i] += x));
    if (gradient !== undefined) this.units.set(sizesOf(p), gradient);
  }

  /** Raises the tolerances for a stretch that begins with this state. */
  follow(state: Float64Array): void {
    const { units, absolute, task, derivatives } = this;
    if (task.backward.atol !== undefined) return;
    this.grow(state);
    for (let i = 0; i < derivatives; i++) {
      absolute[i] = Math.max(
        absolute[i],
        task.backward.rtol * Math.max(SHARE_OF_LARGEST * Math.abs(state[i]), (SHARE * this.largest) / units[i]),
      );
    }
  }

  /** Takes into account how large an integral in the loss may make λ, which begins without it. */
  foreseeIntegrand({ trajectory, checkpoints }: Forward, loss: AppliedLoss): void {
    const { task } = this;
    const n = task.u0.length;
    const [t0] = task.problem.tspan;
    const { dense, jumps, final } = trajectory;
    const t1 = trajectory.result.t;
    const seen = [...checkpoints.starts({ t: t0, state: task.u0 }, t1, jumps), { t: t1, state: final }];
    for (let k = 1; dense && k < SAMPLES; k++) {
      const t = t0 + ((t1 - t0) * k) / SAMPLES;
      const state = new Float64Array(n);
      dense.interpolate(t, state);
      seen.push({ t, state });
    }
    seen.sort((a, b) => (t1 > t0 ? a.t - b.t : b.t - a.t));
    const size = new Float64Array(n);
    seen.forEach(({ t, state }, k) => {
      const slope = new Float64Array(n);
      loss.integrandGradient(t, state, slope, new Float64Array(task.p.length));
      const duration = Math.abs((seen[k + 1]?.t ?? t1) - (seen[k - 1]?.t ?? t0)) / 2;
      for (let i = 0; i < n; i++) if (Number.isFinite(slope[i])) size[i] += duration * Math.abs(slope[i]);
    });
    this.grow(size);
  }

  private grow(values: Float64Array): void {
    for (let i = 0; i < Math.min(values.length, this.derivatives); i++) {
      this.largest = Math.max(this.largest, Math.abs(values[i]) * this.units[i]);
    }
  }
}
