/** The gradients of many trajectories, one after the other: what kernels do not know of. */
import type { AbortSignalLike } from "../../src/core/options/abort-signal.ts";
import { Turns } from "../../src/devices/turns.ts";
import type { OdeProblem } from "../../src/problem/problem.ts";
import type { Alone } from "../../solvers/batch/alone.ts";
import { isOfOne } from "../../solvers/batch/own-failure.ts";
import type { Placed } from "../../solvers/batch/spans.ts";
import { BadLoss } from "../losses/errors.ts";
import { failureOf, type FailureReason } from "./failure-of.ts";
import type { GradientRows } from "./gradient-run.ts";
import type { Warning } from "../../solvers/batch/warning.ts";

export interface Members extends Placed {
  readonly count: number;
  readonly of: (m: number) => Alone;
}

/** A gradient, as far as it is taken. */
interface Found {
  readonly value: number;
  readonly flat: { readonly p: Float64Array; readonly u0: Float64Array };
  readonly plan: { readonly adjoint: string };
  readonly warnings: readonly string[];
}

export interface OneByOne extends Omit<GradientRows, "outcomes"> {
  readonly reasons: readonly ("success" | FailureReason)[];
  /** What was thrown because of one trajectory's numbers, where that is no outcome of a solve. */
  readonly thrown: readonly Error[];
  /** That of the first that succeeded. */
  readonly adjoint: string;
  /** Each as it was first met. */
  readonly warnings: readonly Warning[];
}

/** One that fails disturbs no other. Throws what is no failure of a trajectory. */
export async function oneByOne(
  { layout }: OdeProblem,
  { count, of, indexOf = (m) => m }: Members,
  gradientOf: (alone: Alone) => Found,
  { onProgress, signal }: { readonly onProgress?: (done: number) => void; readonly signal?: AbortSignalLike },
): Promise<OneByOne> {
  const [n, np] = [layout.u.size, layout.p.size];
  const rows = { value: new Float64Array(count), u0_bar: new Float64Array(count * n), p_bar: new Float64Array(count * np) };
  const reasons: ("success" | FailureReason)[] = [];
  const ends = new Float64Array(count);
  const warnings = new Map<string, Warning>();
  const thrown: Error[] = [];
  let adjoint = "";
  const turns = new Turns(signal, onProgress);
  for (let m = 0; m < count; m++) {
    const alone = of(m);
    ends[m] = alone.tspan[1];
    try {
      const found = gradientOf(alone);
      rows.value[m] = found.value;
      rows.u0_bar.set(found.flat.u0, m * n);
      rows.p_bar.set(found.flat.p, m * np);
      adjoint ||= found.plan.adjoint;
      for (const message of found.warnings)
        if (!warnings.has(message)) warnings.set(message, { message, trajectory: indexOf(m) });
      reasons.push("success");
    } catch (error) {
      signal?.throwIfAborted();
      const [reason, end] = failureOf(error, alone.tspan);
      if (isOfOne(error) || error instanceof BadLoss) thrown.push(error);
      reasons.push(reason);
      ends[m] = end;
    }
    if (turns.isOver) await turns.end(m + 1);
  }
  onProgress?.(count);
  return { ...rows, reasons, ends, thrown, adjoint, warnings: [...warnings.values()] };
}
