/**
 * Derivatives of the loss along directions, by dual numbers through a solve of their own with tighter tolerances that hold for the
 * derivatives too, and the sizes of the terms that they are sums of.
 */
import { BadLoss } from "../losses/errors.ts";
import { appliedLoss } from "../losses/compiled.ts";
import { inChunks, type Direction } from "../adjoints/shared/directions.ts";
import { dualSolver } from "../adjoints/forward/dual-solver.ts";
import { integralOffset } from "../adjoints/forward/dual-system.ts";
import { velocity } from "../adjoints/shared/end-times.ts";
import type { GradientTask } from "../task/task.ts";
import { pseudoRandom } from "../../src/problem/pseudo-random.ts";

/** A derivative along a direction. */
export interface Along {
  readonly slope: number;
  /**
   * Σ |∂L/∂u(t) · ∂u(t)| over the times of the loss and the components. Of a residual that vanishes it holds also the change of that, over
   * the relative tolerance, where the states are off by their tolerances: at the optimum of a sum of squares the derivative is zero, and
   * what was solved is right within the tolerances, not further. A derivative of its full size, as that of the logarithm of a state that
   * decayed below its tolerance, is excused by nothing.
   */
  readonly size: number;
}

/** The tolerances of the solve, relative to those of the gradient. */
const TIGHTER = 0.1;
const TIGHTEST = 1e-13;
/** The absolute tolerance counts at most this part of a state's size: where it is larger, the solve is right in no digit. */
const NOTHING = 1e-3;
/** A derivative vanishes below this part of its change as the state grows by its own size. */
const VANISHING = 0.1;
/** The number of times at which the derivatives of the integrand are sampled for their size. */
const SAMPLES = 64;

/** Along a later end, where an event ends the solve before. */
const NOWHERE: Along = { slope: 0, size: 0 };

/** A time of the loss, or one at which the integrand is sampled. */
interface Time {
  readonly t: number;
  /** The index of the loss's time; absent of a sample. */
  readonly k?: number;
}

/**
 * The derivatives along directions; `end` is that along a later end of the time span.
 *
 * @throws AdjointFailed
 */
export function alongDirections(task: GradientTask, directions: readonly Direction[]): { along: Along[]; end: Along } {
  const n = task.u0.length;
  const times = timesOf(task);
  const rtol = Math.max(TIGHTEST, TIGHTER * task.rtol);
  const by = rtol / task.rtol;
  const atol = typeof task.atol === "number" ? by * task.atol : task.atol.map((x) => by * x);
  const tighter = {
    ...task,
    rtol,
    atol,
    onProgress: undefined,
    loss: { ...task.loss, times: Float64Array.from(times, ({ t }) => t) },
  };
  const chunks = inChunks(directions);
  const dual = dualSolver(task, Math.max(1, chunks[0].length), "all");
  const sums = chunks.map((chunk) => {
    const { integrated, parameters } = dual.solve(tighter, chunk);
    const { savedStates, savedTimes, final, terminated } = integrated.trajectory;
    const part = (state: Float64Array, d: number): Float64Array => state.subarray(n * d, n * (d + 1));
    // Samples behind an event that ends the solve are none.
    const states = times
      .slice(0, savedTimes.length)
      .map((_, s) => savedStates.data.subarray(s * dual.system.n, (s + 1) * dual.system.n));
    const terms = new Terms(task, chunk.length, parameters, largestOf([task.u0, ...states, final], n));
    states.forEach((state, s) => terms.add(part(state, 0), (d) => part(state, 1 + d), times[s]));
    terms.add(part(final, 0), (d) => part(final, 1 + d), "end");
    if (dual.integral) {
      const at = integralOffset(dual.sizes);
      chunk.forEach((_, d) => {
        terms.slopes[d] += final[at + 1 + d];
      });
    }
    return {
      along: chunk.map((_, d): Along => ({ slope: terms.slopes[d], size: Math.max(terms.sizes[d], Math.abs(terms.slopes[d])) })),
      end: terminated ? NOWHERE : alongEnd(task, final.slice(0, n)),
    };
  });
  return { along: sums.flatMap(({ along }) => along), end: sums[0].end };
}

function timesOf({ loss, problem: { tspan } }: GradientTask): Time[] {
  const [t0, t1] = tspan;
  const at = Array.from(loss.times, (t, k): Time => ({ t, k }));
  const samples = loss.integral
    ? Array.from({ length: SAMPLES }, (_, s): Time => ({ t: t0 + ((s + 0.5) / SAMPLES) * (t1 - t0) }))
    : [];
  const direction = Math.sign(t1 - t0);
  return [...at, ...samples].sort((a, b) => direction * (a.t - b.t));
}

