/** Right-hand sides and their derivatives for many states at once. */
import { firstNotFinite } from "../core/array-values.ts";
import { memo } from "../core/memo.ts";
import { requireRoom } from "../core/memory.ts";
import { checkAgreement } from "../problem/agreement.ts";
import type { NdArray } from "../arrays/ndarray.ts";
import { unpack, type Shaped } from "../arrays/pack.ts";
import { requireFiniteDerivative } from "../derive/finite-derivative.ts";
import { derivativesOf } from "../derive/program-derivatives.ts";
import { checkOptions, type Checks } from "../core/options/check.ts";
import { anything } from "../core/options/kinds.ts";
import { holding, type OdeProblem } from "../problem/problem.ts";
import type { Program } from "../ir/ir.ts";
import { refusingMisread, requireBatchAgreement } from "./agreement.ts";
import { deviceChecks, deviceOf, type Computed, type DeviceOptions } from "./devices.ts";
import { kernelOf, withoutTape, type Kernel } from "./kernel.ts";
import { withinLimits } from "./limits.ts";
import { ownRows, rowsOrShared, rowsOver, times, type Given, type Rows } from "./rows.ts";

export interface BatchPoint<P> extends DeviceOptions {
  /** States, [M, n]: components in the state's flat order. */
  readonly u: Rows;
  /** In the problem's shape, shared by all, or [M, k]. Default: the problem's own. */
  readonly p?: P | Shaped<P> | Rows;
  /** One for all, or [M]. Default: the start of the problem's tspan. */
  readonly t?: number | ArrayLike<number>;
}

const pointChecks: Checks<BatchPoint<unknown>> = { ...deviceChecks, u: anything, p: anything, t: anything };
const directedChecks: Checks<BatchPoint<unknown> & { readonly v: Rows }> = { ...pointChecks, v: anything };

export interface BatchDerivative extends Computed {
  /** u' at every state, [M, n]. */
  readonly du: NdArray;
}

/**
 * The right-hand side for M states at once.
 *
 * Throws {@link BadBatch}, {@link CannotBatch} (what a batch cannot run, by name), {@link UnknownDevice}, {@link NoDoublePrecision},
 * ReadError, Disagreement; on a GPU NoGpu, MissingPackage, DeviceLost, GpuOutOfMemory, BatchTooLarge and ShaderFailed.
 */
export async function evaluateBatch<U, P>(problem: OdeProblem<U, P>, point: BatchPoint<NoInfer<P>>): Promise<BatchDerivative> {
  return holding(problem, "evaluateBatch", async (held) => {
    const at = checkedPoint(held, point, pointChecks, "evaluateBatch");
    const du = new Float64Array(at.u.data.length);
    const computed = await run(held, "evaluate", (rhs) => rhs, at, { du }, point);
    return { du: rowsOver(du, held.layout.u.size), ...computed };
  });
}

export interface BatchVjp<P> extends Computed {
  /** (∂f/∂u)ᵀ v for each state, [M, n]. */
  readonly u: NdArray;
  /** (∂f/∂p)ᵀ v: summed over the batch, in the shape of p, where p is shared; otherwise [M, k]. */
  readonly p: Shaped<P> | NdArray;
}

/**
 * Cotangents v, [M, n], pulled back through the right-hand side. Throws as {@link evaluateBatch} does, and NotDifferentiable, naming the
 * trajectory and the line, where a derivative is not finite.
 */
export async function vjpBatch<U, P>(
  problem: OdeProblem<U, P>,
  point: BatchPoint<NoInfer<P>> & { readonly v: Rows },
): Promise<BatchVjp<P>> {
  return holding(problem, "vjpBatch", async (held) => {
    const at = checkedPoint(held, point, directedChecks, "vjpBatch");
    const { u, p } = held.layout;
    const v = ownRows(u, point.v, "v", at.count);
    requireRoom(
      `vjpBatch: products of ${at.count} states by ${u.size} components and ${p.size} parameters each`,
      at.count,
      u.size + p.size,
      (most) => `Give ${most} states at a time.`,
    );
    const uBar = new Float64Array(at.count * u.size);
    const pBar = new Float64Array(at.count * p.size);
    const derive = (rhs: Program): Program => withoutTape(derivativesOf(rhs).vjp(["u", "p"]));
    const arrays = { du_bar: v.data, u_bar: uBar, p_bar: pBar };
    const computed = await run(held, "vjp", derive, at, arrays, point);
    requireFiniteRows(held, at, uBar, ["u", "p"]);
    requireFiniteRows(held, at, pBar, ["u", "p"]);
    return {
      u: rowsOver(uBar, u.size),
      p: at.p.count === undefined ? unpack<P>(p, sumOfRows(pBar, p.size)) : rowsOver(pBar, p.size),
      ...computed,
    };
  });
}

