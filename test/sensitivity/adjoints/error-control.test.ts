/** Derivatives are right whatever the state does, in whatever units: it may rest, cross kinks, or sit at the boundary of stability. */
import { describe, expect, it } from "vitest";
import { gradient, odeProblem, solve, tsit5 } from "../../../index.ts";
import { brusselator } from "../../../problems/index.ts";
import { adjointMethods, type AdjointName } from "../../../sensitivity/adjoints/index.ts";
import { switchesOf } from "../../../src/analysis/switching/outcomes.ts";

const names = Object.keys(adjointMethods) as AdjointName[];
const controlled = names.filter((name) => adjointMethods[name].traits.controlsDerivatives);

const growth = odeProblem({ rhs: (du, u) => void (du.x = u.x), u0: { x: 0 }, tspan: [0, 10] });

describe("a state at rest", () => {
  it.each(controlled)("%s: what grows from it", (adjoint) => {
    const found = gradient(growth, { loss: { final: (u) => u.x }, wrt: ["u0"], adjoint });
    expect(Math.abs(found.gradient.u0!.x / Math.exp(10) - 1)).toBeLessThan(1e-4);
    expect(found.warnings).toEqual([]);
  });

  it("by steps for the state alone is wrong, and says so", () => {
    const found = gradient(growth, { loss: { final: (u) => u.x }, wrt: ["u0"], adjoint: "forwardSensitivity" });
    expect(Math.abs(found.gradient.u0!.x / Math.exp(10) - 1)).toBeGreaterThan(0.1);
    expect(found.warnings.join()).toContain("controlled for the state alone");
  });

  it("production and decay in balance", () => {
    const problem = odeProblem({
      rhs: (du, u, p) => void (du.x = p.ksyn - p.kdecay * u.x),
      u0: { x: 2 / 0.7 },
      tspan: [0, 20],
      p: { ksyn: 2, kdecay: 0.7 },
    });
    const p = gradient(problem, { loss: { final: (u) => u.x } }).gradient.p!;
    const reached = 1 - Math.exp(-14);
    expect(p.ksyn).toBeCloseTo(reached / 0.7, 4);
    expect(p.kdecay).toBeCloseTo((-2 / 0.49) * reached, 4);
  });

  it("a competitor that is not there yet", () => {
    const problem = odeProblem({
      rhs(du, u, p) {
        du.here = p.r * u.here * (1 - u.here - u.there);
        du.there = p.s * u.there * (1 - 0.5 * u.here - u.there);
      },
      u0: { here: 1, there: 0 },
      tspan: [0, 12],
      p: { r: 1, s: 0.8 },
    });
    const u0 = gradient(problem, { loss: { final: (u) => u.there }, wrt: ["u0"] }).gradient.u0!;
    expect(u0.there / Math.exp(0.4 * 12)).toBeCloseTo(1, 3);
  });
});

it("the boundary of stability: relaxation by an explicit method", () => {
  const problem = odeProblem({
    rhs: (u, p, t) => [-p.k * (u[0] - Math.cos(t))],
    u0: [0],
    tspan: [0, 10],
    p: { k: 2000 },
  });
  const [k, c, s] = [2000, Math.cos(10), Math.sin(10)];
  const right = (2 * k * c + s) / (k * k + 1) - (2 * k * (k * k * c + k * s)) / (k * k + 1) ** 2;
  for (const adjoint of ["discrete", "dual"]) {
    const found = gradient(problem, { loss: { final: (u) => u[0] }, solver: tsit5(), adjoint });
    expect(Math.abs(found.gradient.p!.k / right - 1)).toBeLessThan(1e-2);
  }
});

it("a stiff start: the Brusselator by its initial state", () => {
  const { problem, loss } = brusselator({ n: 8 });
  const of = (options: object): Float64Array => gradient(problem, { loss, wrt: ["u0"], ...options }).flat.u0!;
  const [found, right] = [of({}), of({ adjoint: "gauss", rtol: 1e-9, atol: 1e-9 })];
  const error = Math.hypot(...found.map((x, i) => x - right[i])) / Math.hypot(...right);
  expect(error).toBeLessThan(1e-4);
});