/** The largest magnitude of each of n components over all states. */
function largestOf(states: readonly Float64Array[], n: number): Float64Array {
  const largest = new Float64Array(n);
  for (const state of states) for (let i = 0; i < n; i++) largest[i] = Math.max(largest[i], Math.abs(state[i]));
  return largest;
}

/** Sums of the terms that a loss's derivatives consist of, and of their sizes. */
class Terms {
  readonly slopes: Float64Array;
  readonly sizes: Float64Array;
  private readonly loss;
  private readonly random = pseudoRandom();

  constructor(
    private readonly task: GradientTask,
    private readonly count: number,
    /** p, followed by its changes along the directions. */
    private readonly parameters: Float64Array,
    /** The largest magnitude of each component along the solution. */
    private readonly largest: Float64Array,
  ) {
    this.loss = appliedLoss(task);
    this.slopes = new Float64Array(count);
    this.sizes = new Float64Array(count);
  }

  /** Adds the terms of a state at a time of the loss, at a sample, or at the end, with its changes along the directions. */
  add(state: Float64Array, tangent: (d: number) => Float64Array, at: Time | "end"): void {
    const { parameters, count, task } = this;
    const np = task.p.length;
    const here = this.gradientAt(state, at);
    const off = this.gradientOff(state, at, this.tolerances()) ?? here;
    const near =
      this.gradientOff(
        state,
        at,
        state.map((x) => task.rtol * Math.abs(x)),
      ) ?? here;
    const isSample = at !== "end" && at.k === undefined;
    const [t0, t1] = task.problem.tspan;
    const weight = isSample ? Math.abs(t1 - t0) / SAMPLES : 1;
    const addTerms = (what: "u" | "p", dot: Float64Array, d: number): void => {
      const x = here[what];
      for (let i = 0; i < x.length; i++) {
        if (!isSample) this.slopes[d] += x[i] * dot[i];
        const size = Math.abs(x[i]);
        const change = Math.abs(off[what][i] - x[i]);
        const vanishes = size < Math.max(change, (VANISHING * Math.abs(near[what][i] - x[i])) / task.rtol);
        this.sizes[d] += weight * (size + (vanishes ? change / task.rtol : 0)) * Math.abs(dot[i]);
      }
    };
    for (let d = 0; d < count; d++) {
      addTerms("u", tangent(d), d);
      addTerms("p", parameters.subarray(np * (1 + d), np * (2 + d)), d);
    }
  }

  private gradientAt(state: Float64Array, at: Time | "end"): { u: Float64Array; p: Float64Array } {
    const { loss, task } = this;
    const [u, p] = [new Float64Array(task.u0.length), new Float64Array(task.p.length)];
    if (at === "end") loss.final(state, u, p);
    else if (at.k === undefined) loss.integrandGradient(at.t, state, u, p);
    else loss.summand(at.k, state, u, p);
    return { u, p };
  }

  /** The error that each component of the state may have. */
  private tolerances(): Float64Array {
    const { rtol, atol } = this.task;
    return this.largest.map((x, i) => rtol * x + Math.min(typeof atol === "number" ? atol : atol[i], NOTHING * x));
  }

  /** The gradient where the state is off by so much, away from zero; undefined where the loss is not defined there. */
  private gradientOff(state: Float64Array, at: Time | "end", by: Float64Array): { u: Float64Array; p: Float64Array } | undefined {
    const off = state.map((x, i) => x + (x < 0 ? -1 : 1) * (1 + this.random() / 2) * by[i]);
    try {
      return this.gradientAt(off, at);
    } catch (error) {
      if (error instanceof BadLoss) return undefined;
      throw error;
    }
  }
}

/** dL/dt1 = h + (∂φ/∂u) f, and its size. */
function alongEnd(task: GradientTask, final: Float64Array): Along {
  const loss = appliedLoss(task);
  const phiBar = new Float64Array(final.length);
  loss.final(final, phiBar, new Float64Array(task.p.length));
  const t1 = task.problem.tspan[1];
  const f = velocity(task, final, t1);
  const h = loss.integrand(t1, final);
  const terms = Array.from(f, (x, i) => x * phiBar[i]);
  return { slope: terms.reduce((a, b) => a + b, h), size: terms.reduce((a, b) => a + Math.abs(b), Math.abs(h)) };
}
