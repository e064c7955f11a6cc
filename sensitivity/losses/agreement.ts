/**
 * What was read of a loss is held against its functions where it is used: at every time of the first gradient, later ever farther
 * apart and wherever it takes a path that was not compared yet; and its gradient, in the first, against differences of the function.
 */
import { memo } from "../../src/core/memo.ts";
import { ifItCanBe } from "../../src/operations/calling.ts";
import { compiledAlone, endsAt, requireSameValue } from "../../src/problem/comparison.ts";
import type { Target } from "../../src/compile/compile.ts";
import { derivativesOf } from "../../src/derive/program-derivatives.ts";
import { interpret } from "../../src/ir/interpret.ts";
import { markMisread } from "../../src/read/misreading.ts";
import { KnownPaths, type Calls } from "../../src/problem/known-paths.ts";
import type { Watch } from "../../solvers/step-loop/taken-steps.ts";
import { extrapolatedDifference } from "../numerics/extrapolated-difference.ts";
import type { LossPart, PartName, PlainPart } from "./part.ts";
import type { LossOfProblem } from "./compiled.ts";
import { pseudoRandom } from "../../src/problem/pseudo-random.ts";
import { sizesOf, stateSizes } from "../../src/problem/sizes.ts";

/** Calls between two comparisons, at most. */
const INTERVAL = 1000;
/** After the first gradient one call in so many is looked at for new paths, besides the first and the last of a gradient. */
const SPARSE = 16;
/** Steps whose ends the integrand of the first gradient is compared at; later ones are ever farther apart. */
const FIRST = 64;

/** What of a task its loss is called with. */
type Called = Pick<LossOfProblem, "loss" | "u0" | "p" | "target">;

/** After the forward solve; `stride`: from one saved state to the next. Throws MisreadFunction, Disagreement. */
export function requireLossAgreement(task: Called, saved: Float64Array, stride: number, final: Float64Array): void {
  const { loss, u0 } = task;
  const { times, indices } = loss;
  compare(task, "sum", {
    count: times.length,
    state: (k) => saved.subarray(k * stride, k * stride + u0.length),
    scalars: (k) => [times[k], indices[k]],
    times,
  });
  compare(task, "final", { count: 1, state: () => final.subarray(0, u0.length), scalars: () => [] });
}

/** Of a loss of all times, whose states are these. Throws as {@link requireLossAgreement} does. */
export function requireAllAgreement(task: Called, series: Float64Array): void {
  compare({ ...task, u0: series }, "all", { count: 1, state: () => series, scalars: () => [] });
}

/** At a steady state. Throws as {@link requireLossAgreement} does. */
export function requireSteadyAgreement(task: LossOfProblem, state: Float64Array): void {
  compare(task, "steady", { count: 1, state: () => state, scalars: () => [] });
}

/** Along a solve, at ends of steps; undefined without an integral that was read. */
export function integrandWatch(task: LossOfProblem): Watch | undefined {
  if (!partOf(task, "integral")) return undefined;
  return {
    observe: (steps) =>
      compare(task, "integral", {
        count: steps.count,
        state: (k) => steps.state(k + 1).subarray(0, task.u0.length),
        scalars: (k) => [steps.time(k + 1)],
      }),
    finish() {},
  };
}

function partOf({ loss }: Called, name: PartName): { part: LossPart; plain: PlainPart } | undefined {
  const part = loss[name];
  const plain = loss.plain?.[name];
  return part && plain && !part.unread ? { part, plain } : undefined;
}

function compare(task: Called, name: PartName, calls: Calls): void {
  const found = partOf(task, name);
  if (!found || calls.count === 0) return;
  const { part, plain } = found;
  comparedPart(part, task.target).look(task, plain, calls, name === "integral");
}

const comparedPart = memo((part: LossPart, target: Target) => new ComparedPart(part, target), {
  by: ({ value }, target) => [value, target],
});

/** What is known of a part of a loss, from all gradients. */
class ComparedPart {
  private calls = 0;
  private next = 1;
  private rounds = 0;
  private readonly knownPaths: KnownPaths | undefined;

  constructor(
    private readonly part: LossPart,
    private readonly target: Target,
  ) {
    this.knownPaths = KnownPaths.of(part.value, target);
  }

