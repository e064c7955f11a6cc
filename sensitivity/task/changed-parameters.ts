/**
 * Derivatives of problems whose events change parameters. The task is that of the problem over the state that holds those: what they are
 * at the start is a part of its initial state, so the derivative by such a parameter is that by this part and that by the parameter itself.
 */
import { ownLayout } from "../../src/arrays/layout.ts";
import type { Influencing } from "../../src/analysis/structure.ts";
import { memo } from "../../src/core/memo.ts";
import { derivativesOf } from "../../src/derive/program-derivatives.ts";
import { programOverState } from "../../src/problem/over-state.ts";
import { parametersIn, type ChangedParameters } from "../../src/problem/changed-parameters.ts";
import type { LossPrograms } from "../losses/loss.ts";
import type { LossPart } from "../losses/part.ts";
import { changeOfStart, reachThroughStart, throughStart } from "./initial-state.ts";
import type { FlatGradient, UnplannedTask } from "./task.ts";

/** The loss of such a state, with the parameters that hold at its times. */
export function lossOverState(loss: LossPrograms, changed: ChangedParameters): LossPrograms {
  const over = (part: LossPart | undefined): LossPart | undefined => part && partOverState(part, changed);
  const n = changed.layout.u.size;
  const plain = Object.entries(loss.plain ?? {}).map(([name, call]) => [
    name,
    // One of all times has states by themselves, and the parameters of the start.
    name === "all"
      ? call
      : (state: Float64Array, p: Float64Array, scalars: readonly number[]) =>
          call(state.subarray(0, n), parametersIn(changed, state, p), scalars),
  ]);
  return {
    ...loss,
    sum: over(loss.sum),
    integral: over(loss.integral),
    final: over(loss.final),
    plain: loss.plain && Object.fromEntries(plain),
  };
}

const partOverState = memo(({ value, unread }: LossPart, changed: ChangedParameters): LossPart => {
  const over = programOverState(value, changed);
  return { value: over, gradient: derivativesOf(over).vjp(["u", "p"]), unread };
});

/** Derivatives by what the problem states: by p also through the initial state, where that is a function of p. */
export function statedGradient<G extends Pick<FlatGradient, "p" | "u0">>(task: UnplannedTask, flat: G): G {
  const { code, asked, start } = task;
  const { changed } = code;
  if (!changed && !start) return flat;
  const n = changed?.layout.u.size ?? task.u0.length;
  const p = asked.includes("p") ? flat.p!.slice() : undefined;
  changed?.indices.forEach((index, j) => p && (p[index] += flat.u0![n + j]));
  const u0 = flat.u0?.slice(0, n);
  if (p && u0) throughStart(task, u0)?.forEach((x, j) => (p[j] += x));
  return { ...flat, p, u0: asked.includes("u0") ? u0 : undefined };
}

/** What reaches something by such a state: parameters do so also as the part of it that they are, and through where it begins. */
export function statedReach(task: Pick<UnplannedTask, "code" | "start">, { u, p }: Influencing): Influencing {
  const { changed } = task.code;
  if (!changed) return reachThroughStart(task, { u, p });
  const n = changed.layout.u.size;
  const own = new Set([...u].filter((i) => i < n));
  return { u, p: reachThroughStart(task, { u: own, p: new Set([...p, ...changed.indices.filter((_, j) => u.has(n + j))]) }).p };
}

/** What the problem states, of which directions are components. */
export function statedSizes(task: UnplannedTask): Pick<UnplannedTask, "wrt" | "p" | "u0" | "code"> {
  const { wrt, asked, p, u0, code, problem } = task;
  return { wrt: { ...wrt, u0: asked.includes("u0") }, p, u0: u0.subarray(0, ownLayout(problem.layout.u).size), code };
}

interface Change {
  readonly p?: Float64Array;
  readonly u0?: Float64Array;
}

/** A change of what the problem states, as one of what is solved. */
export function solvedDirection(task: UnplannedTask, change: Change): Change {
  const { code, u0, p } = task;
  const { changed } = code;
  const ofStart = change.p && changeOfStart(task, change.p);
  if (!changed && !ofStart) return change;
  const state = new Float64Array(u0.length);
  if (change.u0) state.set(change.u0);
  ofStart?.forEach((x, i) => (state[i] += x));
  if (!changed) return { p: change.p, u0: state };
  changed.indices.forEach((index, j) => (state[changed.layout.u.size + j] = change.p?.[index] ?? 0));
  return { p: change.p ?? new Float64Array(p.length), u0: state };
}
