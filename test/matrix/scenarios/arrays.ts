/** Whole-array code: linear algebra and networks. */
import { ndarray } from "../../../src/arrays/ndarray.ts";
import {
  add,
  concat,
  dot,
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
} from "../../../src/arrays/index.ts";
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
    name: "array code without text",
    u0: vector(3, 1),
    p: { A: matrix(3, 3, 2) },
    traits: { ...arraysOnly, noText: true },
    rhs: ((u: Float64Array, { A }: { A: ReturnType<typeof matrix> }) => tanh(matmul(A, u))).bind(null),
  }),
];