  look(task: Called, plain: PlainPart, calls: Calls, isIntegrand: boolean): void {
    const { count } = calls;
    const isFirst = isIntegrand ? this.calls < FIRST : this.rounds === 0;
    if (this.calls === 0) {
      for (const k of new Set([0, count >> 1, count - 1])) {
        // The value first: of a loop that does not end the gradient may need nothing.
        this.compareValue(task, plain, calls, k);
        this.compareGradient(task, plain, calls, k);
      }
    }
    const due = (from: number): number => (isFirst ? from : Math.max(from, this.next - this.calls - 1));
    for (let k = due(0); k < count; k = due(k + 1)) {
      this.compareValue(task, plain, calls, k);
      while (this.next <= this.calls + k + 1) this.next += Math.min(this.next, INTERVAL);
    }
    this.lookForPaths(task, plain, calls, isFirst);
    this.calls += count;
    this.rounds++;
  }

  /** What the first gradient compares everywhere is only noted. */
  private lookForPaths(task: Called, plain: PlainPart, calls: Calls, isFirst: boolean): void {
    const { knownPaths } = this;
    if (!knownPaths?.mayBeNewAt(calls.times)) return;
    const { count } = calls;
    const looked: number[] = [];
    for (let k = 0; k < count; k++)
      if (isFirst || knownPaths.isTimed || k === 0 || k === count - 1 || (this.calls + k) % SPARSE === 0) looked.push(k);
    for (let first = 0; first < looked.length; first += knownPaths.most)
      for (const k of knownPaths.newAt(looked.slice(first, first + knownPaths.most), task.p, calls))
        if (!isFirst) this.compareValue(task, plain, calls, k);
  }

  private compareValue({ p }: Called, plain: PlainPart, { state, scalars }: Calls, k: number): void {
    const { value } = this.part;
    const [u, at] = [state(k).slice(), scalars(k)];
    const { result } = compiledAlone(value, this.target).run([u, p], at);
    requireSameValue(value, result, { args: [u, p, ...at], plain: (moved = u) => plain(moved, p, at) });
  }

  /** Along a random direction. Where differences disagree, as they do at kinks, the derivative forwards decides. */
  private compareGradient({ p, u0 }: Called, plain: PlainPart, { state, scalars }: Calls, k: number): void {
    const { value, gradient } = this.part;
    const random = pseudoRandom();
    const [u, at] = [state(k).slice(), scalars(k)];
    const [uDot, pDot] = [stateSizes(u), sizesOf(p)].map((sizes) => sizes.map((size) => size * random()));
    const zeros = [new Float64Array(u0.length), new Float64Array(p.length)];
    // Parameters: u, p, the scalars, result_bar, u_bar, p_bar.
    const [, , uBar, pBar] = compiledAlone(gradient, this.target).run([u, p, ...zeros], [...at, 1]).arrays;
    const slope = dot(uBar, uDot) + dot(pBar, pDot);
    const along = (h: number): number => {
      const [moved, parameters] = [u.map((x, i) => x + h * uDot[i]), p.map((x, j) => x + h * pDot[j])];
      if (!endsAt(value, [moved, parameters, ...at])) return NaN;
      return ifItCanBe(() => plain(moved, parameters, at)) ?? NaN;
    };
    const differences = extrapolatedDifference(along, DISTANCE, { enough: ENOUGH * Math.abs(slope) });
    const size = Math.max(Math.abs(slope), Math.abs(differences.slope));
    if (Math.abs(slope - differences.slope) <= DIFFERENCES * size + 100 * differences.error) return;
    const exact = new Float64Array(1);
    // Parameters: u, p, the scalars, u_dot, p_dot, result_dot.
    const derivative = derivativesOf(value).jvp(["u", "p"]);
    const silent = { operation: () => {}, access: () => {} };
    // Loops that take too long to be interpreted leave it undecided.
    if (!ifItCanBe(() => [interpret(derivative, [u, p, ...at, uDot, pDot, exact], silent)])) return;
    if (!(Math.abs(slope - exact[0]) > EXACT * (Math.abs(slope) + Math.abs(exact[0])))) return;
    const what = `its derivative backwards would give ${slope} along a direction where that forwards is ${exact[0]}`;
    throw markMisread(value, { name: value.name }, what);
  }
}

/** In sizes of what is differentiated by. */
const DISTANCE = 1e-2;
const DIFFERENCES = 1e-6;
const ENOUGH = 1e-8;
const EXACT = 1e-9;

function dot(a: Float64Array, b: Float64Array): number {
  return a.reduce((sum, x, i) => sum + x * b[i], 0);
}
