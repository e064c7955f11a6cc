/** Second derivatives: of losses through the solve, and of functions. */
import { packFinite, type Shaped } from "../src/arrays/pack.ts";
import type { NdArray } from "../src/arrays/ndarray.ts";
import { checkOptions, object, type Checks } from "../src/core/options/check.ts";
import { anything, oneOf } from "../src/core/options/kinds.ts";
import { deadlineOf } from "../src/core/options/time-limit.ts";
import { requireRoom } from "../src/core/memory.ts";
import { holding, type Loss, type OdeProblem } from "../src/problem/problem.ts";
import { redoing } from "../src/read/misreading.ts";
import { componentDirections, randomDirection, type Direction } from "./adjoints/shared/directions.ts";
import { gradient, gradientChecks, type GradientOptions } from "./gradient.ts";
import { checkProduct } from "./hessian-check.ts";
import { withLoss } from "./losses/loss.ts";
import { short } from "./planner/quantities.ts";
import { SecondDerivatives, type Product } from "./second-order/products.ts";
import {
  axesOf,
  Hessian,
  inOne,
  sizeOf,
  symmetric,
  timesDirection,
  type HessianWrt,
  type WithGradient,
} from "./second-order/result.ts";
import type { Curvature } from "./second-order/tangent-loss.ts";
import { statedSizes } from "./task/changed-parameters.ts";
import { taskOf, withSpan, wrtOf } from "./task/options.ts";
import { shapedGradient, type ShapedGradient } from "./task/shaped-gradient.ts";
import type { UnplannedTask } from "./task/task.ts";
import { BadGradientOption } from "./vjp/errors.ts";
import {
  hessian as hessianOfFunction,
  hessianVectorProduct as productOfFunction,
  type OperatorOptions,
} from "./vjp/operators/operators.ts";

/** What `hessian` of a problem takes: what `gradient` takes, by parameters and initial state. */
export interface HessianOptions<U = unknown, P = unknown, C = unknown, W extends HessianWrt = HessianWrt> extends Omit<
  GradientOptions<U, P, C>,
  "wrt" | "vjp"
> {
  /** The name of the vjp backend: second derivatives are made of programs, by "source". */
  readonly vjp?: "source";
  /** What is differentiated by: one, or both. ["p"] by default. */
  readonly wrt?: W;
  /**
   * "full": the second derivatives of the loss. "gaussNewton": without those of the solution, Σ Sᵀ (∂²ℓ/∂u²) S of its derivatives S and
   * the loss ℓ of the state, with an integral likewise; never negative where ℓ is convex, as of squares, and what is left of the Hessian
   * where residuals vanish. Default "full".
   */
  readonly curvature?: Curvature;
  /**
   * True also compares second derivatives, along one direction, with differences of gradients, which takes some ten of them. With
   * curvature "full" only. Default false.
   */
  readonly check?: boolean;
}

/** What `hessianVectorProduct` of a problem takes. */
export interface HessianVectorOptions<
  U = unknown,
  P = unknown,
  C = unknown,
  W extends HessianWrt = HessianWrt,
> extends HessianOptions<U, P, C, W> {
  /** A change of what `wrt` names, in the shapes of p and u0; what is left out does not change. */
  readonly direction: { readonly p?: P | Shaped<P>; readonly u0?: U | Shaped<U> };
}

/** A product of second derivatives with a direction. */
export interface HessianVectorProduct<U = unknown, P = unknown, W extends HessianWrt = HessianWrt> extends WithGradient<U, P, W> {
  /** In the shapes of p and u0. */
  readonly product: ShapedGradient<U, P, W>;
  /** In flat order. */
  readonly flat: Product;
}

const checks: Checks<HessianOptions> = { ...gradientChecks, curvature: oneOf("full", "gaussNewton") };
const productChecks: Checks<HessianVectorOptions> = { ...checks, direction: object({ p: anything, u0: anything }) };

/** Entries of the matrix and of its transpose may differ by so many times the relative tolerance of the largest, in units of what they are by. */
const ASYMMETRY = 100;

