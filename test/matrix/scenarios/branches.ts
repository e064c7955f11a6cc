/** Branches on state, time and parameters; kinks, at smooth points; ways out of a function. */
import { relu } from "../../../src/operations/plain-operations.ts";
import { scenario } from "../scenario.ts";

export const branches = [
  scenario({
    name: "a branch on the state",
    u0: [1.4, 0.3],
    p: [0.9, 2],
    rhs(du, u, p) {
      if (u[0] > 1) du[0] = -p[0] * (u[0] - 1) ** 2;
      else du[0] = p[1] * u[1];
      du[1] = u[1] < 1 ? u[0] * u[1] * p[1] : -u[1];
    },
  }),
  scenario({
    name: "a branch on time",
    u0: [1.4],
    p: [0.9, 2],
    t: 1.3,
    rhs(du, u, p, t) {
      const rate = t < 1 ? p[0] : p[0] + p[1] * Math.sin(t);
      du[0] = -rate * u[0] * u[0];
    },
  }),
  scenario({
    name: "a branch on a parameter",
    u0: [0.4],
    p: { hill: 3, half: 0.7, saturating: 1 },
    rhs(du, u, p) {
      const x = Math.pow(u[0], p.hill);
      du[0] = p.saturating > 0.5 ? x / (Math.pow(p.half, p.hill) + x) : p.half * x;
    },
  }),
  scenario({
    name: "branches around overwritten arrays",
    u0: [0.4, 0.9, -0.3],
    p: [1.3],
    rhs(du, u, p) {
      const x = [0, 0, 0];
      for (let i = 0; i < 3; i++) {
        x[i] = u[i] * p[0];
        if (x[i] > 0.2) {
          x[i] *= x[i];
          if (i > 0) x[i - 1] += x[i];
        } else x[i] = -x[i] * u[0];
      }
      for (let i = 0; i < 3; i++) du[i] = x[i];
    },
  }),
  scenario({
    name: "kinks: abs, max, min, hypot, at smooth points",
    u0: [-0.7, 0.4],
    p: [0.2],
    rhs(du, u, p) {
      du[0] = Math.abs(u[0]) * Math.max(u[1], p[0]) + Math.min(u[0], u[1], p[0]);
      du[1] = Math.hypot(u[0], u[1]) * Math.sign(u[0]) - Math.max(0, p[0] - 1);
    },
  }),
  scenario({
    name: "relu of a vector",
    u0: new Float64Array([-0.7, 0.4, 1.2]),
    p: [],
    traits: { arrays: ["u", "p"] },
    rhs: (u) => relu(u),
  }),
  scenario({
    name: "an early return",
    u0: [0.2, 0.8],
    p: [1.7],
    rhs(du, u, p) {
      du[0] = -u[0] * p[0];
      du[1] = u[0] * u[1];
      if (u[0] < 0.5) return;
      du[1] = p[0];
    },
  }),
  scenario({
    name: "a return out of a loop of a helper",
    u0: [0.55],
    p: [2.5],
    constants: {
      levels: [0.2, 0.4, 0.6, 0.8],
      find(x: number, levels: readonly number[]): number {
        for (let i = 0; i < levels.length; i++) if (x < levels[i]) return levels[i] - x * x;
        return 0;
      },
    },
    rhs(du, u, p, _t, { find, levels }) {
      du[0] = p[0] * find(u[0], levels);
    },
  }),
  scenario({
    name: "a switch that falls through",
    u0: [0.4, 0.9, 1.3],
    p: [0.6],
    rhs(du, u, p) {
      for (let i = 0; i < 3; i++) {
        let x = u[i];
        switch (i) {
          case 0:
            x *= p[0];
          // falls through
          case 1:
            x = Math.exp(-x);
            break;
          default:
            x = x * x * p[0];
        }
        du[i] = x;
      }
    },
  }),
  scenario({
    name: "a chain of logical operators",
    u0: [0.4, 1.6],
    p: [0.6],
    rhs(du, u, p) {
      const inside = (u[0] > 0 && u[1] > 1) || p[0] > 5;
      du[0] = inside && !(u[0] > u[1]) ? p[0] * Math.log(u[1]) : 0;
      du[1] = u[0] >= u[1] || u[0] === u[1] ? u[1] : u[0] ** p[0];
    },
  }),
];