export interface BatchJvp extends Computed {
  /** u' at every state, [M, n]. */
  readonly du: NdArray;
  /** Its derivative in the direction given, [M, n]. */
  readonly tangent: NdArray;
}

/** Directions for states, [M, n], pushed through the right-hand side; parameters and time stay. Throws as {@link vjpBatch} does. */
export async function jvpBatch<U, P>(
  problem: OdeProblem<U, P>,
  point: BatchPoint<NoInfer<P>> & { readonly v: Rows },
): Promise<BatchJvp> {
  return holding(problem, "jvpBatch", async (held) => {
    const at = checkedPoint(held, point, directedChecks, "jvpBatch");
    const { size } = held.layout.u;
    const v = ownRows(held.layout.u, point.v, "v", at.count);
    const [du, tangent] = [new Float64Array(at.count * size), new Float64Array(at.count * size)];
    const derive = (rhs: Program): Program => derivativesOf(rhs).jvp(["u"]);
    const computed = await run(held, "jvp", derive, at, { du, u_dot: v.data, du_dot: tangent }, point);
    requireFiniteRows(held, at, tangent, ["u"]);
    return { du: rowsOver(du, size), tangent: rowsOver(tangent, size), ...computed };
  });
}

interface Point {
  readonly count: number;
  readonly u: Given;
  readonly p: Given;
  readonly t: Given;
}

function checkedPoint<U, P, Options extends BatchPoint<P>>(
  problem: OdeProblem<U, P>,
  point: Options,
  checks: Checks<Options>,
  verb: string,
): Point {
  checkOptions(point, checks, verb);
  const { layout, p: own, tspan } = problem;
  const { p = own, t = tspan[0] } = point;
  const u = ownRows(layout.u, point.u, "u");
  return { count: u.count, u, p: rowsOrShared(layout.p, p, "p", u.count), t: times(t, u.count) };
}

function run<U, P>(
  { code, tspan, layout }: OdeProblem<U, P>,
  key: "evaluate" | "vjp" | "jvp",
  derive: (rhs: Program) => Program,
  { count, u, p, t }: Point,
  arrays: Readonly<Record<string, Float64Array>>,
  options: DeviceOptions,
): Promise<Computed> {
  return withinLimits(options, `${key}Batch`, async (signal) => {
    const device = await deviceOf(options);
    const first = { u0: u.data.slice(0, layout.u.size), p: p.data.slice(0, layout.p.size), tspan };
    refusingMisread(() => checkAgreement(code, first, "wasm"));
    const row = ({ data, count: own }: Given, size: number, m: number): Float64Array =>
      own === undefined ? data : data.subarray(m * size, (m + 1) * size);
    requireBatchAgreement(code, "points", count, (m) => ({
      u: row(u, layout.u.size, m),
      p: row(p, layout.p.size, m),
      t: row(t, 1, m)[0],
    }));
    const shared = [...(p.count === undefined ? ["p"] : []), ...(t.count === undefined ? ["t"] : [])];
    const kernel = kernelFor(code.rhsProgram(), key, shared, derive);
    const { onProgress } = options;
    await device.run(kernel, { count, arrays: { u: u.data, p: p.data, t: t.data, ...arrays }, onProgress, signal });
    return { device: device.name, precision: device.precision };
  });
}

const kernelFor = memo(
  (rhs: Program, _key: string, shared: readonly string[], derive: (rhs: Program) => Program): Kernel =>
    kernelOf(derive(rhs), shared),
  { by: (rhs, key, shared) => [rhs, key, ...shared] },
);

function requireFiniteRows<U, P>(
  { code, layout }: OdeProblem<U, P>,
  { count, u, p, t }: Point,
  values: Float64Array,
  wrt: readonly string[],
): void {
  const at = firstNotFinite(values);
  if (at < 0) return;
  const m = Math.floor((at * count) / values.length);
  const row = ({ data, count: own }: Given, size: number): Float64Array =>
    data.slice(own === undefined ? 0 : m * size, own === undefined ? size : (m + 1) * size);
  requireFiniteDerivative(values, () => ({
    name: code.name,
    program: () => code.rhsProgram(),
    inputs: { u: row(u, layout.u.size), p: row(p, layout.p.size), t: row(t, 1)[0] },
    wrt,
    where: `at trajectory ${m}`,
  }));
}

function sumOfRows(rows: Float64Array, width: number): Float64Array {
  const sum = new Float64Array(width);
  for (let k = 0; k < rows.length; k++) sum[k % width] += rows[k];
  return sum;
}
