/** What the default and each method by name take on a problem, by the error that they come to. */
import { fbdf } from "../../solvers/methods/fbdf.ts";
import { methods } from "../../solvers/methods/index.ts";
import { gmres } from "../../solvers/newton/krylov.ts";
import { solve } from "../../solvers/solve/solve.ts";
import { SolveFailed } from "../../solvers/solution/errors.ts";
import type { Method } from "../../solvers/step/method.ts";
import type { OdeProblem } from "../../src/problem/problem.ts";
import { secondsAt, type Point } from "../shared/equal-error.ts";
import type { Case } from "./cases.ts";

/** What the default is compared with. Methods without control of their error are not. */
export const rivals: ReadonlyMap<string, Method> = new Map([
  ...Object.values(methods)
    .filter((make) => isAdaptive(make))
    .map((make) => (make as () => Method)())
    .map((method) => [method.name, method] as const),
  ["fbdf, gmres", fbdf({ linearSolver: gmres() })],
]);

function isAdaptive(make: unknown): boolean {
  try {
    return (make as () => Method)().dt === undefined;
  } catch {
    return false;
  }
}

/** Seconds of all turns of one measurement, about; and so many turns at most, of which two at least. */
const TURNS = 0.15;
const MOST_TURNS = 1000;
/** A method that takes so many times what the default took on the same problem, at most, is not followed to tighter tolerances. */
const HOPELESS = 2;
/** Seconds on the wall for a solve, at least: what is compiled, and what else the machine does, are no fault of a method. */
const PATIENCE = 3;
/** An error is that of the component which errs most, each by its size and so much of the largest one's. */
const BESIDE_LARGEST = 1e-3;
/** Of the tightest tolerance: of the reference, and of the second one that it is held to. */
const TIGHTER = [1e-3, 1e-2];

export interface Compared {
  readonly rtol: number;
  readonly error: number;
  readonly seconds: number;
  /** As the solution names it. */
  readonly solver: string;
  /** The fastest at that error. */
  readonly best: string;
  readonly bestSeconds: number;
}

export interface Measured {
  readonly compared: readonly Compared[];
  /** How far apart two references by different methods are. */
  readonly uncertainty: number;
}

/** `tell`: of each measurement, in a line. */
export function measure(one: Case, tell: (line: string) => void): Measured {
  const problem = one.problem();
  const tightest = one.tolerances.at(-1)!;
  const [reference, second] = TIGHTER.map((part, k) => {
    tell(`${one.name}: reference ${k + 1} of 2`);
    return endOf(problem, one.references[k](), part * tightest, undefined).end;
  });
  const errorOf = (end: Float64Array): number => relativeError(end, reference);
  const own = one.compared.flatMap((rtol) => {
    tell(`${one.name}: default at ${rtol}`);
    const point = timed(problem, undefined, rtol, errorOf);
    return point ? [{ rtol, ...point }] : [];
  });
  const ladders = [...rivals].map(
    ([name, method]) =>
      [
        name,
        ladderOf(one.tolerances, own, (rtol, limit) => {
          tell(`${one.name}: ${name} at ${rtol}`);
          return timed(problem, method, rtol, errorOf, limit);
        }),
      ] as const,
  );
  const compared = own.map((first) => {
    // Again, as what the others have run is compiled by now.
    tell(`${one.name}: default at ${first.rtol} once more`);
    const again = timed(problem, undefined, first.rtol, errorOf);
    const point = { ...first, seconds: Math.min(first.seconds, again?.seconds ?? Infinity) };
    const [[best, bestSeconds]] = ladders
      .map(([name, points]) => [name, secondsAt(point.error, points) ?? Infinity] as const)
      .toSorted((a, b) => a[1] - b[1]);
    return { ...point, best, bestSeconds };
  });
  return { compared, uncertainty: errorOf(second) };
}

/** The points of a method, from the loosest tolerance on, as far as they may be faster than the default at errors of its. */
function ladderOf(
  tolerances: readonly number[],
  own: readonly Point[],
  measured: (rtol: number, limit: number) => Point | undefined,
): Point[] {
  const slowest = Math.max(...own.map(({ seconds }) => seconds));
  const smallest = Math.min(...own.map(({ error }) => error));
  const points: Point[] = [];
  for (const rtol of tolerances) {
    const point = measured(rtol, HOPELESS * slowest);
    if (point === undefined) break;
    points.push(point);
    if (point.error <= smallest || point.seconds > HOPELESS * slowest) break;
  }
  return points;
}

function endOf(problem: OdeProblem, solver: Method | undefined, rtol: number, maxTime: number | undefined) {
  const { states, solver: name } = solve(problem, { solver, rtol, saveat: [problem.tspan[1]], maxTime });
  return { end: states[0], solver: name };
}

/** Undefined where it fails, or takes too long. `limit`: seconds, of more than which one turn is enough. */
function timed(
  problem: OdeProblem,
  solver: Method | undefined,
  rtol: number,
  errorOf: (end: Float64Array) => number,
  limit = Infinity,
): (Point & { readonly solver: string }) | undefined {
  try {
    const maxTime = 1e3 * Math.max(PATIENCE, limit);
    const { end, solver: name } = endOf(problem, solver, rtol, maxTime);
    return { error: errorOf(end), seconds: least(() => endOf(problem, solver, rtol, maxTime), limit), solver: name };
  } catch (error) {
    if (error instanceof SolveFailed) return undefined;
    throw error;
  }
}

/** Seconds on the processor, the least of many turns: what else the machine does only adds to them. */
function least(work: () => void, limit: number): number {
  let [spent, fewest] = [0, Infinity];
  for (let turn = 0; turn < MOST_TURNS && (turn < 2 || spent < TURNS); turn++) {
    const start = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(start);
    const seconds = (user + system) / 1e6;
    spent += seconds;
    fewest = Math.min(fewest, seconds);
    if (fewest > 2 * limit) break;
  }
  return fewest;
}

function relativeError(end: Float64Array, reference: Float64Array): number {
  const largest = reference.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
  return reference.reduce((most, x, i) => Math.max(most, Math.abs(end[i] - x) / (Math.abs(x) + BESIDE_LARGEST * largest)), 0);
}
