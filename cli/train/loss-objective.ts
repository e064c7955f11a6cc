/** A problem's loss as what an optimiser makes small. */
import { pack, unpack } from "../../src/arrays/pack.ts";
import type { Layout } from "../../src/arrays/layout.ts";
import type { Loss, OdeProblem } from "../../src/problem/problem.ts";
import { gradient } from "../../sensitivity/gradient.ts";
import type { Method } from "../../solvers/step/method.ts";
import type { Evaluation, LeastSquares, Objective } from "../../training/optimisers/optimiser.ts";

interface SolveOptions {
  readonly solver?: Method;
  readonly rtol?: number;
  readonly atol?: number;
  readonly maxSteps?: number;
}

/** Of all of p. */
export class LossObjective implements Objective {
  readonly lower: Float64Array;
  readonly upper: Float64Array;
  readonly start: Float64Array;
  /** Why the last point that had no value has none. */
  failure: unknown;
  private readonly layout: Layout;

  constructor(
    private readonly problem: OdeProblem,
    private readonly loss: Loss,
    private readonly options: SolveOptions,
  ) {
    this.layout = problem.layout.p;
    this.start = pack(this.layout, problem.p, "p");
    this.lower = new Float64Array(this.start.length).fill(-Infinity);
    this.upper = new Float64Array(this.start.length).fill(Infinity);
  }

  gradient = (x: Float64Array): Promise<Evaluation> => {
    const { value, flat, failure } = gradient(this.problem, {
      ...this.options,
      loss: this.loss,
      wrt: ["p"],
      p: unpack(this.layout, x),
      onFailure: "infinity",
    });
    this.failure = failure;
    return Promise.resolve({ value, gradient: flat.p ?? new Float64Array(x.length) });
  };

  /** A loss is any function: it has no residuals. */
  leastSquares = (): Promise<LeastSquares> => Promise.reject(new Error("a loss has no residuals"));
}
