/** The solution of a problem, in the user's shapes. */
import { componentNames, ownLayout, type Layout } from "../../src/arrays/layout.ts";
import { unpack, type Shaped } from "../../src/arrays/pack.ts";
import type { Switch } from "../events/switches.ts";
import type { Kept } from "./components.ts";
import { parametersIn, type ChangedParameters } from "../../src/problem/changed-parameters.ts";
import { NoDenseOutput, OutsideSolution } from "./errors.ts";
import { finite } from "../../src/core/options/kinds.ts";
import type { Spent } from "../../src/compile/tally.ts";
import type { Execution } from "../systems/problem-system.ts";
import type { DenseOutput } from "../step-loop/dense-output.ts";
import { belowTolerance } from "../step-loop/tolerances.ts";
import type { Statistics } from "../step-loop/statistics.ts";
import type { ResultKind, Trajectory } from "../step-loop/trajectory.ts";

export interface SolutionStatistics extends Readonly<Statistics>, Omit<Execution, "warning"> {
  /** Times at which the solve began anew, as the right-hand side may be another one behind them: found in its text, or asked for. */
  readonly stops: readonly number[];
  /** Events that took place, and whether one ended the solve before the end of tspan. */
  readonly events: number;
  readonly terminated: boolean;
  /** Modules compiled for it: 0 where everything was at hand, from this problem or another of the same content. */
  readonly compilations: number;
}

/** A solution as plain data. */
export interface SolutionRecord {
  readonly solver: string;
  readonly result: ResultKind;
  readonly warnings: readonly string[];
  readonly stats: SolutionStatistics;
  /** Of the components of a flat state. */
  readonly names: readonly string[];
  readonly t: readonly number[];
  /** One for each time. */
  readonly states: readonly (readonly number[])[];
}

/** An event that took place. */
export interface SolutionEvent<U, P = unknown> {
  readonly t: number;
  /** Its index in the problem's list of events. */
  readonly event: number;
  /** The states before and after it, in the shape of u0. */
  readonly before: Shaped<U>;
  readonly after: Shaped<U>;
  /** The parameters before and after it, in the shape of p; of a problem with events that change parameters. */
  readonly parameters?: { readonly before: Shaped<P>; readonly after: Shaped<P> };
}

/** What was solved. */
export interface Solved {
  readonly layout: { readonly u: Layout; readonly p: Layout };
  readonly p: Float64Array;
  readonly tspan: readonly [number, number];
  /** Parameters that events change: the trajectory's states hold them behind those of the problem. */
  readonly changed?: ChangedParameters;
}

/** How far beyond the ends roundings may move a time, relative to the larger one. */
const ROUNDING = 2 ** -47;

/** `S`: what is kept of a saved state. */
export class Solution<U, S = U, P = unknown> {
  /** The saved times. */
  readonly t: Float64Array;
  /** What was done; whether the right-hand side ran compiled, and if not, why. */
  readonly stats: SolutionStatistics;
  /** "success", or how the solve failed. */
  readonly result: ResultKind;
  /** The time that it came to: the end of tspan, that of an event that ended it, or of the failure. */
  readonly end: number;
  /**
   * What may be wrong with it without an error: components that are too small for their absolute tolerance, by name; that the
   * library misread the right-hand side, which therefore ran by itself; and that the times at which one that runs by itself switches
   * are not known. Of a solve for derivatives also what is not in those.
   */
  readonly warnings: readonly string[];
  /** Time spent reading and compiling, where that was not done before, and integrating. */
  readonly seconds: { readonly prepare: number; readonly solve: number };
  private shaped: Shaped<S>[] | undefined;
  private flat: Float64Array[] | undefined;
  private switched: readonly Switch[] | undefined;
  private happened: readonly SolutionEvent<U, P>[] | undefined;

  constructor(
    private readonly trajectory: Trajectory,
    private readonly of: Solved,
    /** The method's name; of a solve that changed methods, both and when. */
    readonly solver: string,
    execution: Execution,
    spent: Spent,
    atol: number | Float64Array,
    warnings: readonly string[] = [],
    private readonly listSwitches: () => readonly Switch[] = () => [],
    private readonly kept?: Kept,
  ) {
    this.t = new Float64Array(trajectory.savedTimes);
    this.stats = statisticsOf(trajectory, execution, spent);
    this.seconds = { prepare: spent.seconds - trajectory.seconds, solve: trajectory.seconds };
    this.result = trajectory.result.kind;
    this.end = trajectory.result.t;
    const small = belowTolerance(trajectory.sizes, atol, of.layout.u);
    const own = execution.warning && !warnings.includes(execution.warning) ? [execution.warning] : [];
    this.warnings = [...own, ...warnings, ...small];
  }

  /** The saved states, flat, each of length n, or of what is kept of it: views of one array. */
  get states(): Float64Array[] {
    const { n, savedStates } = this.trajectory;
    const size = this.kept?.layout.size ?? ownLayout(this.of.layout.u).size;
    const stride = this.kept ? size : n;
    return (this.flat ??= Array.from(this.t, (_, i) => savedStates.data.subarray(i * stride, i * stride + size)));
  }

  /** The saved states in the shape of u0, or what is kept of them, by the names that were asked for. */
  get u(): Shaped<S>[] {
    const layout = this.kept?.layout ?? this.of.layout.u;
    return (this.shaped ??= this.states.map((state) => unpack<S>(layout, state)));
  }

