/** Whole-array code: linear algebra and networks. */
import { ndarray } from "../../../src/arrays/ndarray.ts";
import {
  add,
  concat,
  conv1d,
  conv2d,
  dot,
  interpolate,
  linearSolve,
  matmul,
  mul,
  outer,
  pow,
  sigmoid,
  slice,
  sub,
  sum,
  tanh,
  transpose,
} from "../../../src/operations/plain-operations.ts";
import { scenario } from "../scenario.ts";

const vector = (n: number, phase: number): Float64Array => Float64Array.from({ length: n }, (_, i) => Math.sin(phase + 2 * i));
const matrix = (rows: number, columns: number, phase: number) => ndarray(vector(rows * columns, phase), [rows, columns]);
const arraysOnly = { arrays: ["u", "p"] } as const;

export const arrays = [
  scenario({
    name: "a linear system",
    u0: vector(3, 1),
    p: { A: matrix(3, 3, 2) },
    traits: arraysOnly,
    rhs: (u, p) => matmul(p.A, u),
  }),
  scenario({
    name: "a matrix Riccati equation",
    u0: matrix(2, 2, 1),
    p: { A: matrix(2, 2, 2), Q: matrix(2, 2, 3) },
    traits: arraysOnly,
    rhs: (X, { A, Q }) => add(sub(add(matmul(A, X), matmul(X, transpose(A))), matmul(X, X)), Q),
  }),
  scenario({
    name: "a network of two layers",
    u0: vector(2, 1),
    p: { W1: matrix(5, 2, 2), b1: vector(5, 3), W2: matrix(2, 5, 4), b2: vector(2, 5) },
    traits: arraysOnly,
    rhs: (u, { W1, b1, W2, b2 }) => add(matmul(W2, tanh(add(matmul(W1, pow(u, 3)), b1))), b2),
  }),
  scenario({
    name: "slices put together",
    u0: vector(4, 1),
    p: vector(2, 2),
    traits: arraysOnly,
    rhs: (u, p) => concat([slice(u, 2, 4), mul(p, sigmoid(slice(u, 0, 2)))]),
  }),
  scenario({
    name: "outer and inner products",
    u0: vector(3, 1),
    p: vector(3, 2),
    traits: arraysOnly,
    rhs: (u, p) => mul(dot(u, p), matmul(outer(u, p), u)),
  }),
  scenario({
    name: "sums along an axis",
    u0: matrix(3, 2, 1),
    p: vector(2, 2),
    traits: arraysOnly,
    rhs: (u, p) => mul(u, add(sum(u, 0), mul(p, sum(u)))),
  }),
  scenario({
    name: "parameters as numbers beside arrays",
    u0: vector(3, 1),
    p: { k: 0.7, b: vector(3, 2) },
    traits: { arrays: ["u"] },
    rhs: (u, { k, b }) => mul(k ** 2, sub(b, u)),
  }),
  scenario({
    name: "linear equations",
    u0: vector(3, 1),
    p: { A: ndarray(Float64Array.of(2, 0.3, -0.4, 0.1, 1.5, 0.2, -0.3, 0.4, 1.8), [3, 3]), B: matrix(3, 2, 3) },
    traits: arraysOnly,
    rhs: (u, { A, B }) => add(linearSolve(A, u), sum(linearSolve(A, B), 1) as typeof B),
  }),
  scenario({
    name: "a periodic stencil as a convolution",
    u0: vector(5, 1),
    p: vector(3, 2),
    traits: arraysOnly,
    rhs: (u, kernel) => conv1d(mul(u, u), kernel, { padding: "periodic" }),
  }),
  scenario({
    name: "a convolutional network of two layers",
    u0: ndarray(vector(12, 1), [1, 3, 4]),
    p: { K1: ndarray(vector(8, 2), [2, 1, 2, 2]), K2: ndarray(vector(18, 3), [1, 2, 3, 3]) },
    traits: arraysOnly,
    rhs: (u, { K1, K2 }) => conv2d(tanh(conv2d(u, K1, { padding: "periodic" })), K2, { padding: "same" }),
  }),
  scenario({
    name: "a table of parameters, linear between nodes",
    u0: vector(3, 1),
    p: vector(4, 2),
    traits: arraysOnly,
    rhs: (u, values, _t, { nodes }) => mul(u, interpolate({ nodes, values }, u)),
    constants: { nodes: [-2, -0.5, 0.5, 2] },
  }),
  scenario({
    name: "a smooth table, at the state and at the time",
    u0: vector(3, 1),
    p: vector(5, 2),
    traits: arraysOnly,
    rhs: (u, values, t, { table, method }) =>
      add(interpolate({ from: -2.3, to: 2.2, values }, u, { method }), interpolate(table, t, { method })),
    constants: { table: { from: 0, to: 1, values: [1, 3, 2] }, method: "cubic" as const },
  }),
  scenario({
    name: "array code without text",
    u0: vector(3, 1),
    p: { A: matrix(3, 3, 2) },
    traits: { ...arraysOnly, noText: true },
    rhs: new Proxy((u: Float64Array, { A }: { A: ReturnType<typeof matrix> }) => tanh(matmul(A, u)), {}),
  }),
];
