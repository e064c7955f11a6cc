/** Gradients by one combination and another: time, error, memory, or why there is none. */
import { pack } from "../../src/arrays/pack.ts";
import { OdegradError } from "../../src/core/errors.ts";
import { gradient, type Gradient, type GradientOptions } from "../../sensitivity/gradient.ts";
import { adjointMethods } from "../../sensitivity/adjoints/index.ts";
import type { AdjointMethod } from "../../sensitivity/adjoints/shared/method.ts";
import { tsit5 } from "../../solvers/methods/tsit5.ts";
import { secondsOfEach } from "../shared/timing.ts";
import { errorOf, type GradientCase } from "./cases.ts";

/** An adjoint method and a vjp backend; without names, as chosen. */
export interface Combination {
  readonly adjoint?: string;
  readonly vjp?: string;
}

export interface Measurement {
  readonly seconds: number;
  readonly error: number;
  /** Accepted steps, forward and back. */
  readonly steps: number;
  /** Bytes kept of the forward solution, at most at a time. */
  readonly memory?: number;
}

/** Named, and its first sentence. */
export interface Refusal {
  readonly refused: string;
}

/** A gradient that needs more steps than this is hopeless here. */
const maxSteps = 50_000;
/** For the median of one measurement among many. */
const totalSeconds = 0.3;

const methods: Readonly<Record<string, AdjointMethod>> = adjointMethods;

type Names = Pick<GradientOptions, "adjoint" | "vjp">;

/** Methods that go back by explicit solvers only are given one on stiff problems. */
export function gradientBy(
  { named: { problem, loss }, solver, atolPerRtol }: GradientCase,
  combination: Combination,
  rtol: number,
): Gradient {
  const explicitOnly = combination.adjoint !== undefined && !methods[combination.adjoint].traits.stiff;
  const backward = explicitOnly && solver.family.implicit ? { solver: tsit5() } : {};
  return gradient(problem, {
    loss,
    wrt: ["p"],
    solver,
    rtol,
    atol: atolPerRtol * rtol,
    maxSteps,
    backward,
    ...(combination as Names),
  });
}

/** With nothing said but the tolerances: not even the paper's solver. */
export function gradientByDefault({ named: { problem, loss }, atolPerRtol }: GradientCase, rtol: number): Gradient {
  return gradient(problem, { loss, wrt: ["p"], rtol, atol: atolPerRtol * rtol });
}

/** The problem's own reference, or a gradient by the discrete adjoint at `rtol`. */
export function referenceOf(task: GradientCase, rtol: number): Float64Array {
  const { problem, reference } = task.named;
  if (reference?.gradient !== undefined) return pack(problem.layout.p, reference.gradient, "gradient");
  return gradientBy(task, { adjoint: "discrete" }, rtol).flat.p!;
}

/** By each combination, in turns. */
export function measureEach(
  task: GradientCase,
  combinations: readonly Combination[],
  rtol: number,
  reference: Float64Array,
): (Measurement | Refusal)[] {
  return measureRuns(
    task,
    combinations.map((combination) => () => gradientBy(task, combination, rtol)),
    reference,
  );
}

export function measureRuns(
  task: GradientCase,
  runs: readonly (() => Gradient)[],
  reference: Float64Array,
): (Measurement | Refusal)[] {
  return timeEach(runs).map((timed) => {
    if ("refused" in timed) return timed;
    const { flat, stats } = timed.result;
    return {
      seconds: timed.seconds,
      error: errorOf(task, flat.p!, reference),
      steps: stats.forward.steps + (stats.backward?.steps ?? 0),
      memory: stats.memory,
    };
  });
}

/** What each work gives, and how long it takes, their turns alternating. */
export function timeEach<T>(works: readonly (() => T)[]): ({ readonly result: T; readonly seconds: number } | Refusal)[] {
  const results = works.map((work) => attempt(work));
  const seconds = secondsOfEach(
    works.filter((_, i) => !("refused" in results[i])),
    totalSeconds,
  ).values();
  return results.map((found) => ("refused" in found ? found : { ...found, seconds: seconds.next().value! }));
}

/** Errors that are not odegrad's are thrown on. */
export function attempt<T>(work: () => T): { readonly result: T } | Refusal {
  try {
    return { result: work() };
  } catch (error) {
    if (!(error instanceof OdegradError)) throw error;
    return { refused: `${error.name}: ${firstSentence(error.message)}` };
  }
}

function firstSentence(text: string): string {
  return text.split(/\.\s/)[0];
}
