/** Derivatives of the solution at saved times, by parameters and initial state. */
import { requireRoom } from "../src/core/memory.ts";
import { startTally, type Spent } from "../src/compile/tally.ts";
import { ownLayout } from "../src/arrays/layout.ts";
import { unpackJacobian, type ShapedJacobian } from "../src/problem/jacobian.ts";
import type { Layout } from "../src/arrays/layout.ts";
import { AdjointFailed } from "../src/core/errors.ts";
import { BadGradientOption } from "./vjp/errors.ts";
import { redoing } from "../src/read/misreading.ts";
import { checkOptions, type Checks } from "../src/core/options/check.ts";
import { deadlineOf } from "../src/core/options/time-limit.ts";
import { holding, type OdeProblem } from "../src/problem/problem.ts";
import { eventWarnings } from "../solvers/events/events.ts";
import { executionOf } from "../solvers/systems/problem-system.ts";
import { times } from "../solvers/solution/save-times.ts";
import { Solution } from "../solvers/solution/solution.ts";
import { componentDirections } from "./adjoints/shared/directions.ts";
import { tangentsAlong } from "./adjoints/forward/tangents.ts";
import { unreadWarnings } from "./diagnosis/unread.ts";
import { followingSwitches, switchesInState } from "./switching/switches.ts";
import { switchingOf, type Switching } from "./switching/reported.ts";
import { solvedDirection, statedSizes } from "./task/changed-parameters.ts";
import { savedLoss } from "./losses/saved.ts";
import { atMostTwice } from "./task/second-try.ts";
import { derivativeChecks, withSpan, taskOf, wrtOf, type DerivativeOptions } from "./task/options.ts";
import { explainingFailures } from "./diagnosis/failure.ts";
import { source } from "./vjp/backends/source.ts";

/** What `sensitivities` takes. */
export interface SensitivityOptions<U = unknown, P = unknown> extends Omit<
  DerivativeOptions<U, P>,
  "wrt" | "backward" | "memoryBudget"
> {
  /** What the solution is differentiated by: one, or both. ["p"] by default. */
  readonly wrt?: "p" | "u0" | readonly ("p" | "u0")[];
  /** The times of the derivatives: a number is the distance between them, from the start on, both ends included; an array gives them. */
  readonly saveat: number | ArrayLike<number>;
}

const { backward: _backward, memoryBudget: _memoryBudget, ...checks } = derivativeChecks;
const sensitivityChecks: Checks<SensitivityOptions> = { ...checks, saveat: times };

function requireFiniteSlopes(slopes: Float64Array): void {
  const wrong = slopes.find((slope) => !Number.isFinite(slope));
  if (wrong !== undefined) throw new AdjointFailed(`a derivative of the solution is ${wrong}.`);
}

/** The solution with its derivatives at saved times. */
export class Sensitivities<U, P> implements Switching {
  constructor(
    /** The solution as `solve` gives it, at the saved times; its `stats` count the work of the derivatives too. */
    readonly solution: Solution<U, U, P>,
    /** ∂u/∂p and ∂u/∂u0 at each saved time: matrices [components of u, components of p or u0], row-major, both in flat order. */
    readonly flat: { readonly p?: readonly Float64Array[]; readonly u0?: readonly Float64Array[] },
    private readonly layout: { readonly u: Layout; readonly p: Layout },
    readonly switches: Switching["switches"],
    readonly warnings: Switching["warnings"],
  ) {}

  /**
   * ∂u/∂p at each saved time, by the names of u and p: `p[i].prey.a`. Where either is an array it is an ndarray with the axes of u
   * before those of p. The list is empty unless `wrt` names p.
   */
  get p(): ShapedJacobian<U, P>[] {
    const { u, p } = this.layout;
    return (this.flat.p ?? []).map((matrix) => unpackJacobian<U, P>(u, p, matrix));
  }

  /** ∂u/∂u0 likewise: `u0[i].prey.predator` is that of the prey by the initial number of predators. */
  get u0(): ShapedJacobian<U, U>[] {
    const { u } = this.layout;
    return (this.flat.u0 ?? []).map((matrix) => unpackJacobian<U, U>(u, u, matrix));
  }
}

