/**
 * How much larger the errors of steps are beside a derivative than beside the tangent that is carried forward, δ. The product λᵀδ is what the loss changes by
 * for what perturbed the solution up to there. Where its terms are far larger than the losses' own, as where a relaxation oscillation leaves one slow
 * manifold for another, an error of a step that is small beside δ is as much larger beside the derivative, which is λ's product with it (K. Eriksson,
 * D. Estep, P. Hansbo, C. Johnson, Introduction to adaptive methods for differential equations, Acta Numerica 1995, section 5).
 */
import type { GrowingArray } from "../../../src/core/growing-array.ts";
import type { AppliedLoss } from "../../losses/compiled.ts";
import type { GradientTask } from "../../task/task.ts";
import { guardTolerance, integralOffset } from "../forward/dual-system.ts";
import type { RecordedSolve } from "./guarded-solve.ts";
import type { Cotangents } from "./reverse-sweep.ts";

/** Products are looked at after so many steps each: a jump takes more. */
export const TANGENT_INTERVAL = 16;
/** A relative error of derivatives that is let be, and in relative tolerances. */
const ALLOWED = 1e-2;
const TOLERANCES = 300;
/** What a second solve aims at, and how much smaller its relative tolerance may be. */
const AIM = 1e-3;
const SMALLEST = 1e-4;
/** An error that is told where a second solve leaves it. */
const TOLD = 0.1;

/** Σ |λᵢ δᵢ|, of the tangent of this index. */
export function termsOfProduct(lambda: Float64Array, tangents: GrowingArray, index: number): number {
  const start = index * lambda.length;
  if (start >= tangents.length) return 0;
  let sum = 0;
  for (let i = 0; i < lambda.length; i++) sum += Math.abs(lambda[i] * tangents.data[start + i]);
  return sum;
}

/** The relative error that errors of steps may make in the derivative along the tangent; 0 where none was carried, or it is let be. */
export function amplifiedError(
  task: GradientTask,
  forward: RecordedSolve,
  loss: AppliedLoss,
  phiBar: Float64Array,
  { u, p, terms }: Cotangents,
): number {
  const { rtol } = task;
  const { direction } = forward;
  if (!direction) return 0;
  const error = guardTolerance(rtol) * terms;
  const allowed = Math.max(ALLOWED, TOLERANCES * rtol);
  // What most solves come to, without a look at the losses.
  if (!(error > allowed * Math.abs(dot(direction.u0, u) + dot(direction.p, p)))) return 0;
  const relative = error / sizeOfLosses(task, forward, loss, phiBar);
  return relative > allowed ? relative : 0;
}

/** Σₖ |(∂lₖ/∂u)ᵀ δ(tₖ)|: losses that cancel each other, as at the end of a fit, make no error larger. */
function sizeOfLosses(task: GradientTask, { carried }: RecordedSolve, loss: AppliedLoss, phiBar: Float64Array): number {
  const n = task.u0.length;
  const size = carried.final.length;
  let sum = Math.abs(dot(carried.final.subarray(n, 2 * n), phiBar));
  if (task.loss.integral) sum += Math.abs(carried.final[integralOffset({ n, np: 0, k: 1 }) + 1]);
  const pBar = new Float64Array(task.p.length);
  for (let k = 0; k < task.loss.times.length; k++) {
    const state = carried.savedStates.data.subarray(k * size, (k + 1) * size);
    const bar = new Float64Array(n);
    loss.summand(k, state.slice(0, n), bar, pBar);
    sum += Math.abs(dot(state.subarray(n, 2 * n), bar));
  }
  return sum;
}

function dot(a: Float64Array | undefined, b: Float64Array): number {
  return a ? a.reduce((sum, x, i) => sum + x * b[i], 0) : 0;
}

/** The relative tolerance of a second solve. */
export function tighterTolerance(rtol: number, error: number): number {
  return rtol * Math.max(SMALLEST, AIM / error);
}

const AMPLIFIED = "Errors of steps are far larger in these derivatives than in the states";

/** What is to be said of a second solve, whose error is estimated in turn. */
export function amplificationNote(rtol: number, tighter: number, error: number): string {
  const said = `${AMPLIFIED}: solved once more, with an rtol of ${tighter.toPrecision(2)} in place of ${rtol}.`;
  if (!(error > TOLD)) return said;
  return `${said} They may still be wrong by ${percent(error)}: give a smaller rtol, and compare with \`check: true\`.`;
}

/** What is to be said where a second solve comes to no end, and the first is what there is. */
export function failedNote(tighter: number, error: number, { message }: Error): string {
  return `${AMPLIFIED}, which may be wrong by ${percent(error)}. Solved once more, with an rtol of ${tighter.toPrecision(2)}, it failed: ${message.split("\n")[0]}`;
}

function percent(error: number): string {
  return `${Math.min(100, 100 * error).toPrecision(2)} %`;
}
