/** Products of second derivatives with directions, by gradients of the problem's tangent (see tangent-code.ts). */
import type { AdjointMethod } from "../adjoints/shared/method.ts";
import { addStatistics, emptyStatistics } from "../../solvers/step-loop/statistics.ts";
import { ownLayout } from "../../src/arrays/layout.ts";
import { sizesOf, stateSizes } from "../../src/problem/sizes.ts";
import { consistentDerivativesOf } from "../../solvers/systems/consistent-derivatives.ts";
import { gradientOfAll } from "../adjoints/shared/all-times.ts";
import type { Direction } from "../adjoints/shared/directions.ts";
import { explainingFailures } from "../diagnosis/failure.ts";
import { planOf } from "../planner/planner.ts";
import { followingSwitches, switchesInState } from "../switching/switches.ts";
import { solvedDirection, statedGradient } from "../task/changed-parameters.ts";
import { DerivativeNotFinite, GradientCheckFailed } from "../task/errors.ts";
import { curvatureOfStart } from "../task/initial-state.ts";
import { requireFiniteGradient } from "../task/finite-gradient.ts";
import type { FlatGradient, GradientTask, StateSwitch, UnplannedTask } from "../task/task.ts";
import { checkVjp } from "../task/vjp-agreement.ts";
import { source } from "../vjp/backends/source.ts";
import { requireTangent } from "./refusals.ts";
import { carriedOf, type Carried } from "./carried.ts";
import { pair, tangentProblem } from "./tangent-code.ts";
import { tangentLoss, type Curvature } from "./tangent-loss.ts";

/** A product with a direction, by what derivatives are asked by; flat. */
export type Product = Pick<FlatGradient, "p" | "u0">;

/** Gradients may differ by such a part of their size and that of the product, or by so many times the relative tolerance. */
const DIFFERENCE = 1e-2;
const TOLERANCES = 1000;

/** Takes products of the second derivatives of a task's loss, one direction after the other. */
export class SecondDerivatives {
  private readonly taken: FlatGradient["stats"][] = [];
  private readonly told = new Set<string>();
  private readonly tangent: Pick<UnplannedTask, "code" | "loss" | "problem">;
  /** What has the tangent. */
  private readonly carried: Carried;

  /**
   * `adjoint`: the method, or its name, by which the tangent is differentiated; by default the cheapest. `gradient`: that of the loss.
   *
   * @throws SecondDerivativesRefused, and ReadError where the right-hand side cannot be read.
   */
  constructor(
    private readonly task: UnplannedTask,
    private readonly curvature: Curvature,
    private readonly adjoint: string | AdjointMethod | undefined,
    private readonly gradient: Product,
  ) {
    requireTangent(task);
    this.carried = carriedOf(task, curvature);
    const { problem: own, code, loss, switches } = this.carried;
    const problem = tangentProblem({ ...own, code }, switches);
    this.tangent = { code: problem.code, loss: tangentLoss(loss, curvature, own.layout.u), problem };
  }

  /** The product with a change of what the problem states. Its tangent is of the size of the state, and scaled back. */
  along(direction: Direction): Product {
    const { task, carried, curvature } = this;
    const size = sizeOf(task, direction);
    if (size === 0) return zeros(task);
    const change = scaled(direction, 1 / size);
    const { p, u0 } = solvedDirection(task, change);
    const tangent = pair(carried.u0, u0);
    this.startFrom(tangent, p);
    const found = this.gradientOf({
      ...carried,
      ...this.tangent,
      stateSwitches: carried.stops.map((t) => stillAt(t, 2 * carried.u0.length, 2 * task.p.length)),
      asked: ["p", "u0"],
      wrt: { p: true, u0: true, t0: false, t1: false },
      u0: tangent,
      p: pair(task.p, p),
      atol: typeof carried.atol === "number" ? carried.atol : pair(carried.atol, carried.atol),
    });
    this.taken.push(found.stats);
    found.warnings?.forEach((warning) => this.told.add(warning));
    // By the state and the parameters, or by the direction.
    const half = (of: Float64Array, second: boolean, length: number): Float64Array => {
      const start = second ? of.length / 2 : 0;
      return of.slice(start, start + length);
    };
    const [byState, byDirection] = [false, true].map((second) =>
      asked(
        task,
        statedGradient(task, {
          p: half(found.p!, second, task.p.length),
          u0: half(found.u0!, second, task.u0.length),
        }),
      ),
    );
    if (curvature === "gaussNewton") return scaled(byDirection, size);
    // The derivative by the initial state reaches p by a function of p, which changes too.
    if (byState.p && change.p)
      curvatureOfStart(task, half(found.u0!, true, task.u0.length), change.p)?.forEach((x, j) => (byState.p![j] += x));
    this.requireGradient(byDirection, byState, found.value);
    return scaled(byState, size);
  }

