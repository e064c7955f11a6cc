/** Arrays that are overwritten, aliased, swapped, and used as scratch space. */
import ndarray from "ndarray";
import { scenario } from "../scenario.ts";

export const mutation = [
  scenario({
    name: "an array overwritten in place",
    u0: [0.4, 0.9, -0.3],
    p: [1.3],
    rhs(du, u, p) {
      const x = [u[0], u[1], u[2]];
      for (let sweep = 0; sweep < 3; sweep++) for (let i = 0; i < 3; i++) x[i] = Math.tanh(x[i] * x[(i + 1) % 3] + p[0]);
      for (let i = 0; i < 3; i++) du[i] = x[i] - u[i];
    },
  }),
  scenario({
    name: "the output used as an accumulator",
    u0: [0.4, 0.9, -0.3],
    p: [1.3, 0.2],
    rhs(du, u, p) {
      du.fill(0);
      for (let k = 0; k < 4; k++) {
        for (let i = 0; i < 3; i++) du[i] += p[0] * u[(i + k) % 3] * u[i];
        du[k % 3] *= p[1];
      }
    },
  }),
  scenario({
    name: "prefix sums over the output",
    u0: new Float64Array([0.2, 0.5, 0.8, 1.1]),
    p: new Float64Array([0.6]),
    rhs(du, u, p) {
      du[0] = u[0] * p[0];
      for (let i = 1; i < u.length; i++) du[i] = du[i - 1] * u[i] + Math.exp(-u[i - 1]);
    },
  }),
  scenario({
    name: "subarrays of the state",
    u0: new Float64Array([1, 0.5, -0.2, 0.7]),
    p: [2.5],
    rhs(du, u, p) {
      const positions = u.subarray(0, 2);
      const speeds = u.subarray(2, 4);
      const force = du.subarray(2);
      du.set(speeds, 0);
      for (let i = 0; i < 2; i++) force[i] = -p[0] * positions[i] * Math.hypot(positions[0], positions[1]);
    },
  }),
  scenario({
    name: "overlapping views of one buffer",
    u0: [0.3, 0.6],
    p: [1.1],
    rhs(du, u, p) {
      const buffer = new Float64Array(4);
      const low = buffer.subarray(0, 3);
      const high = buffer.subarray(1, 4);
      low[1] = u[0];
      high[0] = high[0] * p[0] + u[1];
      low[2] = high[0] * u[0];
      high[1] += 2 * buffer[1];
      du[0] = buffer[1];
      du[1] = buffer[2];
    },
  }),
  scenario({
    name: "rows and columns of an ndarray",
    u0: ndarray(new Float64Array([0.1, 0.2, 0.3, 0.4, 0.5, 0.6]), [2, 3]),
    p: [0.7],
    rhs(du, u, p) {
      for (let i = 0; i < 2; i++) {
        const row = u.pick(i, null);
        const other = u.pick(1 - i, null);
        for (let j = 0; j < 3; j++) du.set(i, j, p[0] * row.get(j) * other.get(2 - j));
      }
      const corner = du.lo(0, 1).hi(2, 2);
      corner.set(0, 0, corner.get(0, 0) + u.get(1, 2) ** 2);
    },
  }),
  scenario({
    name: "a transposed view, written through",
    u0: ndarray(new Float64Array([0.1, 0.9, 0.3, 0.5]), [2, 2]),
    p: ndarray(new Float64Array([1, 2, 3, 4]), [2, 2]),
    rhs(du, u, p) {
      const flipped = du.transpose(1, 0);
      for (let i = 0; i < 2; i++) for (let j = 0; j < 2; j++) flipped.set(i, j, u.get(i, j) * p.get(j, i));
      du.set(0, 1, du.get(0, 1) * u.get(0, 0));
    },
  }),
  scenario({
    name: "a work buffer among the constants",
    u0: [0.4, 0.9, -0.3, 0.1],
    p: [0.5],
    constants: { flux: new Float64Array(5) },
    rhs(du, u, p, _t, { flux }) {
      flux[0] = 0;
      for (let i = 1; i < 4; i++) flux[i] = p[0] * (u[i] - u[i - 1]) ** 3;
      flux[4] = 0;
      for (let i = 0; i < 4; i++) du[i] = flux[i + 1] - flux[i];
    },
  }),
  scenario({
    name: "two buffers that swap",
    u0: [0.5, -0.4, 0.2],
    p: [0.8, 0.1],
    rhs(du, u, p) {
      let now = Float64Array.from(u);
      let next = new Float64Array(3);
      for (let k = 0; k < 4; k++) {
        for (let i = 0; i < 3; i++) next[i] = p[0] * now[i] + p[1] * now[(i + 2) % 3] ** 2;
        [now, next] = [next, now];
      }
      for (let i = 0; i < 3; i++) du[i] = now[i];
    },
  }),
  scenario({
    name: "elimination with back substitution",
    u0: [0.5, -0.4, 0.2],
    p: [4, 1],
    rhs(du, u, p) {
      const diagonal = [p[0], p[0] + u[0], p[0] + u[1] ** 2];
      const right = [u[0], u[1], u[2]];
      for (let i = 1; i < 3; i++) {
        const factor = p[1] / diagonal[i - 1];
        diagonal[i] -= factor * p[1];
        right[i] -= factor * right[i - 1];
      }
      du[2] = right[2] / diagonal[2];
      for (let i = 1; i >= 0; i--) du[i] = (right[i] - p[1] * du[i + 1]) / diagonal[i];
    },
  }),
];