describe("kinks", () => {
  // A fall, half an oscillation on the floor, and a flight, in closed form.
  const bounced = (v0: number): number => {
    const [g, k] = [9.81, 1e4];
    const [w, tHit] = [Math.sqrt(k), (v0 + Math.sqrt(v0 * v0 + 2 * g)) / g];
    const v = v0 - g * tHit;
    const contact = (2 * Math.PI - 2 * Math.atan2(-v / w, g / k)) / w;
    const left = 1 - tHit - contact;
    return -v * left - 0.5 * g * left * left;
  };
  const right = (bounced(1e-5) - bounced(-1e-5)) / 2e-5;
  const floor = odeProblem({
    rhs(du, u, p) {
      du.h = u.v;
      du.v = -p.g + (u.h < 0 ? -p.k * u.h : 0);
    },
    u0: { h: 1, v: 0 },
    tspan: [0, 1],
    p: { g: 9.81, k: 1e4 },
  });

  it.each([undefined, ...controlled])("%s: a bounce on a stiff floor", (adjoint) => {
    const { v } = gradient(floor, { loss: { final: (u) => u.h }, wrt: ["u0"], adjoint }).gradient.u0!;
    expect(Math.abs(v / right - 1)).toBeLessThan(1e-2);
  });

  it("are found in the program, and only where there are some", () => {
    expect(switchesOf(floor.code.rhsProgram())).toBeDefined();
    expect(switchesOf(growth.code.rhsProgram())).toBeUndefined();
    const kinked = odeProblem({ rhs: (u) => [Math.max(0, u[0] - 1)], u0: [0], tspan: [0, 1] });
    expect(switchesOf(kinked.code.rhsProgram())).toBeDefined();
  });
});

describe("units", () => {
  const predators = (size: number, speed: number) =>
    odeProblem({
      rhs(du, u, p) {
        du.prey = p.a * u.prey - p.b * u.prey * u.predator;
        du.predator = p.d * u.prey * u.predator - p.c * u.predator;
      },
      u0: { prey: size, predator: size },
      tspan: [0, 10 / speed],
      p: { a: 1.5 * speed, b: speed / size, c: 3 * speed, d: speed / size },
    });

  it.each(names)("%s: the gradient of a multiple of the loss is the multiple", (adjoint) => {
    const of = (factor: number): number[] =>
      Object.values(
        gradient(predators(1, 1), {
          loss: { final: (u, _p, { factor }) => factor * u.prey, constants: { factor } },
          adjoint,
        }).gradient.p!,
      );
    const once = of(1);
    for (const factor of [1e-12, 1e-6, 1e6, 1e12]) {
      of(factor).forEach((x, i) => expect(Math.abs(x / factor / once[i] - 1)).toBeLessThan(1e-8));
    }
  });

  it.each(controlled)("%s: states and times in other units", (adjoint) => {
    const right = [2.160557523563, 0.188568777077, 0.563182794168, 0.939651287155];
    for (const [size, speed] of [
      [1e-12, 1],
      [1e12, 1],
      [1, 1e9],
      [1e-6, 1e-9],
    ]) {
      const { a, b, c, d } = gradient(predators(size, speed), { loss: { final: (u) => u.prey }, adjoint }).gradient.p!;
      [(a * speed) / size, (b * speed) / size ** 2, (c * speed) / size, (d * speed) / size ** 2].forEach((x, i) => {
        expect(Math.abs(x / right[i] - 1)).toBeLessThan(2e-3);
      });
    }
  });

  it("an integral of the loss has no scale but its own", () => {
    const of = (factor: number): number =>
      gradient(predators(1, 1), {
        loss: { integral: (u, _p, t, { factor }) => factor * Math.cos(40 * t) * u.prey, constants: { factor } },
        adjoint: "discrete",
      }).gradient.p!.a;
    expect(of(1e-12) / 1e-12 / of(1)).toBeCloseTo(1, 8);
  });
});

describe("components too small for their absolute tolerance", () => {
  const problem = odeProblem({
    rhs(du, u, p) {
      du.large = -p.k * u.large;
      du.small = 1e-9 * u.large - u.small;
    },
    u0: { large: 1, small: 0 },
    tspan: [0, 5],
    p: { k: 0.5 },
  });

  it("are told of by name, by solutions and gradients", () => {
    for (const warnings of [solve(problem).warnings, gradient(problem, { loss: { final: (u) => u.small } }).warnings]) {
      expect(warnings).toHaveLength(1);
      expect(warnings[0]).toMatch(/absolute tolerance.*: small \(/);
    }
  });

  it("but not parameters that events change", () => {
    const stopped = odeProblem({
      rhs: (u, p) => [-p[0] * u[0]],
      u0: [1],
      tspan: [0, 1],
      p: [0, 1e-9],
      events: { at: [0.5], apply: (_u, p) => void (p[0] = p[1]) },
    });
    expect(solve(stopped).warnings).toEqual([]);
    expect(gradient(stopped, { loss: { final: (u) => u[0] } }).warnings).toEqual([]);
  });

  it("but not with a smaller one", () => {
    expect(solve(problem, { atol: { small: 1e-15 } }).warnings).toEqual([]);
  });

  it("what begins small is followed relatively by default", () => {
    const logistic = odeProblem({ rhs: (u) => [u[0] * (1 - u[0])], u0: [1e-10], tspan: [0, 30] });
    const { u, warnings } = solve(logistic, { saveat: [30] });
    const right = 1 / (1 + (1e10 - 1) * Math.exp(-30));
    expect(Math.abs(u[0][0] / right - 1)).toBeLessThan(1e-4);
    expect(warnings).toEqual([]);
  });
});
