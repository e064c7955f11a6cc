/** The gradient of a sum of losses over as many trajectories as one likes. */
import { unpack, type Shaped } from "../src/arrays/pack.ts";
import type { AbortSignalLike } from "../src/core/options/abort-signal.ts";
import { checkOptions, requireKeys, type Checks } from "../src/core/options/check.ts";
import { anything, oneOf } from "../src/core/options/kinds.ts";
import { withinLimits } from "../src/devices/limits.ts";
import { holding, type Loss, type OdeProblem } from "../src/problem/problem.ts";
import type { FailureReason } from "../sensitivity/batch/failure-of.ts";
import { checkLoss } from "../sensitivity/losses/loss.ts";
import type { Failure } from "./chunks/chunk.ts";
import { addSums, noSums, type Sums } from "./chunks/gradient-job.ts";
import { givenMembers, membersChecks, settingsOf, type MembersOptions } from "./options.ts";
import type { EnsemblePlan } from "./plan.ts";
import { runChunks } from "./run.ts";

/** What `gradientEnsemble` takes. */
export interface GradientEnsembleOptions<U, P, L = unknown> extends MembersOptions<U, P> {
  /** The loss of each trajectory. What differs between them can lie in p. */
  readonly loss: Loss<U, P, L>;
  /** What is differentiated: the sum of the losses of the trajectories that succeeded, or their mean. Default "sum". */
  readonly over?: "sum" | "mean";
}

const checks: Checks<GradientEnsembleOptions<unknown, unknown>> = {
  ...membersChecks,
  loss: anything,
  over: oneOf("sum", "mean"),
};

/** The gradient over an ensemble. */
export interface EnsembleGradient<U, P> {
  /** The sum, or the mean, of the losses of the trajectories that succeeded; NaN where none did, as are the derivatives. */
  readonly value: number;
  /**
   * Its derivatives by p and u0, in their shapes: as if what is added to a component were added to that of every trajectory, whatever `vary` makes of it.
   */
  readonly p: Shaped<P>;
  readonly u0: Shaped<U>;
  readonly trajectories: number;
  readonly succeeded: number;
  /** Those that failed, in order; of more than 10,000 the first. */
  readonly failures: readonly Failure[];
  /** How many failed for each reason. */
  readonly reasons: Readonly<Partial<Record<FailureReason, number>>>;
  /** Where and how it was computed, and why. */
  readonly plan: EnsemblePlan;
  /** What one must know of these numbers. Empty where there is nothing to say. */
  readonly warnings: readonly string[];
}

/**
 * Computes the gradient of a sum of losses over an ensemble, chunk by chunk. It is the discrete adjoint, exact for the steps taken; what
 * batches cannot do is differentiated one by one, as `gradient` does.
 *
 * @param problem - The problem that the trajectories share.
 * @param options - How many, how they differ, the loss, and how and where they are solved.
 * @returns The gradient of the sum or of the mean, with the failures.
 * @throws What `gradientBatch` throws, but for CannotBatch, and `solveEnsemble`.
 * @example
 * const { value, p } = await gradientEnsemble(problem, {
 *   trajectories: 10_000,
 *   vary: { "u0.prey": { normal: [1, 0.1] } },
 *   loss: { final: (u) => (u.prey - 1) ** 2 },
 *   over: "mean",
 * });
 */
export async function gradientEnsemble<U, P, L = unknown>(
  problem: OdeProblem<U, P>,
  options: GradientEnsembleOptions<NoInfer<U>, NoInfer<P>, L>,
): Promise<EnsembleGradient<U, P>> {
  return holding(problem, "gradientEnsemble", (held) => {
    checkOptions(options, checks, "gradientEnsemble");
    requireKeys(options, "gradientEnsemble", "loss");
    checkLoss(options.loss as Loss);
    return withinLimits(options, "gradientEnsemble", (signal) => differentiated(held, options, signal));
  });
}

async function differentiated<U, P, L>(
  problem: OdeProblem<U, P>,
  options: GradientEnsembleOptions<U, P, L>,
  signal: AbortSignalLike | undefined,
): Promise<EnsembleGradient<U, P>> {
  const { members, vary } = givenMembers(problem, options, "gradientEnsemble");
  const plain = problem as OdeProblem;
  const { layout } = problem;
  const task = { members, times: new Float64Array(), settings: settingsOf(options), loss: options.loss as Loss };
  const sums = noSums(plain);
  const { counts, plan } = await runChunks({
    problem: plain,
    task,
    vary,
    options,
    numbers: layout.u.size + layout.p.size + 1,
    kept: () => layout.u.size + layout.p.size + 1,
    signal,
    merge: ({ parts }) => addSums(sums, parts as unknown as Sums),
  });
  const { succeeded, failures, reasons, warnings } = counts;
  const divisor = options.over === "mean" ? succeeded : 1;
  const shown = (sum: Float64Array): Float64Array => sum.map((x) => (succeeded > 0 ? x / divisor : NaN));
  return {
    value: shown(sums.value)[0],
    p: unpack<P>(layout.p, shown(sums.p)),
    u0: unpack<U>(layout.u, shown(sums.u0)),
    trajectories: members.trajectories,
    succeeded,
    failures,
    reasons,
    plan,
    warnings,
  };
}
