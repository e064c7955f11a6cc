/** The models of project/models.ts, with what they close over passed in `constants`. */
import { differentiable, matmul, mul, ndarray, odeProblem, tanh, type OdeProblem } from "../../index.ts";
import { chain, dense } from "../../training/index.ts";

type Vector = readonly number[];
interface Case {
  readonly problem: OdeProblem<never, never>;
  readonly loss: unknown;
}

const tspan = [0, 1] as const;
const table = new Float64Array([0.5, 0.25, 0.125, 0.0625]);
const drag = (v: number): number => 0.5 * 1.2 * v * Math.abs(v);

function caseOf(spec: object, loss: unknown = { final: (u: Vector) => u[0] ** 2 + u[1 % u.length] }): Case {
  return { problem: odeProblem({ tspan, ...spec } as never), loss };
}

const falling = caseOf({
  rhs: (u: Vector, p: Vector, _t: number, { drag: f }: { drag: typeof drag }) => [u[1], p[0] - f(u[1])],
  u0: [0, 1],
  p: [9.81],
  constants: { drag },
});

const logistic = (capacity: number, p: number): Case =>
  caseOf({
    rhs: (u: Vector, q: Vector, _t: number, c: { capacity: number }) => [q[0] * u[0] * (1 - u[0] / c.capacity)],
    u0: [0.1],
    p: [p],
    constants: { capacity },
  });

const linear = { rhs: (u: Vector, p: Vector) => [-p[0] * u[0]], u0: [1] };

const net = chain(dense(2, 3, tanh), dense(3, 2));

export const cases: Readonly<Record<string, Case>> = {
  size: caseOf({
    rhs(du: number[], u: Vector, p: Vector, _t: number, { N }: { N: number }) {
      for (let i = 0; i < N; i++) du[i] = p[0] * (u[(i + 1) % N] - 2 * u[i] + u[(i + N - 1) % N]);
    },
    u0: [1, 2, 0, 1],
    p: [0.7],
    constants: { N: 4 },
  }),
  tables: caseOf({
    rhs: (u: Vector, p: Vector, _t: number, c: { table: Float64Array }) => u.map((x, i) => -p[0] * c.table[i] * x),
    u0: [1, 2, 3, 4],
    p: [2],
    constants: { table },
  }),
  nested: caseOf({
    rhs: (u: Vector, p: Vector, _t: number, { rows }: { rows: number[][] }) =>
      rows.map((row) => p[0] * (row[0] * u[0] + row[1] * u[1])),
    u0: [1, 2],
    p: [1.5],
    constants: {
      rows: [
        [-1, 0.5],
        [0.25, -2],
      ],
    },
  }),
  importedHelper: falling,
  namespaced: falling,
  defaults: caseOf({
    rhs: (u: Vector, p: Vector) => [(p[0] * u[0]) / (1.2 + u[0]) - u[0], (p[1] * u[1]) / (2 + u[1])],
    u0: [1, 2],
    p: [1, 2],
  }),
  method: caseOf({ rhs: (u: Vector, p: Vector) => [-0.4 * 1.2 * p[0] * u[0]], u0: [1], p: [1.1] }),
  arrows: caseOf({ rhs: (u: Vector, p: Vector) => [-6 * p[0] * u[0]], u0: [1], p: [0.3] }),
  network: caseOf({
    rhs(u: Vector, p: { net: object }, _t: number, c: { net: typeof net }) {
      return [u[1], c.net([u[0], u[1]], p.net as never).get(0) - u[0]];
    },
    u0: [1, 0.5],
    p: { net: net.initial(3) },
    constants: { net },
  }),
  product: caseOf({
    rhs: (u: Vector, p: Vector, _t: number, { mixing }: { mixing: never }) => mul(matmul(mixing, u as never), p[0]),
    u0: [1, 2],
    p: [0.9],
    constants: { mixing: ndarray(Float64Array.of(-1, 0.5, 0.25, -2), [2, 2]) },
  }),
  factory: logistic(2, 3),
  closures: logistic(5, 3),
  boundFirst: caseOf({
    rhs(du: number[], u: Vector, p: Vector) {
      du[0] = p[0] * (0.3 - u[0]);
      du[1] = -u[1] * p[0];
    },
    u0: [1, 2],
    p: [0.8],
  }),
  data: caseOf(
    { ...linear, p: [1.2] },
    {
      at: [0, 0.25, 0.5, 0.75],
      of: (u: Vector, _p: Vector, _t: number, i: number, { y }: { y: number[] }) => (u[0] - y[i]) ** 2 / 4,
      constants: { y: [1, 0.8, 0.6, 0.5] },
    },
  ),
  integral: caseOf({ ...linear, p: [1.2] }, { integral: (u: Vector) => u[0] * u[0] * 0.5 }),
  events: caseOf({
    rhs: (u: Vector, p: Vector) => [u[1], -p[0]],
    u0: [1, 0],
    p: [9.81],
    events: {
      when: (u: Vector) => u[0] - 0.1,
      direction: "down",
      apply: (u: number[]) => {
        u[1] = -0.7 * u[1];
      },
    },
  }),
  startOfParameters: caseOf({ ...linear, u0: (p: Vector) => [0.4 * p[0]], p: [1.2] }),
  own: caseOf({
    rhs: (u: Vector, p: Vector, _t: number, { force }: { force: (x: number) => number }) => [u[1], -p[0] * force(u[0])],
    u0: [1, 0],
    p: [4],
    constants: { force: differentiable((x: number) => 0.3 * Math.sin(x)) },
  }),
  forced: caseOf({
    rhs: (u: Vector, p: Vector, t: number, c: { table: Float64Array }) => [p[0] * c.table[Math.min(Math.floor(t * 4), 3)] - u[0]],
    u0: [1],
    p: [2],
    constants: { table },
  }),
  enums: caseOf({ rhs: (u: Vector, p: Vector) => [-p[0] * u[0] ** 2], u0: [1], p: [1] }),
  field: caseOf({
    rhs: (u: Vector, p: Vector, _t: number, c: { k: number }) => [-p[0] * u[0] * c.k],
    u0: [1],
    p: [2],
    constants: { k: 0.5 / 4 },
  }),
  ofThis: caseOf({ rhs: (u: Vector, p: Vector) => [(-p[0] * u[0]) / 2], u0: [1], p: [2] }),
  bound: caseOf({ rhs: (u: Vector, p: Vector) => [-p[0] * 0.25 * u[0]], u0: [1], p: [2] }),
  calling: caseOf({ rhs: (u: Vector, p: Vector) => [p[0] - 0.25 * u[0]], u0: [1], p: [2] }),
  ofClass: caseOf({ rhs: (u: Vector, p: Vector) => [-p[0] * 0.5 * u[0]], u0: [1], p: [2] }),
  boundNumber: caseOf({ rhs: (u: Vector, p: Vector) => [-p[0] * 0.5 * u[0]], u0: [1], p: [2] }),
};
