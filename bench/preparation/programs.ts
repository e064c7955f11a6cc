/** Problems of any size, whose first gradient shows what preparation costs. */
import { odeProblem, type OdeProblem } from "../../index.ts";

type Flat = OdeProblem<Float64Array, Float64Array>;

export interface Growing {
  /** What the size counts. */
  readonly counts: string;
  readonly sizes: readonly number[];
  readonly problem: (size: number) => Flat;
}

export const growing: Readonly<Record<string, Growing>> = {
  network: { counts: "parameters", sizes: [1e3, 1e4, 1e5, 1e6], problem: network },
  diffusion: { counts: "states", sizes: [1e2, 1e3, 1e4, 1e5], problem: diffusion },
  generated: { counts: "statements", sizes: [1e2, 1e3, 1e4], problem: generated },
};

/** A hidden layer between two states. */
function network(size: number): Flat {
  const width = Math.round(size / 5);
  return odeProblem({
    rhs(du, u, p, _t, { width }) {
      let [x, y] = [0, 0];
      for (let i = 0; i < width; i++) {
        const hidden = Math.tanh(p[i] * u[0] + p[width + i] * u[1] + p[2 * width + i]);
        x += p[3 * width + i] * hidden;
        y += p[4 * width + i] * hidden;
      }
      du[0] = x;
      du[1] = y;
    },
    u0: Float64Array.of(1, 0.5),
    p: Float64Array.from({ length: 5 * width }, (_, i) => (0.5 * Math.sin(1.7 * i)) / Math.sqrt(width)),
    tspan: [0, 1],
    constants: { width },
  });
}

/** On a ring. */
function diffusion(n: number): Flat {
  return odeProblem({
    rhs(du, u, p, _t, { n }) {
      for (let i = 0; i < n; i++) {
        const left = i > 0 ? u[i - 1] : u[n - 1];
        const right = i < n - 1 ? u[i + 1] : u[0];
        du[i] = p[0] * (left - 2 * u[i] + right);
      }
    },
    u0: Float64Array.from({ length: n }, (_, i) => 1.5 + Math.sin((2 * Math.PI * i) / n)),
    p: Float64Array.of(0.1),
    tspan: [0, 1],
    constants: { n },
  });
}

/** A right-hand side as programs write them: a statement for each state. */
function generated(n: number): Flat {
  const statements = Array.from({ length: n }, (_, i) => `du[${i}] = -p[0] * u[${i}] + 0.1 * u[${(i + 1) % n}];`);
  return odeProblem({
    rhs: new Function("du", "u", "p", statements.join("\n")) as (du: Float64Array, u: Float64Array, p: Float64Array) => void,
    u0: new Float64Array(n).fill(1),
    p: Float64Array.of(0.1),
    tspan: [0, 1],
  });
}
