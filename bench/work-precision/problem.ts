/** A problem as it is measured: with its end known, and the sizes that errors and tolerances are scaled by. */
import { problemTable } from "../../problems/index.ts";
import { fbdf } from "../../solvers/methods/fbdf.ts";
import { rodas5P } from "../../solvers/methods/rodas5p.ts";
import { vern9 } from "../../solvers/methods/vern9.ts";
import type { Method } from "../../solvers/step/method.ts";
import { solve } from "../../solvers/solve/solve.ts";
import { pack } from "../../src/arrays/pack.ts";
import { BadOption } from "../../src/core/errors.ts";
import type { OdeProblem } from "../../src/problem/problem.ts";

export interface Case {
  readonly name: string;
  readonly problem: OdeProblem;
  readonly isStiff: boolean;
  /** At the end, and where that is from. */
  readonly end: Float64Array;
  readonly source: string;
  /** Of each component the largest size on the way; absolute tolerances are the relative one times these. */
  readonly scale: Float64Array;
}

/** No component is so small beside the largest that rounding makes all of it. */
const LEAST_SCALE = 1e-30;
const TIGHT = 1e-12;

/** `name`: of the table, with its options: "brusselator:n=8". */
export function caseOf(name: string): Case {
  const [key, ...options] = name.split(":");
  if (!Object.hasOwn(problemTable, key))
    throw new BadOption(`work-precision: there is no problem ${key}. There are ${Object.keys(problemTable).join(", ")}.`);
  const { problem, reference } = problemTable[key].make(Object.fromEntries(options.map((option) => settingOf(option))));
  if (problem.events || problem.massMatrix !== undefined) {
    throw new BadOption(
      `work-precision: ${key} has ${problem.events ? "events" : "a mass matrix"}, and the others solve u' = f(u, p, t) alone.`,
    );
  }
  const look = solve(problem, { rtol: 1e-6, throwOnFailure: false });
  const isStiff = look.stats.linearSolves > 0 || /rkc|rock/.test(look.solver);
  const scale = new Float64Array(problem.layout.u.size);
  for (const state of look.states) state.forEach((u, i) => (scale[i] = Math.max(scale[i], Math.abs(u))));
  const largest = Math.max(...scale);
  scale.forEach((s, i) => (scale[i] = Math.max(s, LEAST_SCALE * largest)));
  const { end, source } = endOf(problem, reference?.end, isStiff, scale);
  return { name, problem, isStiff, end, source, scale };
}

function settingOf(option: string): [string, unknown] {
  const [key, value] = option.split("=");
  return [key, value !== undefined && value !== "" && Number.isFinite(Number(value)) ? Number(value) : value];
}

/** The published end, or a tight solve by one method, which another one has to agree with. */
function endOf(problem: OdeProblem, published: unknown, isStiff: boolean, scale: Float64Array): Pick<Case, "end" | "source"> {
  if (published !== undefined) return { end: pack(problem.layout.u, published, "end"), source: "the published one" };
  const by = (solver: Method): Float64Array =>
    solve(problem, { solver, rtol: TIGHT, atol: scale.map((s) => TIGHT * s), saveat: [problem.tspan[1]], maxSteps: 1e7 })
      .states[0];
  const [method, other] = isStiff ? [rodas5P(), fbdf()] : [vern9(), rodas5P()];
  const end = by(method);
  const apart = errorOf(by(other), { end, scale });
  return { end, source: `by ${method.name} at ${TIGHT}, from which ${other.name} is ${apart.toExponential(0)} away` };
}

/** The largest over the components, relative to their largest sizes. */
export function errorOf(u: ArrayLike<number>, { end, scale }: Pick<Case, "end" | "scale">): number {
  return end.reduce((most, x, i) => Math.max(most, Math.abs(u[i] - x) / scale[i]), 0);
}