/**
 * The Hessian of a loss with respect to parameters and initial state, exact for the solve: one gradient, and for each number that it is by
 * one of the problem's tangent, about two gradients' time. Rows and columns are in the order of `names`; the mean of the matrix and its
 * transpose is given, and `warnings` say where these differ by more than the tolerances let them.
 *
 * With a function in place of the problem: see {@link OperatorOptions}; it gives a function of x that returns the ndarray [n, n].
 *
 * @param problem - The problem; `options` may give other values of u0, p and tspan.
 * @param options - What `gradient` takes, by p and u0.
 * @returns The matrix, flat and by names, with the loss and its gradient.
 * @throws What `gradient` throws.
 * @throws SecondDerivativesRefused where something jumps at a time that is compared with a parameter, with jumps and events at times that move
 * beside a mass matrix, functions that cannot be read, and losses { steady }.
 * @example
 * const h = hessian(lotkaVolterra, { loss: { at: times, of: (u, p, t, i, { data }) => (u.prey - data[i]) ** 2, constants: { data } } });
 * h.p.p.a.b; // ∂²L/∂a∂b
 */
export function hessian<U, P, C, L = unknown, const W extends HessianWrt = "p">(
  problem: OdeProblem<U, P, C>,
  options: HessianOptions<NoInfer<U>, NoInfer<P>, L, W>,
): Hessian<U, P, W>;
/** The Hessian of a function whose value is one number: a function that gives an ndarray [n, n] in the flat order of x. */
export function hessian<X, Rest extends readonly unknown[]>(
  f: (x: X, ...rest: Rest) => number,
  options?: OperatorOptions,
): (x: X, ...rest: Rest) => NdArray<Float64Array>;
export function hessian(of: OdeProblem | ((x: unknown) => number), options?: object): unknown {
  if (typeof of === "function") return hessianOfFunction(of, options);
  const { result, known } = secondDerivatives(of, "hessian", checks, options as HessianOptions, (along, task) => {
    const axes = axesOf(of.layout, task.asked);
    const size = sizeOf(axes);
    requireRoom(`a Hessian by ${size} numbers`, size, size, (most) => `By ${most} they would do. Take hessianVectorProduct.`);
    const { directions, scales } = componentDirections(statedSizes(task));
    const units = [...scales.p, ...scales.u0];
    const rows = directions.map((direction, j) => inOne(along(direction)).map((x) => x / units[j]));
    const { matrix, asymmetry } = symmetric(rows, units);
    const direction = randomDirection(statedSizes(task));
    return {
      result: { matrix, axes },
      direction,
      product: timesDirection(matrix, axes, direction),
      warnings: asymmetry > ASYMMETRY * task.rtol ? [asymmetryWarning(asymmetry)] : [],
    };
  });
  return new Hessian(result.matrix, result.axes, known);
}

function asymmetryWarning(asymmetry: number): string {
  return (
    `The matrix and its transpose differ by ${short(asymmetry)} of the largest entry, in units of what they are by: second derivatives are no ` +
    "better known than that at these tolerances. Give a smaller rtol and atol."
  );
}

/**
 * The product of the Hessian of a loss with a direction, by one gradient of the problem's tangent, about two gradients' time whatever the
 * number of parameters.
 *
 * With a function in place of the problem it gives a function of x and v, see {@link OperatorOptions}.
 *
 * @param problem - The problem; `options` may give other values of u0, p and tspan.
 * @param options - What `hessian` takes, and the direction.
 * @returns The product in the shapes of p and u0, with the loss and its gradient.
 * @throws What `hessian` throws.
 * @example
 * hessianVectorProduct(lotkaVolterra, { loss, direction: { p: { a: 1, b: 0, c: 0, d: 0 } } }).product.p.b; // ∂²L/∂a∂b
 */
export function hessianVectorProduct<U, P, C, L = unknown, const W extends HessianWrt = "p">(
  problem: OdeProblem<U, P, C>,
  options: HessianVectorOptions<NoInfer<U>, NoInfer<P>, L, W>,
): HessianVectorProduct<U, P, W>;
/** The product for a function whose value is one number: a function of x and v, both in the shape of x. */
export function hessianVectorProduct<X, Rest extends readonly unknown[]>(
  f: (x: X, ...rest: Rest) => number,
  options?: OperatorOptions,
): (x: X, v: X | Shaped<X>, ...rest: Rest) => Shaped<X>;
export function hessianVectorProduct(of: OdeProblem | ((x: unknown) => number), options?: object): unknown {
  if (typeof of === "function") return productOfFunction(of, options);
  const verb = "hessianVectorProduct";
  const given = options as HessianVectorOptions;
  const { result, known } = secondDerivatives(of, verb, productChecks, given, (along) => {
    const direction = directionOf(of, given);
    const product = along(direction);
    return { result: product, direction, product, warnings: [] };
  });
  return { ...known, product: shapedGradient(of.layout, result), flat: result };
}

