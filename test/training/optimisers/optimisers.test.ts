/** Optimisers on functions whose minima are known, and what they are made of against a library's. */
import { describe, expect, it } from "vitest";
import { Matrix, SingularValueDecomposition, solve as solveLinear, EigenvalueDecomposition } from "ml-matrix";
import { normals } from "../../../src/core/random.ts";
import { symmetricEigen } from "../../../training/judge/symmetric-eigen.ts";
import { backSubstitute, triangular } from "../../../training/optimisers/householder.ts";
import { adam, adamW } from "../../../training/optimisers/adam.ts";
import { inTurn } from "../../../training/optimisers/in-turn.ts";
import { lion } from "../../../training/optimisers/lion.ts";
import { lbfgs } from "../../../training/optimisers/lbfgs.ts";
import { levenbergMarquardt } from "../../../training/optimisers/levenberg-marquardt.ts";
import { trustRegion } from "../../../training/optimisers/trust-region.ts";
import type { Objective, Optimiser } from "../../../training/optimisers/optimiser.ts";

/** Of residuals with their Jacobian; counts how often it is called. */
class Residuals implements Objective {
  calls = 0;

  constructor(
    private readonly of: (x: Float64Array) => { r: number[]; j: number[][] },
    readonly lower: Float64Array,
    readonly upper: Float64Array,
  ) {}

  leastSquares = async (x: Float64Array) => {
    this.calls++;
    const { r, j } = this.of(x);
    return {
      value: r.reduce((sum, one) => sum + one ** 2 / 2, 0),
      residuals: Float64Array.from(r),
      jacobian: Float64Array.from(j.flat()),
    };
  };

  gradient = async (x: Float64Array) => {
    const { value, residuals, jacobian } = await this.leastSquares(x);
    return { value, gradient: x.map((_, c) => residuals.reduce((sum, r, i) => sum + r * jacobian[i * x.length + c], 0)) };
  };
}

const free = (n: number): [Float64Array, Float64Array] => [
  new Float64Array(n).fill(-Infinity),
  new Float64Array(n).fill(Infinity),
];

/** H. H. Rosenbrock's valley: the minimum is at (1, 1). */
const rosenbrock = (x: Float64Array) => ({
  r: [10 * (x[1] - x[0] ** 2), 1 - x[0]],
  j: [
    [-20 * x[0], 10],
    [-1, 0],
  ],
});

/** M. J. D. Powell's singular function: the minimum is at 0, where its Jacobian is singular. */
const powell = ([a, b, c, d]: Float64Array) => ({
  r: [a + 10 * b, Math.sqrt(5) * (c - d), (b - 2 * c) ** 2, Math.sqrt(10) * (a - d) ** 2],
  j: [
    [1, 10, 0, 0],
    [0, 0, Math.sqrt(5), -Math.sqrt(5)],
    [0, 2 * (b - 2 * c), -4 * (b - 2 * c), 0],
    [2 * Math.sqrt(10) * (a - d), 0, 0, -2 * Math.sqrt(10) * (a - d)],
  ],
});

async function minimum(optimiser: Optimiser, objective: Objective, start: number[], most = 500) {
  let state = await optimiser.begin(objective, Float64Array.from(start));
  for (let i = 0; i < most && !state.finished; i++) state = await optimiser.step(objective, state);
  return state;
}

describe.each([levenbergMarquardt(), trustRegion(), lbfgs()])("$name", (optimiser) => {
  it("goes down Rosenbrock's valley", async () => {
    const objective = new Residuals(rosenbrock, ...free(2));
    const { x, converged } = await minimum(optimiser, objective, [-1.2, 1]);
    expect([...x]).toEqual([expect.closeTo(1, 5), expect.closeTo(1, 5)]);
    expect(converged).toBe(true);
    expect(objective.calls).toBeLessThan(80);
  });

  it("comes near the bottom of Powell's function, whose Jacobian is singular there", async () => {
    const { value } = await minimum(optimiser, new Residuals(powell, ...free(4)), [3, -1, 0, 1]);
    expect(value).toBeLessThan(1e-8);
  });

  it("keeps to bounds: (0.8, 0.64) is the lowest point of the valley with x at most 0.8", async () => {
    const [lower, upper] = [Float64Array.of(-2, -2), Float64Array.of(0.8, 2)];
    const { x } = await minimum(optimiser, new Residuals(rosenbrock, lower, upper), [-1.2, 1]);
    expect([...x]).toEqual([0.8, expect.closeTo(0.64, 5)]);
  });

  it("leaves a bound that it starts at", async () => {
    const [lower, upper] = [Float64Array.of(-1.2, 0), Float64Array.of(5, 5)];
    const { x } = await minimum(optimiser, new Residuals(rosenbrock, lower, upper), [-1.2, 0]);
    expect([...x]).toEqual([expect.closeTo(1, 5), expect.closeTo(1, 5)]);
  });

  it("goes on from its state as if it had not stopped", async () => {
    const objective = new Residuals(rosenbrock, ...free(2));
    let state = await optimiser.begin(objective, Float64Array.of(-1.2, 1));
    for (let i = 0; i < 4; i++) state = await optimiser.step(objective, state);
    const again = structuredClone(state);
    expect(await optimiser.step(objective, again)).toEqual(await optimiser.step(objective, state));
  });

  it("shortens a step to where there is no value", async () => {
    // ln x - 1 = 0 at e; there is none at or below 0, where the first step from 20 would lead.
    const logarithm = (x: Float64Array) =>
      x[0] > 0 ? { r: [Math.log(x[0]) - 1], j: [[1 / x[0]]] } : { r: [Infinity], j: [[0]] };
    const { x } = await minimum(optimiser, new Residuals(logarithm, ...free(1)), [20]);
    expect(x[0]).toBeCloseTo(Math.E, 4);
  });
});

