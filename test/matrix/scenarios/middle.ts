/** Loops and mutation around array operations, networks inside stencils: both kinds of statement in one function. */
import { ndarray } from "../../../src/arrays/ndarray.ts";
import { add, dot, matmul, mul, slice, sum, tanh } from "../../../src/operations/plain-operations.ts";
import { scenario } from "../scenario.ts";

const vector = (n: number, phase: number): Float64Array => Float64Array.from({ length: n }, (_, i) => Math.sin(phase + 2 * i));
const matrix = (rows: number, columns: number, phase: number) => ndarray(vector(rows * columns, phase), [rows, columns]);

export const middle = [
  scenario({
    name: "a loop with mutation around a matmul",
    u0: vector(3, 1),
    p: { A: matrix(3, 3, 2), damping: 0.3 },
    rhs(du, u, { A, damping }) {
      const x = Float64Array.from(u);
      for (let k = 0; k < 3; k++) {
        const y = matmul(A, x);
        for (let i = 0; i < 3; i++) x[i] = Math.tanh(y.get(i)) - damping * x[(i + 1) % 3];
      }
      for (let i = 0; i < 3; i++) du[i] = x[i];
    },
  }),
  scenario({
    name: "a network inside a stencil",
    u0: vector(5, 1),
    p: { W1: matrix(4, 3, 2), b1: vector(4, 3), w2: vector(4, 4) },
    traits: { arrays: ["p"] },
    rhs(du, u, { W1, b1, w2 }) {
      for (let i = 0; i < 5; i++) {
        const neighbours = [u[(i + 4) % 5], u[i], u[(i + 1) % 5]];
        du[i] = dot(w2, tanh(add(matmul(W1, neighbours), b1)));
      }
    },
  }),
  scenario({
    name: "a branch on a reduction",
    u0: vector(4, 0.3),
    p: [0.8],
    rhs(du, u, p) {
      const energy = dot(u, u);
      const scale = energy > 1 ? 1 / Math.sqrt(energy) : p[0];
      for (let i = 0; i < 4; i++) du[i] = scale * p[0] * u[3 - i];
    },
  }),
  scenario({
    name: "known dynamics and a learned term",
    u0: { prey: 1.2, predator: 0.7 },
    p: { rates: [1.3, 0.9], net: { W: matrix(2, 2, 1), b: vector(2, 2) } },
    rhs(du, u, { rates, net }) {
      const learned = tanh(add(matmul(net.W, [u.prey, u.predator]), net.b));
      du.prey = rates[0] * u.prey + learned.get(0) * u.predator;
      du.predator = -rates[1] * u.predator + learned.get(1);
    },
  }),
  scenario({
    name: "a row of a matrix at a time",
    u0: matrix(3, 2, 1),
    p: { A: matrix(2, 2, 2) },
    rhs(du, u, { A }) {
      for (let i = 0; i < 3; i++) {
        const y = matmul(A, u.pick(i, null));
        for (let j = 0; j < 2; j++) du.set(i, j, y.get(j) * u.get((i + 1) % 3, j));
      }
    },
  }),
  scenario({
    name: "reaction and diffusion on a periodic grid",
    u0: ndarray(vector(18, 0.5), [3, 3, 2]),
    p: { a: 1.1, b: 3.2, alpha: 0.4 },
    rhs(du, u, { a, b, alpha }) {
      for (let i = 0; i < 3; i++) {
        for (let j = 0; j < 3; j++) {
          const [west, east, south, north] = [(i + 2) % 3, (i + 1) % 3, (j + 2) % 3, (j + 1) % 3];
          const x = u.get(i, j, 0);
          const y = u.get(i, j, 1);
          const lapX = u.get(west, j, 0) + u.get(east, j, 0) + u.get(i, south, 0) + u.get(i, north, 0) - 4 * x;
          const lapY = u.get(west, j, 1) + u.get(east, j, 1) + u.get(i, south, 1) + u.get(i, north, 1) - 4 * y;
          du.set(i, j, 0, a + x * x * y - (b + 1) * x + alpha * lapX);
          du.set(i, j, 1, b * x - x * x * y + alpha * lapY);
        }
      }
    },
  }),
  scenario({
    name: "array operations on slices of a buffer that changes",
    u0: vector(4, 1),
    p: vector(2, 3),
    rhs(du, u, p) {
      const x = Float64Array.from(u);
      x[1] *= x[0];
      const first = mul(slice(x, 0, 2), p);
      x[0] = sum(first) * x[3];
      const second = mul(slice(x, 0, 2), p);
      for (let i = 0; i < 2; i++) {
        du[i] = first.get(i);
        du[i + 2] = second.get(i) * u[2];
      }
    },
  }),
];