/** Throws as `pack` does, NonFinite, and BadGradientOption where it changes what `wrt` does not name. */
function directionOf({ layout }: OdeProblem, { direction, wrt }: HessianVectorOptions): Direction {
  const given = direction ?? {};
  for (const by of ["p", "u0"] as const) {
    if (given[by] === undefined || wrtOf(wrt).includes(by)) continue;
    throw new BadGradientOption(
      `direction.${by}: \`wrt\` does not name ${by}. Give wrt: ["p", "u0"], or leave direction.${by} out.`,
    );
  }
  if (given.p === undefined && given.u0 === undefined)
    throw new BadGradientOption("direction: there is none. Give a change of p or u0, direction: { p: … }.");
  return {
    p: given.p === undefined ? undefined : packFinite(layout.p, given.p, "direction.p"),
    u0: given.u0 === undefined ? undefined : packFinite(layout.u, given.u0, "direction.u0"),
  };
}

/** What second derivatives came to; `product`: the one with `direction`, to be checked. */
interface Computed<R> {
  readonly result: R;
  readonly direction: Direction;
  readonly product: Product;
  readonly warnings: readonly string[];
}

/** The gradient, and what is made of products with directions. */
function secondDerivatives<R>(
  problem: OdeProblem,
  verb: string,
  known: Checks<HessianVectorOptions> | Checks<HessianOptions>,
  options: HessianOptions,
  compute: (along: (direction: Direction) => Product, task: UnplannedTask) => Computed<R>,
): { readonly result: R; readonly known: WithGradient<unknown, unknown> } {
  return holding(problem, verb, (held) => {
    checkOptions(options, known as Checks<HessianOptions>, verb);
    requireTaken(options);
    const deadline = deadlineOf(options);
    const { curvature = "full", check, direction: _, ...ofGradient } = options as HessianVectorOptions;
    const spanned = withSpan(held, ofGradient);
    return redoing(held.code, () => {
      const begun = performance.now();
      const first = gradient(held, { ...ofGradient, ...deadline?.left });
      const found = performance.now();
      return withLoss(options.loss as Loss, spanned, (loss) => {
        const task = taskOf(spanned, ofGradient, loss, deadline);
        const second = new SecondDerivatives(task, curvature, ofGradient.adjoint, first.flat);
        const { result, direction, product, warnings } = compute((by) => second.along(by), task);
        const report = check ? checkProduct(held, ofGradient, task, { direction, product }) : undefined;
        const { value, gradient: by, plan, switches, stats } = first;
        const seconds = { gradient: (found - begun) / 1000, second: (performance.now() - found) / 1000 };
        const all = [...new Set([...first.warnings, ...second.warnings, ...warnings])];
        return {
          result,
          known: { value, gradient: by, plan, switches, warnings: all, stats: second.statistics(stats), seconds, check: report },
        };
      });
    });
  });
}

/** Throws BadGradientOption for what gradients take and these do not. */
function requireTaken({ wrt, vjp, check, curvature }: Omit<HessianOptions, "vjp"> & { readonly vjp?: string }): void {
  const end = wrtOf<string>(wrt).find((name) => ["t0", "t1", "at"].includes(name));
  if (end !== undefined)
    throw new BadGradientOption(`wrt: second derivatives are by p and u0, not by ${end}. Give some of p, u0.`);
  if (vjp !== undefined && vjp !== "source") {
    throw new BadGradientOption(
      `vjp: second derivatives are made of the right-hand side's program, by "source", not by "${vjp}". Leave it out.`,
    );
  }
  if (check && curvature === "gaussNewton") {
    throw new BadGradientOption(
      'check: differences of gradients are of the Hessian, not of curvature "gaussNewton". Leave one out.',
    );
  }
}
