/** What kernels ask of a loss: parts that were read, without tapes, and that do what the user's functions do. */
import { requireAgreementAlong } from "../../solvers/batch/agreement.ts";
import type { BatchOptions, GivenBatch } from "../../solvers/batch/given-batch.ts";
import { CannotBatch } from "../../src/core/errors.ts";
import { cannotBatch } from "../../src/devices/agreement.ts";
import { withoutTape } from "../../src/devices/kernel.ts";
import type { OdeProblem } from "../../src/problem/problem.ts";
import { requireLossAgreement } from "../losses/agreement.ts";
import type { LossPrograms } from "../losses/loss.ts";
import { timesOf } from "./times.ts";

/** Throws {@link CannotBatch} for a loss that cannot be read or has loops whose length the data decide. */
export function requireBatchable({ sum, integral, final, steady, all }: LossPrograms): void {
  if (all) {
    throw new CannotBatch(
      "The loss is of all its times at once, which batches do not know. Take `gradient` for each trajectory.",
    );
  }
  if (steady) {
    throw new CannotBatch(
      "The loss is one of steady states, which batches do not search for. Take `gradient` for each trajectory.",
    );
  }
  for (const part of [sum, integral, final]) {
    if (part?.unread) throw cannotBatch(part.unread);
    if (part) withoutTape(part.gradient);
  }
}

/** Compares what was read with the user's functions along a few trajectories, which are solved alone. */
export function requireAgreement<U, P>(
  { layout }: OdeProblem<U, P>,
  { stops, maxStep }: BatchOptions<U, P>,
  batch: GivenBatch,
  loss: LossPrograms,
): void {
  requireAgreementAlong(batch, {
    keeper: (loss.sum ?? loss.final ?? loss.integral)!.value,
    stops,
    maxStep,
    savesOf: (m) => timesOf(batch.spans, loss, m).times,
    look({ u0, p, trajectory: { result, savedStates, final } }, m) {
      if (result.kind !== "success") return;
      const own = { ...loss, ...timesOf(batch.spans, loss, m) };
      requireLossAgreement({ loss: own, u0, p, target: "wasm" }, savedStates.data, layout.u.size, final);
    },
  });
}
