/** How far a right-hand side at smoothed data is from their derivatives, which takes no solve. */
import { ndarray, type NdArray } from "../../src/arrays/ndarray.ts";
import type { OdeProblem } from "../../src/problem/problem.ts";
import { evaluateBatch, vjpBatch } from "../../src/devices/evaluate.ts";
import type { Evaluation, LeastSquares, Objective } from "../optimisers/optimiser.ts";
import type { FreeParameters } from "../parameters/free.ts";

/** The data of an experiment: states and their derivatives by rows. */
export interface Sampled {
  readonly t: Float64Array;
  readonly u: NdArray;
  readonly du: Float64Array;
  /** Flat, before what is fitted is put in. */
  readonly p: Float64Array;
}

/** Half the sum of squares, of each component in units of its derivative's root mean square. */
export class DerivativeMisfit implements Objective {
  readonly lower: Float64Array;
  readonly upper: Float64Array;
  private readonly weights: Float64Array;

  constructor(
    private readonly problem: OdeProblem,
    private readonly experiments: readonly Sampled[],
    private readonly free: FreeParameters,
  ) {
    this.lower = free.lower;
    this.upper = free.upper;
    this.weights = weightsOf(experiments, problem.layout.u.size);
  }

  gradient = async (x: Float64Array): Promise<Evaluation> => {
    const values = this.free.valuesAt(x);
    const slopes = this.free.slopesAt(values);
    const gradient = new Float64Array(x.length);
    let value = 0;
    for (const experiment of this.experiments) {
      const { residuals, rows } = await this.residualsOf(experiment, values);
      value += residuals.reduce((sum, r) => sum + r * r, 0) / 2;
      if (!Number.isFinite(value)) return { value: Infinity, gradient };
      const bar = residuals.map((r, i) => r * this.weights[i % this.weights.length]);
      const derivatives = await this.pulled(experiment, rows, bar);
      this.free.list.forEach(({ index }, j) => {
        for (let i = 0; i < experiment.t.length; i++) gradient[j] += slopes[j] * derivatives.get(i, index);
      });
    }
    return { value, gradient };
  };

  leastSquares = async (x: Float64Array): Promise<LeastSquares> => {
    const values = this.free.valuesAt(x);
    const slopes = this.free.slopesAt(values);
    const n = this.weights.length;
    const all: { readonly residuals: Float64Array; readonly jacobian: Float64Array }[] = [];
    for (const experiment of this.experiments) {
      const { residuals, rows } = await this.residualsOf(experiment, values);
      const jacobian = new Float64Array(residuals.length * x.length);
      for (let c = 0; c < n && residuals.every(Number.isFinite); c++) {
        const bar = residuals.map((_, i) => (i % n === c ? this.weights[c] : 0));
        const derivatives = await this.pulled(experiment, rows, bar);
        this.free.list.forEach(({ index }, j) => {
          for (let i = 0; i < experiment.t.length; i++)
            jacobian[(i * n + c) * x.length + j] = slopes[j] * derivatives.get(i, index);
        });
      }
      all.push({ residuals, jacobian });
    }
    const residuals = Float64Array.from(all.flatMap((one) => [...one.residuals]));
    const jacobian = Float64Array.from(all.flatMap((one) => [...one.jacobian]));
    const value = residuals.reduce((sum, r) => sum + r * r, 0) / 2;
    return { value: Number.isFinite(value) ? value : Infinity, residuals, jacobian };
  };

  private async residualsOf(
    { t, u, du, p }: Sampled,
    values: Float64Array,
  ): Promise<{ readonly residuals: Float64Array; readonly rows: NdArray }> {
    const { p: flat } = this.free.put(values, { u0: new Float64Array(0), p });
    const rows = ndarray(
      Float64Array.from({ length: t.length * flat.length }, (_, i) => flat[i % flat.length]),
      [t.length, flat.length],
    );
    const { du: predicted } = await evaluateBatch(this.problem, { u, p: rows, t, device: "cpu" });
    const n = this.weights.length;
    const residuals = Float64Array.from(
      du,
      (slope, i) => (predicted.get(Math.floor(i / n), i % n) - slope) * this.weights[i % n],
    );
    return { residuals, rows };
  }

  /** The derivatives by p, a row for each time. */
  private async pulled({ t, u }: Sampled, rows: NdArray, bar: Float64Array): Promise<NdArray> {
    const v = ndarray(bar, [t.length, this.weights.length]);
    return (await vjpBatch(this.problem, { u, p: rows, t, v, device: "cpu" })).p as NdArray;
  }
}

function weightsOf(experiments: readonly Sampled[], n: number): Float64Array {
  const squares = new Float64Array(n);
  let count = 0;
  for (const { t, du } of experiments) {
    count += t.length;
    du.forEach((slope, i) => (squares[i % n] += slope * slope));
  }
  return squares.map((square) => (square > 0 ? 1 / Math.sqrt(square / count) : 1));
}
