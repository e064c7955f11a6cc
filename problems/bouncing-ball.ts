import { odeProblem } from "../src/problem/problem.ts";
import type { NamedProblem } from "./named-problem.ts";
import { completed, type NoOptions } from "./options.ts";

export interface BallState {
  height: number;
  velocity: number;
}

export interface BallParameters {
  gravity: number;
  /** The speed after a bounce over that before it. */
  restitution: number;
}

const start: BallState = { height: 10, velocity: 0 };
const parameters: BallParameters = { gravity: 9.81, restitution: 0.9 };
const duration = 18;

/**
 * A ball that falls from 10 m and bounces, losing a tenth of its speed each time: two states, two parameters, not stiff, with events of
 * the state, the classical hybrid system (A. van der Schaft, H. Schumacher, An Introduction to Hybrid Dynamical Systems, Springer 2000,
 * section 2.2.3). The loss is the height at the end, on the way between two bounces. The reference is the closed form: the ball meets the
 * floor with v = √(2 g h) first at s = √(2 h / g), and for the N-th time at T = s (1 + 2 r + … + 2 r^(N−1)), where it leaves it with r^N v.
 */
export function bouncingBall(options: NoOptions = {}): NamedProblem<BallState, BallParameters> {
  completed("bouncingBall", {}, options);
  const { end, gradient, gradientByInitialState } = closedForm();
  return {
    problem: odeProblem({
      name: "bouncingBall",
      rhs(du, u, p) {
        du.height = u.velocity;
        du.velocity = -p.gravity;
      },
      u0: start,
      tspan: [0, duration],
      p: parameters,
      events: {
        when: (u) => u.height,
        direction: "down",
        apply(u, p) {
          u.velocity = -p.restitution * u.velocity;
        },
      },
    }),
    loss: { final: (u) => u.height },
    reference: { end, loss: end.height, gradient, gradientByInitialState },
  };
}

function closedForm() {
  const { gravity: g, restitution: r } = parameters;
  const h = start.height;
  const [v, s] = [Math.sqrt(2 * g * h), Math.sqrt((2 * h) / g)];
  // Of T / s and of its derivative by r.
  let [bounces, last, byR] = [0, 0, 0];
  for (let next = 1, slope = 0; s * next <= duration; bounces++) {
    [last, byR] = [next, slope];
    next += 2 * r ** (bounces + 1);
    slope += 2 * (bounces + 1) * r ** bounces;
  }
  const lost = r ** bounces;
  const left = duration - s * last;
  const velocity = lost * v - g * left;
  const height = lost * v * left - (g * left ** 2) / 2;
  return {
    end: { height, velocity },
    // By g and h, v and T move with their roots; a start with v₀ upwards delays all bounces by v₀ / g.
    gradient: {
      gravity: (lost * v * left) / (2 * g) - left ** 2 / 2 + (velocity * s * last) / (2 * g),
      restitution: bounces * r ** (bounces - 1) * v * left - velocity * s * byR,
    },
    gradientByInitialState: {
      height: (lost * v * left) / (2 * h) - (velocity * s * last) / (2 * h),
      velocity: -velocity / g,
    },
  };
}