  /** With algebraic equations, a tangent begins where theirs hold. */
  private startFrom(tangent: Float64Array, change: Float64Array | undefined): void {
    const { code, target, u0, p, problem } = this.task;
    consistentDerivativesOf(code, target)?.tangent(tangent.subarray(u0.length), change, u0, p, problem.tspan[0]);
  }

  /** By the direction the slope of the loss has the gradient as its derivative: what was solved is a tangent of the problem. */
  private requireGradient(byDirection: Product, product: Product, slope: number): void {
    const { task, gradient } = this;
    const sizes = { p: sizesOf(task.p), u0: stateSizes(task.u0) };
    let [apart, size] = [0, Math.abs(slope)];
    for (const by of ["p", "u0"] as const) {
      byDirection[by]?.forEach((x, i) => {
        apart = Math.max(apart, Math.abs(x - gradient[by]![i]) * sizes[by][i]);
        size = Math.max(size, Math.abs(gradient[by]![i]) * sizes[by][i], Math.abs(product[by]![i]) * sizes[by][i]);
      });
    }
    if (apart <= Math.max(DIFFERENCE, TOLERANCES * task.rtol) * size) return;
    throw new GradientCheckFailed(
      `${task.problem.name}: the solve for second derivatives gives a gradient that differs from that of the loss by ` +
        `${(apart / size).toExponential(1)} of their size. Give smaller tolerances; if they still differ, please report this.`,
    );
  }

  /** What is to be said of the products. */
  get warnings(): readonly string[] {
    return [...this.told];
  }

  /** Of these solves, and of the ones that products took. */
  statistics<S extends FlatGradient["stats"]>(before: S): S {
    const [forward, backward] = [emptyStatistics(), emptyStatistics()];
    for (const stats of [before, ...this.taken]) {
      addStatistics(forward, stats.forward);
      if (stats.backward) addStatistics(backward, stats.backward);
    }
    return { ...before, forward, ...(this.taken.some((stats) => stats.backward) && { backward }) };
  }

  private gradientOf(tangent: UnplannedTask): FlatGradient {
    const { adjoint } = this;
    const planned = planOf(tangent, { adjoint, vjp: source.name });
    try {
      return gradientBy(tangent, planned);
    } catch (error) {
      if (adjoint !== undefined || !(error instanceof DerivativeNotFinite)) throw error;
      // As in gradients: a method may need more derivatives than there are.
      const tried = { adjoint: planned.method.name, because: error.what };
      return gradientBy(tangent, planOf(tangent, { vjp: source.name, tried }));
    }
  }
}

function gradientBy(tangent: UnplannedTask, { backend, method }: ReturnType<typeof planOf>): FlatGradient {
  const given: GradientTask = { ...tangent, backend };
  checkVjp({ ...given, code: given.code.asRead });
  const inState = switchesInState(given);
  const { problem, stateSwitches = [] } = given;
  const direction = Math.sign(problem.tspan[1] - problem.tspan[0]);
  const stops = [...stateSwitches, ...inState.stateSwitches].sort((a, b) => direction * (a.t - b.t));
  const task = followingSwitches(given, { ...inState, stateSwitches: stops });
  return explainingFailures(task, () =>
    requireFiniteGradient(task, task.loss.all ? gradientOfAll(method, task) : method.gradient(task)),
  );
}

/** A stop of the solve at which nothing moves. */
function stillAt(t: number, n: number, np: number): StateSwitch {
  const [byU, byP] = [n, np].map((count) => new Float64Array(count));
  return { t, byU, byP, jump: byU, fall: 0 };
}

/** The largest change, in sizes of what it changes. */
function sizeOf({ p, u0 }: UnplannedTask, direction: Direction): number {
  const largest = (by: Float64Array | undefined, sizes: Float64Array): number =>
    by ? by.reduce((max, x, i) => Math.max(max, Math.abs(x) / sizes[i]), 0) : 0;
  return Math.max(largest(direction.p, sizesOf(p)), largest(direction.u0, stateSizes(u0)));
}

function scaled<D extends Direction>({ p, u0 }: D, by: number): Direction {
  return { p: p?.map((x) => x * by), u0: u0?.map((x) => x * by) };
}

/** What was asked for, of the user's components. */
function asked({ asked: by, problem }: UnplannedTask, { p, u0 }: Product): Product {
  const own = ownLayout(problem.layout.u).size;
  return { p: by.includes("p") ? p : undefined, u0: by.includes("u0") ? u0?.subarray(0, own) : undefined };
}

function zeros(task: UnplannedTask): Product {
  return asked(task, { p: new Float64Array(task.p.length), u0: new Float64Array(task.u0.length) });
}
