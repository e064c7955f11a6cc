/** Events of the state that are met at one time, to rounding, take place each once, in the order of the list. */
import { describe, expect, it, test } from "vitest";
import { dop853, gradient, ndarray, odeProblem, solve, solveBatch, tsit5, vern7 } from "../../../index.ts";
import { adaptiveMethods, eachWay } from "../../tables.ts";

/** Irrational parts, spread evenly. */
const part = (i: number, k: number): number => (i * 0.618034 + k * 0.324718 * i) % 1;

/** A ball falls to the floor where it reaches two walls: x and z of the corner, and its speeds towards it. */
const room = odeProblem({
  rhs: (u, p) => ({ x: u.vx, y: u.vy, z: u.vz, vx: 0, vy: -p.g, vz: 0 }),
  u0: { x: 0, y: 1, z: 0, vx: 2, vy: 0, vz: 3 },
  tspan: [0, 1.5],
  p: { g: 2, e: 0.9, L: 2, W: 3 },
  events: [
    {
      when: (u) => u.y,
      direction: "down",
      apply(u, p) {
        u.vy *= -p.e;
      },
    },
    {
      when: (u, p) => u.x - p.L,
      direction: "up",
      apply(u, p) {
        u.vx *= -p.e;
      },
    },
    {
      when: (u, p) => u.z - p.W,
      direction: "up",
      apply(u, p) {
        u.vz *= -p.e;
      },
    },
  ],
});

const corners = Array.from({ length: 40 }, (_, i) => {
  const [g, y, L, W] = [1 + 9 * part(i, 1), 0.5 + 2 * part(i, 2), 0.5 + 3 * part(i, 3), 0.5 + 3 * part(i, 4)];
  const t = Math.sqrt((2 * y) / g);
  // In every other one the second wall is far away.
  return {
    p: { g, e: 0.9, L, W: i % 2 ? W : 1e3 },
    u0: { x: 0, y, z: 0, vx: L / t, vy: 0, vz: W / t },
    tspan: [0, 1.5 * t] as const,
  };
});

/** Thresholds of x, x' and x'' that are reached at T; each is counted. */
const chain = odeProblem({
  rhs: (u, p) => [p.a, u[0], u[1], 0, 0, 0],
  u0: [0, 0, 0, 0, 0, 0],
  tspan: [0, 1],
  p: { a: 1, T: 1 },
  events: [
    {
      when: (u, p) => u[0] - p.a * p.T,
      direction: "up",
      apply(u) {
        u[3] += 1;
      },
    },
    {
      when: (u, p) => u[1] - (p.a * p.T ** 2) / 2,
      direction: "up",
      apply(u) {
        u[4] += 1;
      },
    },
    {
      when: (u, p) => u[2] - (p.a * p.T ** 3) / 6,
      direction: "up",
      apply(u) {
        u[5] += 1;
      },
    },
  ],
});

const thresholds = Array.from({ length: 40 }, (_, i) => ({ a: 0.3 + 3 * part(i, 1), T: 0.5 + part(i, 2) }));

const isWithin = ({ x, y, z }: { x: number; y: number; z: number }, { L, W }: { L: number; W: number }): boolean =>
  y >= -1e-6 && x <= L + 1e-6 && z <= W + 1e-6;

describe("none of several is lost", () => {
  test.each(adaptiveMethods.map((solver) => [solver.name, solver] as const))("by %s", (_, solver) => {
    const outside = corners.filter((corner) => {
      const { u, events } = solve(room, { ...corner, solver });
      return events.length !== (corner.p.W < 100 ? 3 : 2) || !isWithin(u.at(-1)!, corner.p);
    });
    const lost = thresholds.filter((p) => {
      const u = solve(chain, { p, tspan: [0, 1.5 * p.T], solver }).u.at(-1)!;
      return u.slice(3).some((count) => count !== 1);
    });
    expect([outside, lost]).toEqual([[], []]);
  });

  test.each([tsit5(), vern7(), dop853()].map((solver) => [solver.name, solver] as const))(
    "in batches by %s",
    async (_, solver) => {
      const rows = (of: (corner: (typeof corners)[number]) => readonly number[]) =>
        ndarray(Float64Array.from(corners.flatMap(of)), [corners.length, of(corners[0]).length]);
      const batch = await solveBatch(room, {
        solver,
        device: "cpu",
        p: rows(({ p }) => [p.g, p.e, p.L, p.W]),
        u0: rows(({ u0 }) => [u0.x, u0.y, u0.z, u0.vx, u0.vy, u0.vz]),
        tspan: rows(({ tspan }) => tspan),
        saveat: rows(({ tspan }) => [tspan[1]]),
      });
      const at = (m: number, i: number): number => batch.u.get(m, 0, i);
      const outside = corners.filter(({ p }, m) => !isWithin({ x: at(m, 0), y: at(m, 1), z: at(m, 2) }, p));
      const counted = await solveBatch(chain, {
        solver,
        device: "cpu",
        p: ndarray(Float64Array.from(thresholds.flatMap(({ a, T }) => [a, T])), [thresholds.length, 2]),
        tspan: ndarray(Float64Array.from(thresholds.flatMap(({ T }) => [0, 1.5 * T])), [thresholds.length, 2]),
        saveat: ndarray(Float64Array.from(thresholds.map(({ T }) => 1.5 * T)), [thresholds.length, 1]),
      });
      const lost = thresholds.filter((_, m) => [3, 4, 5].some((i) => counted.u.get(m, 0, i) !== 1));
      expect([outside, lost]).toEqual([[], []]);
    },
  );
});

it("the order is that of the list, each sees what the former did, and the state before the first decides", () => {
  // Both conditions are x, written two ways; the first turns it back, so that the second is not zero any more, nor falls.
  const problem = odeProblem({
    rhs: (_u, p) => ({ x: -p.v, last: 0, seen: 0 }),
    u0: { x: 1, last: 0, seen: 0 },
    tspan: [0, 1],
    p: { v: 1.7 },
    events: [
      {
        when: (u) => u.x,
        direction: "down",
        apply(u) {
          u.x = 5;
          u.last = 1;
        },
      },
      {
        when: (u) => 3 * (u.x + 0.1) - 0.3,
        direction: "down",
        apply(u) {
          u.seen = u.x;
          u.last = 2;
        },
      },
    ],
  });
  const { u, events } = solve(problem);
  expect(events.map(({ event }) => event)).toEqual([0, 1]);
  expect(u.at(-1)).toMatchObject({ last: 2, seen: 5 });
});

test.each(eachWay)("where they do not disturb each other their derivatives are two-sided, by %s and %s", (adjoint, _, solver) => {
  const far = { ...room.p, W: 100 };
  const {
    value,
    gradient: g,
    warnings,
  } = gradient(room, { p: far, loss: { final: (u) => u.x }, adjoint, solver, rtol: 1e-9, atol: 1e-9 });
  // x = L - e (L / t) (1.5 - t) with vx = 2, t = L / 2: the time of the floor does not matter.
  expect(value).toBeCloseTo(2 - 0.9 * 2 * 0.5, 6);
  expect([g.p.g, g.p.e, g.p.L, g.p.W]).toEqual([0, -1, 1.9, 0].map((x) => expect.closeTo(x, 5)));
  expect(warnings.filter((warning) => warning.includes("either side"))).toEqual([]);
});