describe.each([
  adam({ learningRate: 0.05 }),
  adamW({ learningRate: 0.05, weightDecay: 0 }),
  lion({ learningRate: (k) => 0.02 / (1 + k / 200) }),
])("$name", (optimiser) => {
  it("comes near the bottom of Rosenbrock's valley, and returns the lowest point that it met", async () => {
    const objective = new Residuals(rosenbrock, ...free(2));
    const state = await minimum(optimiser, objective, [-1.2, 1], 3000);
    expect(state.value).toBeLessThan(1e-3);
    expect((await objective.gradient(state.x)).value).toBe(state.value);
  });

  it("keeps to bounds", async () => {
    const { x } = await minimum(
      optimiser,
      new Residuals(rosenbrock, Float64Array.of(-2, -2), Float64Array.of(0.8, 2)),
      [-1.2, 1],
      3000,
    );
    expect(x[0]).toBeLessThanOrEqual(0.8);
    expect(x[0]).toBeCloseTo(0.8, 1);
  });

  it("goes on from its state as if it had not stopped", async () => {
    const objective = new Residuals(rosenbrock, ...free(2));
    let state = await optimiser.begin(objective, Float64Array.of(-1.2, 1));
    for (let i = 0; i < 4; i++) state = await optimiser.step(objective, state);
    const again = structuredClone(state);
    expect(await optimiser.step(objective, again)).toEqual(await optimiser.step(objective, state));
  });

  it("ends where a step leads to no value", async () => {
    const cliff = (x: Float64Array) => (x[0] < 1 ? { r: [x[0] - 5], j: [[1]] } : { r: [Infinity], j: [[0]] });
    const state = await minimum(optimiser, new Residuals(cliff, ...free(1)), [0.9], 500);
    expect(state.finished).toMatch(/smaller learningRate/);
    expect(state.converged).toBe(false);
    expect(state.x[0]).toBeLessThan(1);
  });
});

describe("optimisers in turn", () => {
  it("go on where the last one ended", async () => {
    const objective = new Residuals(rosenbrock, ...free(2));
    const optimiser = inTurn([adam({ learningRate: 0.05 }), 20], [lbfgs()]);
    expect(optimiser.name).toBe("adam, then lbfgs");
    const { x, converged } = await minimum(optimiser, objective, [-1.2, 1]);
    expect([...x]).toEqual([expect.closeTo(1, 5), expect.closeTo(1, 5)]);
    expect(converged).toBe(true);
  });

  it("need to know when", () => {
    expect(() => inTurn()).toThrow("there is no optimiser");
    expect(() => inTurn([adam()], [lbfgs()])).toThrow("stage 0 has Infinity iterations");
  });
});

describe("least squares", () => {
  it("by reflections are those of a library", () => {
    const normal = normals(5);
    const a = new Matrix(7, 4).apply(function set(i: number, j: number) {
      this.set(i, j, normal());
    });
    const b = Float64Array.from({ length: 7 }, normal);
    const { r, qtb } = triangular(Float64Array.from(a.to1DArray()), b, 4);
    const ours = backSubstitute(r, qtb);
    const theirs = solveLinear(a, Matrix.columnVector([...b]), true).to1DArray();
    theirs.forEach((value, i) => expect(ours[i]).toBeCloseTo(value, 12));
    const singular = new SingularValueDecomposition(a).diagonal;
    const information = new Matrix(4, 4);
    for (let i = 0; i < 4; i++)
      for (let j = 0; j < 4; j++)
        information.set(
          i,
          j,
          a.getColumn(i).reduce((s, x, k) => s + x * a.get(k, j), 0),
        );
    const { values, vectors } = symmetricEigen(Float64Array.from(information.to1DArray()), 4);
    expect(values.toSorted((x, y) => y - x).map(Math.sqrt)).toEqual(singular.map((s) => expect.closeTo(s, 10)));
    expect(values.toSorted((x, y) => x - y)).toEqual(
      new EigenvalueDecomposition(information, { assumeSymmetric: true }).realEigenvalues
        .toSorted((x, y) => x - y)
        .map((x) => expect.closeTo(x, 10)),
    );
    vectors.forEach((v, l) => {
      const image = information.mmul(Matrix.columnVector([...v])).to1DArray();
      image.forEach((x, i) => expect(x).toBeCloseTo(values[l] * v[i], 10));
    });
  });
});
