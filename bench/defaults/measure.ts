/** What the default and each method by name take on a problem, by the error that they come to. */
import { methods } from "../../solvers/methods/index.ts";
import { solve } from "../../solvers/solve/solve.ts";
import { SolveFailed } from "../../solvers/solution/errors.ts";
import type { Method } from "../../solvers/step/method.ts";
import type { OdeProblem } from "../../src/problem/problem.ts";
import { secondsAt, type Point } from "../shared/equal-error.ts";
import type { Case } from "./cases.ts";

/** Methods without control of their error are not compared. */
export const adaptive: readonly Method[] = Object.values(methods)
  .filter((make) => isAdaptive(make))
  .map((make) => (make as () => Method)());

function isAdaptive(make: unknown): boolean {
  try {
    return (make as () => Method)().dt === undefined;
  } catch {
    return false;
  }
}

/** Milliseconds of one solve, at most; and seconds of all turns of one measurement, about. */
const LONGEST = 3000;
const TURNS = 0.25;
const MOST_TURNS = 100;
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
  const ladders = new Map<string, Point[]>();
  for (const method of adaptive) {
    const points: Point[] = [];
    for (const rtol of one.tolerances) {
      tell(`${one.name}: ${method.name} at ${rtol}`);
      const point = timed(problem, method, rtol, errorOf);
      // Tighter ones take longer still.
      if (point === undefined) break;
      points.push(point);
    }
    ladders.set(method.name, points);
  }
  const compared = one.compared.flatMap((rtol) => {
    tell(`${one.name}: default at ${rtol}`);
    const own = timed(problem, undefined, rtol, errorOf);
    if (!own) return [];
    const [[best, bestSeconds]] = [...ladders]
      .map(([name, points]) => [name, secondsAt(own.error, points) ?? Infinity] as const)
      .toSorted((a, b) => a[1] - b[1]);
    return [{ rtol, ...own, best, bestSeconds }];
  });
  return { compared, uncertainty: errorOf(second) };
}

function endOf(problem: OdeProblem, solver: Method | undefined, rtol: number, maxTime: number | undefined) {
  const { states, solver: name } = solve(problem, { solver, rtol, saveat: [problem.tspan[1]], maxTime });
  return { end: states[0], solver: name };
}

/** Undefined where it fails, or takes too long. */
function timed(
  problem: OdeProblem,
  solver: Method | undefined,
  rtol: number,
  errorOf: (end: Float64Array) => number,
): (Point & { readonly solver: string }) | undefined {
  try {
    const { end, solver: name } = endOf(problem, solver, rtol, LONGEST);
    return { error: errorOf(end), seconds: least(() => endOf(problem, solver, rtol, undefined)), solver: name };
  } catch (error) {
    if (error instanceof SolveFailed) return undefined;
    throw error;
  }
}

/** Seconds on the processor, the least of many turns: what else the machine does only adds to them. */
function least(work: () => void): number {
  let [spent, fewest] = [0, Infinity];
  for (let turn = 0; turn < MOST_TURNS && (turn < 2 || spent < TURNS); turn++) {
    const start = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(start);
    const seconds = (user + system) / 1e6;
    spent += seconds;
    fewest = Math.min(fewest, seconds);
  }
  return fewest;
}

function relativeError(end: Float64Array, reference: Float64Array): number {
  const largest = reference.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
  return reference.reduce((most, x, i) => Math.max(most, Math.abs(end[i] - x) / (Math.abs(x) + BESIDE_LARGEST * largest)), 0);
}
