/** An experiment: observations, with the problem under their conditions. */
import { componentNames, componentPath, ownLayouts, type Layout } from "../../src/arrays/layout.ts";
import { startOf } from "../../solvers/systems/start.ts";
import type { Operator } from "../../src/problem/operator.ts";
import { pack, packFinite, unpack } from "../../src/arrays/pack.ts";
import { isObject } from "../../src/core/options/check.ts";
import { nearest } from "../../src/core/options/names.ts";
import { withParametersInState } from "../../src/problem/parameters-in-state.ts";
import { requireProblem, type OdeProblem } from "../../src/problem/problem.ts";
import { BadData } from "../data/errors.ts";
import { seriesWhere, type Observations, type Series } from "../data/observations.ts";

/** A series, and what it is of: a component of the state, or a function of it. */
export interface ObservedSeries extends Series {
  readonly component?: number;
}

export interface Experiment {
  readonly problem: OdeProblem;
  /** The user's. */
  readonly layout: Readonly<Record<"u" | "p", Layout>>;
  readonly times: Float64Array;
  readonly series: readonly ObservedSeries[];
  readonly constants: unknown;
  /** Flat, before what is fitted is put in. */
  readonly u0: Float64Array;
  /** What gives u0 at the parameters; absent where it is given (see startOf). */
  readonly start?: Operator;
  readonly p: Float64Array;
}

/** The experiments of the observations, with `index` the place of each in messages. Throws {@link BadData}. */
export function experimentsOf(verb: string, problem: OdeProblem, data: Observations | readonly Observations[]): Experiment[] {
  requireProblem(problem, verb);
  const all = Array.isArray(data) ? (data as readonly Observations[]) : [data as Observations];
  if (all.length === 0)
    throw new BadData(`${verb}: there are no observations. Give observations({ t, values }), or a list of them.`);
  return all.map((observed, k) => experiment(problem, observed, all.length > 1 ? `observations[${k}]` : "observations"));
}

/** Throws {@link BadData}. */
export function requireObservations(observed: Observations, what: string): void {
  if (!isObject(observed) || !("series" in observed)) {
    throw new BadData(`${what} was not made by observations({ t, values }).`);
  }
}

function experiment(problem: OdeProblem, observed: Observations, what: string): Experiment {
  requireObservations(observed, what);
  const layout = ownLayouts(problem.layout);
  const { times, series, constants } = observed;
  const names = componentNames(layout.u, "u");
  const tspan = spanOf(problem, observed, what);
  const p = packFinite(layout.p, withOwn(layout.p, problem.p, observed.p, `${what}.p`), `${what}.p`);
  const u0 = packFinite(layout.u, startWith(problem, layout.u, p, observed.u0, `${what}.u0`), `${what}.u0`);
  const start = observed.u0 === undefined ? problem.code.operators.u0 : undefined;
  const placed = series.map((one): ObservedSeries => {
    if (one.of) return one;
    const component = names.indexOf(one.name);
    if (component >= 0) return { ...one, component };
    const near = nearest(one.name, names);
    throw new BadData(
      `${what} has values of "${one.name}", which is no component of the state. ${near === undefined ? "" : `Is "${near}" meant? `}` +
        `What is a function of the state is given by that: of: { ${one.name}: (u, p, t) => … }.`,
    );
  });
  return { problem: { ...problem, tspan }, layout, times, series: placed, constants, u0, start, p };
}

/** The observations of all of them. */
export function countOf(experiments: readonly Experiment[]): number {
  return experiments.reduce((sum, { series }) => sum + series.reduce((own, { at }) => own + at.length, 0), 0);
}

/** From the start, to the last time where the experiment has no span of its own. Throws {@link BadData}. */
function spanOf(problem: OdeProblem, { times, tspan }: Observations, what: string): readonly [number, number] {
  const [start, end] = tspan ?? problem.tspan;
  const last = times[times.length - 1];
  const given = `tspan [${start}, ${end}]`;
  const advice = "Give tspan: [start, end] of this experiment.";
  if (start > end) throw new BadData(`${what} is met from earlier to later times, but ${given} goes back. ${advice}`);
  const wrong = times[0] < start ? times[0] : tspan && last > end ? last : undefined;
  if (wrong !== undefined) throw new BadData(`${what} has a value at t = ${wrong}, outside of ${given}. ${advice}`);
  return [start, tspan ? end : Math.max(end, last)];
}

/** Throws {@link BadData} where events change parameters: a part that starts behind one would have those of the start. */
export function requireStillParameters(problem: OdeProblem, what: string): void {
  const { changed } = withParametersInState(problem).code;
  if (!changed) return;
  throw new BadData(
    `${what}: an event changes ${componentPath(problem.layout.p, changed.indices[0], "p")}, of which a part that starts later knows ` +
      "nothing. Make it a component of u whose derivative is 0, which such parts start at a value of their own.",
  );
}

/** What of a series is at the times from `from` to before `to`, which count from `origin` on. */
export function seriesWithin(series: ObservedSeries, from: number, to: number, origin = 0): ObservedSeries {
  const part = seriesWhere(series, (time) => time >= from && time < to);
  return { ...part, at: part.at.map((time) => time - origin) };
}

/** The problem's p, or u0, with what is given of it in this experiment. Throws {@link BadData}. */
export function withOwn(layout: Layout, whole: unknown, own: unknown, what: string): unknown {
  if (own === undefined) return whole;
  if (layout.kind !== "struct") return own;
  const known = Object.keys(layout.fields);
  if (!isObject(own)) throw new BadData(`${what} must be an object with some of ${known.join(", ")}.`);
  const unknown = Object.keys(own).find((name) => !known.includes(name));
  if (unknown !== undefined) throw new BadData(`${what} has "${unknown}", but its components are ${known.join(", ")}.`);
  const joined = { ...(whole as object), ...own };
  pack(layout, joined, what);
  return joined;
}

/** Of this experiment, where it is not what the problem says. Throws {@link BadData}. */
function startWith(problem: OdeProblem, layout: Layout, p: Float64Array, own: unknown, what: string): unknown {
  const stated = (): unknown => unpack(layout, startOf(problem, undefined, p));
  if (own === undefined || layout.kind !== "struct" || !isObject(own)) return own ?? stated();
  const missing = Object.keys(layout.fields).find((name) => !Object.hasOwn(own, name));
  if (missing !== undefined && problem.code.operators.u0) {
    throw new BadData(
      `${what} has no "${missing}". Where u0 is a function of p, as in this problem, give all of it, or none: what it depends on can be in \`p\`.`,
    );
  }
  return withOwn(layout, stated(), own, what);
}
