/**
 * The search for the steady state that the dynamics reach. They are followed by steps under error control, as by `solve`, until Newton's
 * method finds a steady state so near that they must end there, or until they rest. A continuation that takes longer steps than accuracy
 * allows (Kelley and Keyes 1998, SIAM J. Numer. Anal. 35, 508-523) is faster, but may end in another steady state than the dynamics do.
 */
import type { AbortSignalLike } from "../../src/core/options/abort-signal.ts";
import type { Deadline } from "../../src/core/options/time-limit.ts";
import { pointsFrom } from "../../src/problem/points.ts";
import type { ProblemCode } from "../../src/problem/code.ts";
import { Arena } from "../../src/compile/arena.ts";
import type { Target } from "../../src/compile/compile.ts";
import { integrate, type Prepared } from "../step-loop/integrate.ts";
import { rodas5P } from "../methods/rodas5p.ts";
import { setTolerance, DEFAULT_TOLERANCE } from "../step-loop/tolerances.ts";
import type { ResultKind, Trajectory } from "../step-loop/trajectory.ts";
import type { Watch } from "../step-loop/taken-steps.ts";
import { executionOf, jacobianSystemOf, withPrepared } from "../systems/problem-system.ts";
import { Course } from "./course.ts";
import { conservationLaws } from "./conservation.ts";
import { Equations } from "./equations.ts";
import { eachEntry } from "../../src/analysis/pattern.ts";
import { finish, leadsAway, MOST_DENSE, stabilityAt, type Approach, type Nearness, type Stability } from "./finish.ts";

export interface SteadyProgress {
  /** The time that the dynamics were followed to, and the steps that took. */
  readonly t: number;
  readonly steps: number;
  /** The largest of |f_i|. */
  readonly residual: number;
}

export interface SearchRequest {
  readonly code: ProblemCode;
  readonly u0: Float64Array;
  readonly p: Float64Array;
  /** Of the problem: its start is where it is followed from, and its length the unit of time. */
  readonly tspan: readonly [number, number];
  readonly rtol: number;
  readonly atol: number | Float64Array;
  readonly maxSteps: number;
  readonly target: Target;
  readonly deadline?: Deadline;
  readonly signal?: AbortSignalLike;
  readonly onProgress?: (progress: SteadyProgress) => void;
  readonly watch?: Watch;
}

export interface Found {
  readonly kind: ResultKind | "noSteadyState";
  readonly u: Float64Array;
  /** f there. */
  readonly slope: Float64Array;
  readonly t: number;
  readonly stability: Stability;
  /** Is it isolated among the states of the same conserved quantities, so that the implicit function theorem holds? */
  readonly isolated: boolean;
  /** The conservation laws. */
  readonly laws: readonly Float64Array[];
  readonly equations: Equations;
  /** Of the components: what counts as zero for one that is small. */
  readonly scales: Float64Array;
  /** Absent where it began in a steady state. */
  readonly trajectory: Trajectory | undefined;
  readonly course: Course;
}

/** What of a column of the Jacobian is rounding: of exact derivatives for each state, and of differences. */
const ROUNDING = { exact: 2 ** -46, differences: 1e-5 };
/** Steps between looks. */
const FIRST_STEPS = 4;
const MOST_STEPS = 32;
/** A look is worth its while where the last step changed no component by more than this part of its size. */
const SLOW = 0.1;
/** How far the dynamics are followed: the first span, in units of the problem's, by how much each is longer, and how many there are. */
const FIRST_SPAN = 1e3;
const LONGER = 1e3;
const SPANS = 8;

export function search(request: SearchRequest): Found {
  const first = new Search(request, Math.max(request.rtol, DEFAULT_TOLERANCE)).run();
  // Where Newton's method does not help, the steps themselves have to be as accurate as was asked for.
  const { kind, isolated } = first;
  if (kind !== "success" || isolated || request.rtol >= DEFAULT_TOLERANCE) return first;
  return new Search(request, Math.max(request.rtol, 1e-12)).run();
}

class Search {
  private readonly each: Float64Array;
  private readonly laws: readonly Float64Array[];
  private readonly equations: Equations;
  private readonly course: Course;
  private readonly unit: number;
  private trajectory: Trajectory | undefined;
  private u: Float64Array;
  private slope: Float64Array;
  private t: number;
  private h: number | undefined;

  /** `accuracy`: of the steps, relative. */
  constructor(
    private readonly request: SearchRequest,
    private readonly accuracy: number,
  ) {
    const { code, u0, p, atol, target, tspan } = request;
    this.each = new Float64Array(u0.length);
    setTolerance(this.each, atol);
    this.unit = Math.abs(tspan[1] - tspan[0]);
    this.t = tspan[0];
    this.u = u0.slice();
    const equationsWith = (laws: readonly Float64Array[]): Equations => {
      const arena = new Arena();
      return new Equations(jacobianSystemOf(code, arena, target), tspan[0], p, u0, laws, arena, target);
    };
    const plain = equationsWith([]);
    this.laws = lawsAt(request, plain);
    this.equations = this.laws.length > 0 ? equationsWith(this.laws) : plain;
    this.slope = this.equations.rhs(u0);
    this.course = new Course(u0.length, this.each);
  }

  run(): Found {
    const { code, u0, p, tspan, target, watch } = this.request;
    return withPrepared(code, { u0, p, tspan }, rodas5P(), target, (prepared) => {
      const found = this.follow(prepared);
      watch?.finish(this.t, this.u);
      return found;
    });
  }

