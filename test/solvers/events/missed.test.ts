/** Events whose conditions get to their side without crossing zero: they do not take place, which is said; and what is no such thing. */
import { expect, test } from "vitest";
import {
  gradient,
  odeProblem,
  rodas5P,
  sensitivities,
  solve,
  solveWithPullback,
  tsit5,
  type ProblemEvent,
} from "../../../index.ts";

interface Ball {
  height: number;
  speed: number;
}
type Way = "up" | "down" | "both";

const ball = (height: number, speed: number, restitution: number, direction: Way | undefined = "down") =>
  odeProblem({
    rhs: (u: Ball, p: { gravity: number; restitution: number }) => ({ height: u.speed, speed: -p.gravity }),
    u0: { height, speed },
    tspan: [0, 2],
    p: { gravity: 9.81, restitution },
    events: {
      when: (u: Ball) => u.height,
      direction,
      apply(u: Ball, p: { restitution: number }) {
        u.speed *= -p.restitution;
      },
    },
  });

const told = (warnings: readonly string[]): string[] => warnings.filter((one) => one.includes("crossing zero"));

test.each(["down", "both"] as const)(
  "a ball that does not bounce falls through the floor, and that is said (%s)",
  (direction) => {
    for (const solver of [tsit5(), rodas5P()]) {
      const { warnings, events } = solve(ball(1, 0, 0, direction), { solver });
      expect(events.length).toBe(1);
      expect(told(warnings)).toEqual([
        expect.stringMatching(/^events\.when is left at zero, at rest, by its event at t = 0\.45152,/),
      ]);
    }
    expect(told(solve(ball(0, 0, 0.9, direction)).warnings)).toEqual([
      expect.stringMatching(/zero where the solve begins at t = 0,/),
    ]);
  },
);

test("so it is in gradients, sensitivities and pullbacks", () => {
  const problem = ball(1, 0, 0);
  for (const adjoint of ["discrete", "gauss", "dual", "forwardSensitivity"] as const) {
    const { warnings } = gradient(problem, { loss: { final: (u: Ball) => u.height }, adjoint });
    expect(told(warnings).length).toBe(1);
  }
  expect(told(sensitivities(problem, { saveat: [1, 2] }).warnings).length).toBe(1);
  expect(told(solveWithPullback(problem, { saveat: [1, 2] }).solution.warnings).length).toBe(1);
});

test("a ball that begins on the floor and is on its way down", () => {
  expect(told(solve(ball(0, -1, 0.9)).warnings).length).toBe(1);
});

test.each([
  ["that bounces", ball(1, 0, 0.9)],
  ["that bounces, both ways", ball(1, 0, 0.9, "both")],
  ["that is thrown from the floor", ball(0, 3, 0.5)],
  ["that is thrown from the floor, both ways", ball(0, 3, 0.5, "both")],
  ["whose event is on the way up only", ball(1, 0, 0, "up")],
  ["that bounces little", ball(1, 0, 0.01)],
])("nothing is said of a ball %s", (_, problem) => {
  const { warnings } = solve({ ...problem, tspan: [0, 0.46] as const }, { saveat: [0.46] });
  expect(told(warnings)).toEqual([]);
});

test("held on the floor by a flag, or by a comparison, it stays, and nothing is said", () => {
  const flagged = odeProblem({
    rhs: (u: number[]) => [u[1], u[2] > 0 ? 0 : -9.81, 0],
    u0: [1, 0, 0],
    tspan: [0, 2],
    events: {
      when: (u: number[]) => u[0],
      direction: "down",
      apply(u: number[]) {
        u[1] = 0;
        u[2] = 1;
      },
    },
  });
  const compared = odeProblem({
    rhs: (u: number[], _p: number[], t: number) => [u[1], u[0] <= 0 && u[1] <= 0 && t < 5 ? 0 : -9.81],
    u0: [0, 0],
    tspan: [0, 2],
    events: { when: (u: number[]) => u[0], direction: "down", apply: (u: number[]) => void (u[1] *= -0.5) },
  });
  for (const problem of [flagged, compared]) {
    const { u, warnings } = solve(problem, { saveat: [2] });
    expect(u[0][0]).toBeCloseTo(0, 12);
    expect(told(warnings)).toEqual([]);
  }
});

const level = (events: ProblemEvent<number[], number[]>[], u0 = 0.5) =>
  odeProblem({ rhs: (u: number[]) => [-u[0]], u0: [u0], p: [0], tspan: [0, 2], events });
const above = (direction: Way | undefined): ProblemEvent<number[], number[]> => ({
  when: (u: number[]) => u[0] - 1,
  direction,
  apply(u: number[]) {
    u[0] *= 0.999;
  },
});
const dose = (to: number): ProblemEvent<number[], number[]> => ({ at: [1], apply: (u: number[]) => void (u[0] = to) });

test("an event that carries another one's condition over zero, or to it and on", () => {
  expect(told(solve(level([above("up"), dose(2)])).warnings)).toEqual([
    expect.stringMatching(/moved by another event at t = 1,/),
  ]);
  expect(told(solve(level([above("both"), dose(2)])).warnings).length).toBe(1);
  // To zero, from where it falls back: that is no crossing.
  expect(told(solve(level([above("up"), dose(1)])).warnings)).toEqual([]);
  expect(told(solve(level([above("down"), dose(2)])).warnings)).toEqual([]);
  expect(told(solve(level([above("down"), dose(1)], 20)).warnings).length).toBe(1);
});

test("balls of a cradle that touch at rest pass through each other, and that is said", () => {
  // Positions and speeds of three balls of size 1; equal masses exchange their speeds.
  const hit = (i: number): ProblemEvent<number[], number[]> =>
    i === 0
      ? { when: (u: number[]) => u[1] - u[0] - 1, direction: "down", apply: (u: number[]) => void ([u[3], u[4]] = [u[4], u[3]]) }
      : { when: (u: number[]) => u[2] - u[1] - 1, direction: "down", apply: (u: number[]) => void ([u[4], u[5]] = [u[5], u[4]]) };
  const cradle = (third: number) =>
    odeProblem({
      rhs: (u: number[]) => [u[3], u[4], u[5], 0, 0, 0],
      u0: [0, 2, third, 1, 0, 0],
      p: [0],
      tspan: [0, 3],
      events: [hit(0), hit(1)],
    });
  expect(told(solve(cradle(3)).warnings)).toEqual([expect.stringMatching(/moved by another event/)]);
  const apart = solve(cradle(3.25), { saveat: [3] });
  expect(told(apart.warnings)).toEqual([]);
  // The last one has gone on from 3.25 since t = 1.25.
  expect(apart.u[0][2]).toBeCloseTo(5, 10);
});

test("crossings that begin at zero, as those of sections do, are the next ones", () => {
  const section = (direction: Way) =>
    odeProblem({
      rhs: (u: number[]) => [u[1], -u[0]],
      u0: [0, 1],
      tspan: [0, 10],
      events: { when: (u: number[]) => u[0], direction, terminal: true },
    });
  const { end, warnings } = solve(section("up"));
  expect(end).toBeCloseTo(2 * Math.PI, 5);
  expect(told(warnings)).toEqual([]);
  expect(told(solve(section("both")).warnings)).toEqual([]);
});
