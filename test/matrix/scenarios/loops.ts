/** Scalar code: loops of every kind, integer tricks, tables. */
import { scenario } from "../scenario.ts";

const table = Float64Array.of(0.1, 0.7, 1.9, 2.2, 1.4, 0.3);

export const loops = [
  scenario({
    name: "a recurrence that feeds on itself",
    u0: [0.4, 0.9],
    p: [1.3, 0.6],
    rhs(du, u, p) {
      let x = u[0];
      for (let k = 0; k < 6; k++) x = p[0] * x * (1 - x) + p[1] * u[1];
      du[0] = x;
      du[1] = -x * u[1];
    },
  }),
  scenario({
    name: "Horner's scheme, downwards",
    u0: new Float64Array([0.7]),
    p: [1, -2, 0.5, 0.25],
    rhs(du, u, p) {
      let value = 0;
      for (let k = p.length - 1; k >= 0; k--) value = value * u[0] + p[k];
      du[0] = value;
    },
  }),
  scenario({
    name: "nested loops over a triangle",
    u0: [0.3, -0.8, 1.1, 0.5],
    p: [0.9],
    rhs(du, u, p) {
      for (let i = 0; i < 4; i++) {
        let sum = 0;
        for (let j = 0; j <= i; j++) sum += Math.sin(u[i] - p[0] * u[j]) / (1 + i + j);
        du[i] = sum;
      }
    },
  }),
  scenario({
    name: "a while loop whose length depends on the state",
    u0: [5.3, 0.4],
    p: [0.7],
    rhs(du, u, p) {
      let x = u[0];
      let halvings = 0;
      while (x > 1) {
        x *= 0.5;
        halvings += 1;
      }
      du[0] = p[0] * x * x + halvings * u[1];
      du[1] = x - u[1];
    },
  }),
  scenario({
    name: "do-while, break and continue",
    u0: [0.8, 2.1],
    p: [0.3],
    rhs(du, u, p) {
      let sum = 0;
      for (let k = 0; k < 10; k++) {
        if (k % 3 === 1) continue;
        if (k > 6) break;
        sum += Math.pow(u[0], k) * p[0];
      }
      let x = u[1];
      do x = Math.sqrt(x + p[0]);
      while (x > 1.3);
      du[0] = sum;
      du[1] = x * u[0];
    },
  }),
  scenario({
    name: "for-of, map and reduce",
    u0: [0.4, -0.2, 0.9],
    p: [1.5, 0.2],
    rhs: (u, p) => {
      let product = 1;
      for (const x of u) product *= 1 + p[1] * x;
      const mean = u.reduce((sum, x) => sum + x, 0) / u.length;
      return u.map((x, i) => p[0] * (mean - x) * (i + 1) + product);
    },
  }),
  scenario({
    name: "integer tricks",
    u0: [0.5, 0.25, -0.7, 1.2],
    p: [0.8],
    rhs(du, u, p) {
      const half = (u.length / 2) | 0;
      for (let i = 0; i < u.length; i++) {
        const partner = (i + half) & 3;
        const sign = 1 - ((i & 1) << 1);
        du[i] = sign * p[0] * u[partner] * u[i ^ 1] + (i >> 1) * u[i];
      }
    },
  }),
  scenario({
    name: "a table, interpolated at the state",
    u0: [2.4],
    p: [0.9],
    constants: { table },
    rhs(du, u, p, _t, constants) {
      const i = Math.floor(u[0]);
      const s = u[0] - i;
      du[0] = p[0] * ((1 - s) * constants.table[i] + s * constants.table[i + 1]) * u[0];
    },
  }),
  scenario({
    name: "a forcing tabulated in time",
    u0: [0.8],
    p: [1.2, 3],
    t: 0.37,
    constants: { table },
    rhs(du, u, p, t, { table }) {
      const k = Math.floor(t / 0.25);
      const s = t / 0.25 - k;
      du[0] = -p[0] * u[0] + p[1] * (table[k] * (1 - s) + table[k + 1] * s) * u[0] ** 2;
    },
  }),
  scenario({
    name: "a root find by Newton's method",
    u0: [0.6, 0.3],
    p: [0.8],
    rhs(du, u, p) {
      // Kepler's equation: E - e sin E = M.
      let anomaly = u[0];
      for (let k = 0; k < 12; k++) anomaly -= (anomaly - u[1] * Math.sin(anomaly) - u[0]) / (1 - u[1] * Math.cos(anomaly));
      du[0] = p[0] * Math.cos(anomaly);
      du[1] = -anomaly * u[1];
    },
  }),
];