  private follow(prepared: Prepared): Found {
    const { maxSteps, onProgress } = this.request;
    let span = FIRST_SPAN * this.unit;
    let [spans, steps, isSlow, left] = [1, FIRST_STEPS, true, maxSteps];
    for (;;) {
      if (isSlow) {
        const approach = finish(this.equations, this.laws.length, this.u, this.nearness());
        if (approach) return this.result("success", approach);
        if (this.rests() && !leadsAway(this.equations, this.u, this.nearness())) return this.result("success");
      }
      if (left <= 0) return this.result("noSteadyState");
      const before = this.u;
      const { result, statistics } = this.integrate(prepared, span, Math.min(steps, left));
      left = maxSteps - statistics.steps - statistics.rejected;
      onProgress?.({ t: this.t, steps: statistics.steps, residual: largestOf(this.slope) });
      if (result.kind === "success") {
        if (++spans > SPANS) return this.result("noSteadyState");
        span *= LONGER;
      } else if (result.kind !== "tooManySteps") {
        return this.result(result.kind);
      }
      isSlow = this.isSlow(before);
      steps = isSlow ? FIRST_STEPS : Math.min(2 * steps, MOST_STEPS);
    }
  }

  private integrate(prepared: Prepared, span: number, maxSteps: number): Trajectory {
    const { p, rtol, tspan, watch, deadline, signal } = this.request;
    const { accuracy, each, course } = this;
    const trajectory = integrate(
      prepared,
      {
        u0: this.u,
        p,
        t0: this.t,
        t1: tspan[0] + span,
        rtol: accuracy,
        atol: each.map((a) => a * Math.max(1, accuracy / rtol)),
        firstStep: this.h,
        maxSteps,
        deadline,
        signal,
        onSteps: (steps) => course.observe(steps),
        // Where this ends, the search does not.
        watch: watch && { observe: (steps) => watch.observe(steps), finish: () => {} },
      },
      this.trajectory,
    );
    const { result, final } = trajectory;
    this.trajectory = trajectory;
    this.u = final.slice();
    this.t = result.t;
    // At the end of a span it was shortened to meet that.
    this.h = result.kind === "tooManySteps" && Math.abs(result.h) > 0 ? Math.abs(result.h) : undefined;
    this.slope = this.equations.rhs(this.u);
    return trajectory;
  }

  /** Would the next step change every component by little? */
  private isSlow(before: Float64Array): boolean {
    const { sizes } = this.nearness();
    const { u, slope, h = 0 } = this;
    return u.every((x, i) => Math.abs(slope[i]) * h <= SLOW * sizes[i] || Math.abs(x - before[i]) <= SLOW ** 2 * sizes[i]);
  }

  /** Does nothing change any more, in the time that it took to come here? */
  private rests(): boolean {
    const { u, slope, each, unit, request } = this;
    const elapsed = this.t - request.tspan[0];
    return elapsed >= unit && u.every((x, i) => Math.abs(slope[i]) * elapsed <= each[i] + request.rtol * Math.abs(x));
  }

  private nearness(): Nearness {
    const { u, each, accuracy, request } = this;
    const { rtol } = request;
    const tolerances = u.map((x, i) => each[i] * Math.max(1, accuracy / rtol) + accuracy * Math.abs(x));
    return {
      sizes: u.map((x, i) => Math.max(Math.abs(x), tolerances[i])),
      scales: u.map((x, i) => Math.max(Math.abs(x), each[i] / rtol)),
      tolerances,
      rtol,
    };
  }

  private result(kind: Found["kind"], approach?: Approach): Found {
    const { equations, laws, course, trajectory, t } = this;
    const u = approach?.u ?? this.u;
    const stability = approach?.stability ?? instabilityAt(equations, laws.length, u);
    const [slope, isolated] = [equations.rhs(u), approach !== undefined];
    const { scales } = this.nearness();
    return { kind, u, slope, t, stability, isolated, laws, equations, scales, trajectory, course };
  }
}

/** Where a state is not isolated, or was not reached, eigenvalues next to it may show that it is unstable, but not that it is stable. */
function instabilityAt(equations: Equations, laws: number, u: Float64Array): Stability {
  const { stable, eigenvalue } = stabilityAt(equations, laws, u);
  return { stable: stable === false ? false : undefined, eigenvalue };
}

/** By Jacobians and right-hand sides at the start and around it. */
function lawsAt({ code, u0, p, tspan }: SearchRequest, equations: Equations): Float64Array[] {
  const n = u0.length;
  if (n > MOST_DENSE) return [];
  const isExact = executionOf(code).compiled && !code.derivatives?.jac;
  const columns: Float64Array[] = [];
  for (const { u } of pointsFrom({ u0, p, tspan })) {
    const slope = equations.rhs(u);
    const { values, notFinite } = equations.jacobian(u);
    if (notFinite.length > 0 || !slope.every(Number.isFinite)) continue;
    const here = Array.from({ length: n }, () => new Float64Array(n));
    const terms = new Float64Array(n);
    eachEntry(equations.pattern, (e, i, j) => {
      here[j][i] = values[e];
      terms[i] += Math.abs(values[e] * u[j]);
    });
    columns.push(...here);
    // Where it almost vanishes it is rounding of what it is a sum of.
    if (slope.every((f, i) => f === 0 || Math.abs(f) > 1e-6 * terms[i])) columns.push(slope);
  }
  return conservationLaws(n, columns, isExact ? ROUNDING.exact * n : ROUNDING.differences);
}

function largestOf(x: Float64Array): number {
  return x.reduce((max, y) => Math.max(max, Math.abs(y)), 0);
}
