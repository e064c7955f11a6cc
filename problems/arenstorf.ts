import { odeProblem } from "../src/problem/problem.ts";
import type { NamedProblem } from "./named-problem.ts";
import { completed, type NoOptions } from "./options.ts";

export interface ArenstorfState {
  x: number;
  y: number;
  vx: number;
  vy: number;
}

export interface ArenstorfParameters {
  /** The moon's part of the mass of moon and earth. */
  mu: number;
}

/**
 * Arenstorf's orbit: a closed path of a satellite around earth and moon, in coordinates that turn with them; four states, one
 * parameter, not stiff, with steps that differ by a factor of a thousand.
 *
 * R. F. Arenstorf, Periodic solutions of the restricted three-body problem, Amer. J. Math. 85 (1963), as in E. Hairer, S. P. Nørsett, G.
 * Wanner, Solving Ordinary Differential Equations I, II.0 (0.1). After the period, the end of tspan, the satellite is where it
 * began, to the digits of the given initial velocity. The loss is x at the end.
 */
export function arenstorf(options: NoOptions = {}): NamedProblem<ArenstorfState, ArenstorfParameters> {
  completed("arenstorf", {}, options);
  return {
    problem: odeProblem({
      name: "arenstorf",
      rhs(du, u, { mu }) {
        const rest = 1 - mu;
        const toEarth = ((u.x + mu) ** 2 + u.y ** 2) ** 1.5;
        const toMoon = ((u.x - rest) ** 2 + u.y ** 2) ** 1.5;
        du.x = u.vx;
        du.y = u.vy;
        du.vx = u.x + 2 * u.vy - (rest * (u.x + mu)) / toEarth - (mu * (u.x - rest)) / toMoon;
        du.vy = u.y - 2 * u.vx - (rest * u.y) / toEarth - (mu * u.y) / toMoon;
      },
      u0: { x: 0.994, y: 0, vx: 0, vy: -2.00158510637908252240537862224 },
      tspan: [0, 17.0652165601579625588917206249],
      p: { mu: 0.012277471 },
    }),
    loss: { final: (u) => u.x },
  };
}
