/** The library's own methods over a ladder of tolerances. */
import { fbdf } from "../../solvers/methods/fbdf.ts";
import { kvaerno5 } from "../../solvers/methods/kvaerno5.ts";
import { rkc } from "../../solvers/methods/rkc.ts";
import { rodas5P } from "../../solvers/methods/rodas5p.ts";
import { rosenbrock23 } from "../../solvers/methods/rosenbrock23.ts";
import { trbdf2 } from "../../solvers/methods/trbdf2.ts";
import { tsit5 } from "../../solvers/methods/tsit5.ts";
import { vern7 } from "../../solvers/methods/vern7.ts";
import { vern9 } from "../../solvers/methods/vern9.ts";
import { solve } from "../../solvers/solve/solve.ts";
import { OutOfTime, SolveFailed } from "../../solvers/solution/errors.ts";
import type { Method } from "../../solvers/step/method.ts";
import { errorOf, type Case } from "./problem.ts";

export interface Point {
  readonly rtol: number;
  readonly error: number;
  /** The least of several runs. */
  readonly seconds: number;
  /** Calls of the right-hand side. */
  readonly calls: number;
}

export interface Measured {
  readonly method: string;
  readonly isPeer: boolean;
  readonly points: readonly Point[];
}

export const RTOLS = [1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 1e-9, 1e-10] as const;

/** Seconds for one solve; a method that takes longer is left out from there on. */
export const PATIENCE = 2;
/** Runs of a tolerance at least, and the seconds that they take together at least, and at most. */
const RUNS = 3;
const SECONDS = { least: 0.1, most: 0.5 };

/** Undefined: what is chosen where nothing is said. */
function methodsFor({ isStiff }: Case): readonly (Method | undefined)[] {
  const stiff = [rosenbrock23(), trbdf2(), kvaerno5(), rodas5P(), fbdf()];
  return isStiff ? [undefined, ...stiff, rkc(), tsit5()] : [undefined, tsit5(), vern7(), vern9(), rodas5P(), fbdf()];
}

export function measured(of: Case, onProgress: (line: string) => void, notes: string[]): Measured[] {
  return methodsFor(of).flatMap((solver) => {
    const method = solver?.name ?? "nothing said";
    onProgress(`${of.name}: ${method}`);
    const points: Point[] = [];
    try {
      for (const rtol of RTOLS) points.push(pointOf(of, solver, rtol));
    } catch (error) {
      if (!(error instanceof SolveFailed)) throw error;
      const why = error instanceof OutOfTime ? `takes longer than ${PATIENCE} s` : `fails (${error.name})`;
      notes.push(`${of.name}: ${method} ${why} at rtol ${RTOLS[points.length]}.`);
    }
    return points.length > 0 ? [{ method, isPeer: false, points }] : [];
  });
}

function pointOf(of: Case, solver: Method | undefined, rtol: number): Point {
  const { problem, scale } = of;
  const options = {
    solver,
    rtol,
    atol: scale.map((s) => rtol * s),
    saveat: [problem.tspan[1]],
    maxTime: 1e3 * PATIENCE,
    maxSteps: Infinity,
  };
  // It compiles.
  let solution = solve(problem, options);
  let [seconds, spent] = [Infinity, 0];
  for (let run = 0; (run < RUNS || spent < SECONDS.least) && (run === 0 || spent < SECONDS.most); run++) {
    const start = performance.now();
    solution = solve(problem, options);
    const taken = (performance.now() - start) / 1e3;
    seconds = Math.min(seconds, taken);
    spent += taken;
  }
  return { rtol, error: errorOf(solution.states[0], of), seconds, calls: solution.stats.rhsCalls };
}
