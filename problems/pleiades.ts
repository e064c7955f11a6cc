import { odeProblem } from "../src/problem/problem.ts";
import type { NamedProblem } from "./named-problem.ts";
import { completed, type NoOptions } from "./options.ts";

export interface PleiadesState {
  x: Float64Array;
  y: Float64Array;
  vx: Float64Array;
  vy: Float64Array;
}

/**
 * The Pleiades: seven stars in a plane, 28 states, with near collisions, not stiff. p: the seven masses.
 *
 * E. Hairer, S. P. Nørsett, G. Wanner, Solving Ordinary Differential Equations I, II.10 (10.2), as in the Test Set for IVP Solvers (Bari),
 * whose end state at t = 3 the reference gives. The loss is the first star's distance from the origin at the end, squared.
 */
export function pleiades(options: NoOptions = {}): NamedProblem<PleiadesState, Float64Array> {
  completed("pleiades", {}, options);
  return {
    problem: odeProblem({
      name: "pleiades",
      rhs(du, u, mass) {
        for (let i = 0; i < 7; i++) {
          let ax = 0;
          let ay = 0;
          for (let j = 0; j < 7; j++) {
            if (j === i) continue;
            const dx = u.x[j] - u.x[i];
            const dy = u.y[j] - u.y[i];
            const weight = mass[j] / (dx * dx + dy * dy) ** 1.5;
            ax += weight * dx;
            ay += weight * dy;
          }
          du.x[i] = u.vx[i];
          du.y[i] = u.vy[i];
          du.vx[i] = ax;
          du.vy[i] = ay;
        }
      },
      u0: {
        x: new Float64Array([3, 3, -1, -3, 2, -2, 2]),
        y: new Float64Array([3, -3, 2, 0, 0, -4, 4]),
        vx: new Float64Array([0, 0, 0, 0, 0, 1.75, -1.5]),
        vy: new Float64Array([0, 0, 0, -1.25, 1, 0, 0]),
      },
      tspan: [0, 3],
      p: new Float64Array([1, 2, 3, 4, 5, 6, 7]),
    }),
    loss: { final: (u) => u.x[0] ** 2 + u.y[0] ** 2 },
    reference: { end, loss: end.x[0] ** 2 + end.y[0] ** 2 },
  };
}

const end = {
  x: new Float64Array([
    0.3706139143970502, 0.3237284092057233e1, -0.3222559032418324e1, 0.659709145577531, 0.3425581707156584, 0.1562172101400631e1,
    -0.7003092922212495,
  ]),
  y: new Float64Array([
    -0.3943437585517392e1, -0.327138097397255e1, 0.5225081843456543e1, -0.259061243497747e1, 0.1198213693392275e1,
    -0.2429682344935824, 0.109144924042898e1,
  ]),
  vx: new Float64Array([
    0.3417003806314313e1, 0.1354584501625501e1, -0.2590065597810775e1, 0.2025053734714242e1, -0.1155815100160448e1,
    -0.8072988170223021, 0.595239635420871,
  ]),
  vy: new Float64Array([
    -0.374124496123401e1, 0.377345968575063, 0.9386858869551073, 0.3667922227200571, -0.347404635380849, 0.2344915448180937e1,
    -0.1947020434263292e1,
  ]),
};