  /** The events that took place, in the order of the solve. */
  get events(): readonly SolutionEvent<U, P>[] {
    const shaped = (state: Float64Array): Shaped<U> => unpack<U>(this.of.layout.u, state);
    return (this.happened ??= this.trajectory.jumps.flatMap(({ t, event, before, after }) => {
      if (event === undefined) return [];
      const states = { t, event, before: shaped(before), after: shaped(after) };
      if (!this.of.changed) return [states];
      return [{ ...states, parameters: { before: this.parametersOf(before), after: this.parametersOf(after) } }];
    }));
  }

  /**
   * The parameters at a time of the span, in the shape of p: what those events have left that took place before it. At the time of an
   * event they are those before it.
   */
  parameters(t: number): Shaped<P> {
    finite(t, "t");
    const [t0, t1] = this.of.tspan;
    const past = this.trajectory.jumps.findLast((jump) => Math.sign(t1 - t0) * (t - jump.t) > 0);
    return this.parametersOf(past?.after);
  }

  private parametersOf(state: Float64Array | undefined): Shaped<P> {
    const { p, layout, changed } = this.of;
    return unpack<P>(layout.p, state && changed ? parametersIn(changed, state, p) : p);
  }

  /**
   * The comparisons and roundings of the right-hand side that switched, with the times at which they did and the solve began anew; and
   * those of the state that may have and are not tracked, as they stand in loops over many. Of `solve`; made when it is asked for.
   */
  get switches(): readonly Switch[] {
    return (this.switched ??= this.listSwitches());
  }

  /** The event that ended the solve before the end of tspan, if one did. */
  get terminated(): SolutionEvent<U, P> | undefined {
    return this.trajectory.terminated ? this.events.at(-1) : undefined;
  }

  /** Names of the components of flat states, as they are saved. */
  get names(): string[] {
    return this.kept ? [...this.kept.names] : componentNames(ownLayout(this.of.layout.u), "u");
  }

  /**
   * The state at any time that was solved for, by the method's dense output. At an event's time it is the state before it.
   *
   * @throws NoDenseOutput where only the times of `saveat` were kept, and OutsideSolution before the start and behind the end: that of tspan,
   * or where an event or a failure ended the solve.
   */
  at(t: number): Shaped<U> {
    const state = new Float64Array(this.trajectory.n);
    this.denseAt(t).interpolate(t, state);
    return unpack<U>(this.of.layout.u, state);
  }

  /**
   * The derivative of the state by t, of the same polynomials: one order less accurate than {@link at}, and it may jump where steps
   * meet. In the shape of u0.
   *
   * @throws NoDenseOutput and OutsideSolution as {@link at} does.
   */
  derivative(t: number): Shaped<U> {
    const slope = new Float64Array(this.trajectory.n);
    this.denseAt(t).differentiate(t, slope);
    return unpack<U>(this.of.layout.u, slope);
  }

  private denseAt(t: number): DenseOutput {
    finite(t, "t");
    const { dense } = this.trajectory;
    if (!dense?.steps) throw new NoDenseOutput(t);
    this.requireSolved(t);
    return dense;
  }

  /** Throws {@link OutsideSolution}. */
  private requireSolved(t: number): void {
    const { times, result, terminated } = this.trajectory;
    const [start, end] = [times[0], result.t];
    const near = ROUNDING * Math.max(Math.abs(start), Math.abs(end));
    if (t >= Math.min(start, end) - near && t <= Math.max(start, end) + near) return;
    throw new OutsideSolution(t, start, end, terminated ? "event" : this.result === "success" ? "span" : "failure");
  }

  /** Goes over the saved times and states: `for (const { t, u } of solution)`. */
  *[Symbol.iterator](): Generator<{ readonly t: number; readonly u: Shaped<S> }, void> {
    for (let i = 0; i < this.t.length; i++) yield { t: this.t[i], u: this.u[i] };
  }

  /** The saved states as comma-separated values (RFC 4180): a head of names, then a row for each time, numbers to their last digit. */
  toCSV(): string {
    const head = ["t", ...this.names].map((name) => (/[",\r\n]/.test(name) ? `"${name.replaceAll('"', '""')}"` : name));
    const rows = this.states.map((state, i) => [this.t[i], ...state].join(","));
    return [head.join(","), ...rows, ""].join("\n");
  }

  /** What `JSON.stringify(solution)` writes: times, flat states and their components' names, and how the solve went. */
  toJSON(): SolutionRecord {
    const { solver, result, warnings, stats, names, t, states } = this;
    return { solver, result, warnings, stats, names, t: [...t], states: states.map((state) => [...state]) };
  }
}

/** One by one: adding to what was spread takes microseconds. */
function statisticsOf(
  { statistics, jumps, terminated }: Trajectory,
  { compiled, reason, captured }: Execution,
  { compilations }: Spent,
): SolutionStatistics {
  const { steps, rejected, rhsCalls, jacobians, factorizations, linearSolves, newtonIterations, linearIterations } = statistics;
  const stops = jumps.flatMap(({ event, t }) => (event === undefined ? [t] : []));
  const all = {
    steps,
    rejected,
    rhsCalls,
    jacobians,
    factorizations,
    linearSolves,
    newtonIterations,
    linearIterations,
    compiled,
    stops,
    events: jumps.length - stops.length,
    terminated,
    compilations,
    ...(captured && { captured }),
  };
  return reason === undefined ? all : { reason, ...all };
}
