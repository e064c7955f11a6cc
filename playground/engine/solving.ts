/** Solves a model for the page, with sensitivities. */
import type { OdeProblem } from "../../src/problem/problem.ts";
import { ownLayout } from "../../src/arrays/layout.ts";
import { sensitivities } from "../../sensitivity/sensitivities.ts";
import { SolveFailed } from "../../solvers/solution/errors.ts";
import type { Solution } from "../../solvers/solution/solution.ts";
import { solve } from "../../solvers/solve/solve.ts";
import type { Curves, Setting } from "../shared/protocol.ts";
import { faultOf, warningOf } from "./places.ts";
import { optionsOf, type Options } from "./model.ts";

/** So many times are drawn, where that is not too much to keep and to draw. */
const MOST_TIMES = 1001;
const FEWEST_TIMES = 31;
const MOST_NUMBERS = 2e5;
/** Derivatives by more would take long, and nobody could tell them apart. */
const MOST_PARAMETERS = 24;
/** Of a time axis that grows by factors, the first time behind the start, in parts of the span. */
const FIRST = 1e-7;

type Done = Omit<Curves, "milliseconds">;

export function solved(problem: OdeProblem, setting: Setting, onProgress: () => void): Curves {
  const begun = performance.now();
  const options = { ...optionsOf(problem, setting), saveat: timesOf(problem, setting.logTime), onProgress };
  const curves = withSlopes(problem, options, setting.text);
  return { ...curves, milliseconds: performance.now() - begun };
}

interface Asked extends Options {
  readonly saveat: Float64Array;
  readonly onProgress: () => void;
}

function withSlopes(problem: OdeProblem, options: Asked, text: string): Done {
  const parameters = problem.layout.p.size;
  if (parameters === 0) return withoutSlopes(problem, options, "The model has no parameters.", text);
  if (parameters > MOST_PARAMETERS) {
    const why = `Sensitivities are drawn for up to ${MOST_PARAMETERS} parameters, and this model has ${parameters}.`;
    return withoutSlopes(problem, options, why, text);
  }
  try {
    const { solution, flat, switches, warnings } = sensitivities(problem, options);
    const times = switches.flatMap((one) => [...one.times]);
    return { ...curvesOf(solution, warnings, text), slopes: joined(flat.p!), switches: times };
  } catch (error) {
    return withoutSlopes(problem, options, faultOf(error, text).message, text);
  }
}

/** A solve that fails is drawn as far as it came. Throws what `solve` throws before it starts. */
function withoutSlopes(problem: OdeProblem, options: Asked, slopes: string, text: string): Done {
  try {
    const solution = solve(problem, options);
    const switches = solution.switches.flatMap(({ times }) => [...times]);
    return { ...curvesOf(solution, solution.warnings, text), slopes, switches };
  } catch (error) {
    if (!(error instanceof SolveFailed)) throw error;
    const failure = faultOf(error, text);
    return { ...curvesOf(error.solution as Solution<unknown>, [], text), slopes, switches: [], failure };
  }
}

function curvesOf(
  { t, states, solver, stats }: Solution<unknown>,
  warnings: readonly string[],
  text: string,
): Omit<Done, "slopes" | "switches"> {
  const { steps, rejected, compiled, reason } = stats;
  const all = compiled ? warnings : [...warnings, `It runs as it is, uncompiled: ${reason}`];
  return { t: t.slice(), states: joined(states), solver, steps, rejected, warnings: all.map((one) => warningOf(one, text)) };
}

function joined(rows: readonly Float64Array[]): Float64Array {
  const size = rows[0]?.length ?? 0;
  const all = new Float64Array(rows.length * size);
  rows.forEach((row, i) => all.set(row, i * size));
  return all;
}

function timesOf({ layout, tspan: [t0, t1] }: OdeProblem, isLog: boolean): Float64Array {
  const numbers = ownLayout(layout.u).size * (1 + Math.min(layout.p.size, MOST_PARAMETERS));
  const count = Math.max(FEWEST_TIMES, Math.min(MOST_TIMES, Math.floor(MOST_NUMBERS / numbers)));
  const part = (i: number): number => (isLog && i > 0 ? FIRST ** (1 - i / (count - 1)) : i / (count - 1));
  return Float64Array.from({ length: count }, (_, i) => (i === count - 1 ? t1 : t0 + (t1 - t0) * part(i)));
}
