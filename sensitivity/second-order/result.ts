/** Second derivatives in the user's shapes. */
import { componentNames, componentPath, ownLayout, type Layout } from "../../src/arrays/layout.ts";
import { ndarray, type NdArray } from "../../src/arrays/ndarray.ts";
import { unpackJacobian, type ShapedJacobian } from "../../src/problem/jacobian.ts";
import type { Statistics } from "../../solvers/step-loop/statistics.ts";
import type { Plan } from "../planner/plan.ts";
import type { Switching } from "../switching/reported.ts";
import type { ShapedGradient, Wrt } from "../task/shaped-gradient.ts";
import type { CheckReport } from "../task/vjp-agreement.ts";

/** What second derivatives may be by. */
export type HessianWrt = Wrt<"p" | "u0">;

/** What is known beside second derivatives: the loss, its gradient, and how that was computed. */
export interface WithGradient<U, P, W extends HessianWrt = HessianWrt> extends Switching {
  /** The loss. */
  readonly value: number;
  /** As `gradient` gives it. */
  readonly gradient: ShapedGradient<U, P, W>;
  /** How the gradient was computed, and why so. */
  readonly plan: Plan;
  /** What all solves took, those of the gradient and of second derivatives. */
  readonly stats: { readonly forward: Statistics; readonly backward?: Statistics };
  /** The seconds that the gradient and the second derivatives took. */
  readonly seconds: { readonly gradient: number; readonly second: number };
  /** Of a call with `check`. */
  readonly check?: CheckReport | undefined;
}

/** What second derivatives are by, in the order of their rows and columns. */
export type Axes = readonly { readonly by: "p" | "u0"; readonly layout: Layout }[];

/** The Hessian of a loss, or its Gauss-Newton matrix, in flat order and in the names of p and u0. */
export class Hessian<U = unknown, P = unknown, W extends HessianWrt = HessianWrt> implements WithGradient<U, P, W> {
  readonly value: number;
  readonly gradient: WithGradient<U, P, W>["gradient"];
  readonly plan: Plan;
  readonly switches: Switching["switches"];
  readonly warnings: readonly string[];
  readonly stats: WithGradient<U, P>["stats"];
  readonly seconds: WithGradient<U, P>["seconds"];
  readonly check: CheckReport | undefined;

  constructor(
    /** The matrix [names, names], row-major, symmetric. */
    readonly flat: Float64Array,
    private readonly axes: Axes,
    { value, gradient, plan, switches, warnings, stats, seconds, check }: WithGradient<U, P, W>,
  ) {
    this.value = value;
    this.gradient = gradient;
    this.plan = plan;
    this.switches = switches;
    this.warnings = warnings;
    this.stats = stats;
    this.seconds = seconds;
    this.check = check;
  }

  /** What rows and columns are by, in their order, parameters first: "p.a", "u0.prey". */
  get names(): string[] {
    return this.axes.flatMap(({ by, layout }) => componentNames(layout, by).map((_, i) => componentPath(layout, i, by)));
  }

  /** The matrix as an ndarray [names, names]. */
  get matrix(): NdArray<Float64Array> {
    const m = sizeOf(this.axes);
    return ndarray(this.flat, [m, m]);
  }

  /** Rows of the parameters, by names as those of `sensitivities` are: `p.p.a.b` is ∂²L/∂a∂b, `p.u0.a.prey` is ∂²L/∂a∂prey(0). */
  get p(): { readonly p: ShapedJacobian<P, P>; readonly u0: ShapedJacobian<P, U> } {
    return { p: this.block("p", "p"), u0: this.block("p", "u0") };
  }

  /** Rows of the initial state likewise: `u0.u0.prey.predator`. */
  get u0(): { readonly p: ShapedJacobian<U, P>; readonly u0: ShapedJacobian<U, U> } {
    return { p: this.block("u0", "p"), u0: this.block("u0", "u0") };
  }

  /** Empty unless `wrt` names both. */
  private block<Y, X>(rows: "p" | "u0", columns: "p" | "u0"): ShapedJacobian<Y, X> {
    const m = sizeOf(this.axes);
    const [row, column] = [this.startOf(rows), this.startOf(columns)];
    const [y, x] = [this.layoutOf(rows), this.layoutOf(columns)];
    const part = new Float64Array(y.size * x.size);
    for (let i = 0; i < y.size; i++) {
      const at = (row + i) * m + column;
      part.set(this.flat.subarray(at, at + x.size), i * x.size);
    }
    return unpackJacobian<Y, X>(y, x, part);
  }

  private layoutOf(what: "p" | "u0"): Layout {
    return this.axes.find(({ by }) => by === what)?.layout ?? { kind: "struct", offset: 0, size: 0, fields: {} };
  }

  private startOf(what: "p" | "u0"): number {
    return what === "p" ? 0 : sizeOf(this.axes.filter(({ by }) => by === "p"));
  }
}

export function sizeOf(axes: Axes): number {
  return axes.reduce((sum, { layout }) => sum + layout.size, 0);
}

/** Those of a problem's layouts, parameters first. */
export function axesOf({ u, p }: { readonly u: Layout; readonly p: Layout }, wrt: readonly string[]): Axes {
  const all: Axes = [
    { by: "p", layout: p },
    { by: "u0", layout: ownLayout(u) },
  ];
  return all.filter(({ by }) => wrt.includes(by));
}

/** One after the other. */
export function inOne({ p = NONE, u0 = NONE }: { readonly p?: Float64Array; readonly u0?: Float64Array }): Float64Array {
  return Float64Array.of(...p, ...u0);
}

const NONE = new Float64Array();

/** The mean of a matrix and its transpose, and by how much these differ, of the largest entry, each times the units of its row and column. */
export function symmetric(
  rows: readonly Float64Array[],
  units: readonly number[],
): { readonly matrix: Float64Array; readonly asymmetry: number } {
  const m = rows.length;
  const matrix = new Float64Array(m * m);
  let [largest, apart] = [0, 0];
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < m; j++) {
      matrix[i * m + j] = (rows[i][j] + rows[j][i]) / 2;
      const unit = units[i] * units[j];
      largest = Math.max(largest, Math.abs(rows[i][j]) * unit);
      apart = Math.max(apart, Math.abs(rows[i][j] - rows[j][i]) * unit);
    }
  }
  return { matrix, asymmetry: apart === 0 ? 0 : apart / largest };
}

/** The matrix times a direction, by what it is by. */
export function timesDirection(
  matrix: Float64Array,
  axes: Axes,
  direction: { readonly p?: Float64Array; readonly u0?: Float64Array },
): { readonly p?: Float64Array; readonly u0?: Float64Array } {
  const m = sizeOf(axes);
  const given = inOne(Object.fromEntries(axes.map(({ by }) => [by, direction[by]])));
  const product = given.map((_, i) => given.reduce((sum, x, j) => sum + matrix[i * m + j] * x, 0));
  let start = 0;
  return Object.fromEntries(axes.map(({ by, layout }) => [by, product.slice(start, (start += layout.size))]));
}