/**
 * Computes the derivatives of the solution with respect to parameters and initial state, at saved times, by dual numbers through the
 * solver: the tolerances hold for the derivatives too. The cost grows with the number of derivatives; a loss of many parameters is for
 * `gradient`. At an event's time they are the derivatives of the state before it.
 *
 * @param problem - The problem; `options` may give other values of u0, p and tspan.
 * @param options - The times, what the solution is differentiated by, and how the problem is solved.
 * @returns The solution and its derivatives at the saved times.
 * @throws What `solve` throws.
 * @throws BadGradientOption where `wrt` names anything but p and u0.
 * @throws ReadError where the right-hand side can be neither read nor traced.
 * @throws AdjointFailed where the solve with derivatives did not reach the end, and NotDifferentiable where a derivative that is not
 * finite is the cause.
 * @example
 * const { p } = sensitivities(lotkaVolterra, { saveat: [10] });
 * p[0].prey.a; // ∂prey(10)/∂a
 */
export function sensitivities<U, P, C>(
  problem: OdeProblem<U, P, C>,
  options: SensitivityOptions<NoInfer<U>, NoInfer<P>>,
): Sensitivities<U, P> {
  const spent = startTally();
  return holding(problem, "sensitivities", (held) => {
    checkOptions(options, sensitivityChecks, "sensitivities");
    requireNoEnds(wrtOf<string>(options.wrt));
    return atMostTwice(held as OdeProblem, options as SensitivityOptions, (given, notes) =>
      redoing(held.code, () => alongOnce(held, given as typeof options, spent, notes)),
    );
  });
}

function alongOnce<U, P>(
  problem: OdeProblem<U, P>,
  options: SensitivityOptions<U, P>,
  spent: () => Spent,
  notes: readonly string[],
): Sensitivities<U, P> {
  const spanned = withSpan(problem as OdeProblem, options);
  const given = {
    ...taskOf(spanned, options, savedLoss(spanned.tspan, options.saveat, problem.layout.u.size), deadlineOf(options)),
    backend: source,
  };
  const { u0, loss, wrt, p } = given;
  const directed = (wrt.p ? p.length : 0) + (wrt.u0 ? u0.length : 0);
  requireRoom(
    `sensitivities of ${u0.length} states at ${loss.times.length} times by ${directed} numbers`,
    directed,
    2 * u0.length * loss.times.length,
    (most) =>
      `By ${most} numbers they would do. Save fewer times, or take \`gradient\` of a loss, whose size is that of p and u0.`,
  );
  const inState = switchesInState(given);
  const task = followingSwitches(given, inState);
  const { directions: stated, scales } = componentDirections(statedSizes(task));
  const directions = stated.map((direction) => solvedDirection(task, direction));
  const { trajectory, slopes, solver } = explainingFailures(task, () => {
    const along = tangentsAlong(task, directions, "all");
    along.slopes.forEach(requireFiniteSlopes);
    return along;
  });
  /** The matrices whose columns are slopes over sizes. */
  const matrices = (columns: readonly Float64Array[], sizes: Float64Array): Float64Array[] => {
    const [n, m, rows] = [u0.length, columns.length, ownLayout(problem.layout.u).size];
    return Array.from(loss.times, (_, s) => {
      const matrix = new Float64Array(rows * m);
      columns.forEach((slope, j) => {
        for (let i = 0; i < rows; i++) matrix[i * m + j] = slope[s * n + i] / sizes[j];
      });
      return matrix;
    });
  };
  const { length: parameters } = scales.p;
  const flat = {
    ...(task.wrt.p && { p: matrices(slopes.slice(0, parameters), scales.p) }),
    ...(task.asked.includes("u0") && { u0: matrices(slopes.slice(parameters), scales.u0) }),
  };
  const { layout, code } = problem;
  const of = { layout, p, tspan: spanned.tspan, changed: task.code.changed };
  const solution = new Solution<U, U, P>(trajectory, of, solver, executionOf(code), spent(), task.atol);
  const { switches, warnings: ofSwitches } = switchingOf(task, inState);
  const warnings = [...notes, ...unreadWarnings(task), ...eventWarnings(task.code, trajectory.missed), ...ofSwitches];
  return new Sensitivities<U, P>(solution, flat, layout, switches, warnings);
}

function requireNoEnds(wrt: readonly string[]): void {
  const end = wrt.find((name) => ["t0", "t1", "at"].includes(name));
  if (end === undefined) return;
  throw new BadGradientOption(`wrt: sensitivities are by p and u0. For ${end} take \`gradient\` of a loss.`);
}
