import { describe, expect, test } from "vitest";
import { odeProblem } from "../../../index.ts";
import type { MethodName } from "../../../solvers/index.ts";
import { radau } from "../../../solvers/families/radau/family.ts";
import type { RadauMethod } from "../../../solvers/families/radau/tableau.ts";
import { integrate, prepare } from "../../../solvers/step-loop/integrate.ts";
import type { Method } from "../../../solvers/step/method.ts";
import type { System } from "../../../solvers/step/system.ts";
import { systemOf as systemOfCode } from "../../../solvers/systems/problem-system.ts";
import { kaps, kapsAt, systemOf } from "../systems.ts";
import { methodBy, methodNames } from "../../tables.ts";

/**
 * Steps a unit of time, within the asymptotic range and above rounding, forwards and backwards; one number: backwards twice as many, for
 * there the solution grows, and the range begins at smaller steps. The dense output has the order of the method;
 * of collocation it errs by the power of h that the error estimate has.
 */
const stepsOf: Record<MethodName, number | readonly [forwards: number, backwards: number] | undefined> = {
  euler: 96,
  midpoint: 48,
  heun: 48,
  ralston: 48,
  ssprk33: 48,
  ssprk43: 48,
  rk4: 24,
  bs3: 48,
  dp5: 24,
  tsit5: 24,
  vern6: [12, 12],
  vern7: 12,
  vern8: [12, 12],
  vern9: [16, 16],
  dop853: [12, 12],
  rkc: 48,
  rock2: 48,
  rock4: 24,
  rosenbrock23: 48,
  rodas3: 48,
  rodas4: 24,
  rodas4P: 24,
  rodas5: 24,
  rodas5P: 24,
  trbdf2: 48,
  kvaerno3: 48,
  kvaerno5: 24,
  kenCarp3: 48,
  kenCarp4: 24,
  kenCarp5: 24,
  implicitEuler: 96,
  implicitMidpoint: 48,
  radauIIA3: 48,
  radauIIA5: 12,
  radauIIA9: [6, 6],
  trapezoid: 48,
  velocityVerlet: 96,
  kahanLi8: [8, 8],
  // They begin with lower orders: see test/solvers/families/bdf.test.ts and adams.test.ts.
  fbdf: undefined,
  vcabm: undefined,
};

interface Problem {
  readonly system: System;
  readonly at: (t: number) => readonly number[];
}

const FREQUENCY = 4 * Math.PI;

const turning: Problem = {
  system: systemOf("turning", 2, 1, ({ u: [x, y], mul }) => [mul(y, FREQUENCY), mul(x, -FREQUENCY)]),
  at: (t) => [Math.cos(FREQUENCY * t), -Math.sin(FREQUENCY * t)],
};

const ECCENTRICITY = 0.2;

/** An ellipse around a mass at one of its foci, half of a turn in a unit of time. */
const kepler: Problem = {
  system: systemOfCode(
    odeProblem({
      rhs: {
        position: (v) => v,
        velocity(a, q) {
          const r = Math.hypot(q[0], q[1]);
          for (let i = 0; i < 2; i++) a[i] = (-(Math.PI ** 2) * q[i]) / r ** 3;
        },
      },
      u0: { position: [1, 0], velocity: [0, 1] },
      tspan: [0, 1],
      p: [0],
    }).code,
  )!,
  at(t) {
    const minor = Math.sqrt(1 - ECCENTRICITY ** 2);
    // Kepler's equation.
    let angle = Math.PI * t;
    for (let i = 0; i < 20; i++) {
      angle -= (angle - ECCENTRICITY * Math.sin(angle) - Math.PI * t) / (1 - ECCENTRICITY * Math.cos(angle));
    }
    const rate = Math.PI / (1 - ECCENTRICITY * Math.cos(angle));
    const [x, y] = [Math.cos(angle), Math.sin(angle)];
    return [x - ECCENTRICITY, minor * y, -y * rate, minor * x * rate];
  },
};

/** In the problem of Kaps the error of a high order is rounding where its sign no longer changes. */
/** The problem of Kaps in two parts, one of which has what is stiff in it; of dense output, the cubic Hermite polynomial. */
const kapsInParts: Problem = {
  system: systemOfCode(
    odeProblem({
      rhs: {
        stiff: (u, p, t) => [(1 + Math.cos(t) / 2) * p[0] * (u[1] ** 2 - u[0]), 0],
        nonstiff(du, u, _p, t) {
          const rate = 1 + Math.cos(t) / 2;
          du[0] = -2 * rate * u[0];
          du[1] = rate * (u[0] - u[1] - u[1] ** 2);
        },
      },
      u0: [1, 1],
      tspan: [0, 1],
      p: [1],
    }).code,
  )!,
  at: kapsAt,
};

function problemOf({ order, family }: Method): Problem {
  if (family.alternates) return kepler;
  return order > 7 ? turning : { system: kaps, at: kapsAt };
}

const cases = methodNames.flatMap((name) => {
  const steps = stepsOf[name];
  if (steps === undefined) return [];
  const method = methodBy(name, 1);
  const { explicit } = method.tableau as { readonly explicit?: object };
  // Between steps a cubic goes through stages, which are of lower order, but whose errors stiffness does not magnify.
  const inParts = {
    name: `${name}, of two parts`,
    method,
    steps,
    problem: kapsInParts,
    orderOfDense: Math.min(3, method.order - 1),
  };
  return [{ name, method, steps, problem: problemOf(method), orderOfDense: undefined }, ...(explicit ? [inParts] : [])];
});

const times = Array.from({ length: 41 }, (_, i) => i / 40);

/** Largest errors at the end and, by dense output, all the way; forwards over [0, 1] or backwards over [1, 0]. */
function errors({ system, at }: Problem, method: Method, steps: number, backwards: boolean): { end: number; dense: number } {
  const [t0, t1] = backwards ? [1, 0] : [0, 1];
  const trajectory = integrate(prepare(system, method, { target: "javascript" }), {
    u0: Float64Array.from(at(t0)),
    p: Float64Array.of(1),
    t0,
    t1,
    // Steps of one length are not judged; what is iterated is iterated to this.
    rtol: 1e-12,
    atol: 1e-12,
    dense: true,
    fixedStep: 1 / steps,
  });
  expect(trajectory.result.kind).toBe("success");
  expect(trajectory.statistics.steps).toBe(steps);
  const out = new Float64Array(system.n);
  const errorAt = (t: number): number => Math.max(...at(t).map((exact, i) => Math.abs(out[i] - exact)));
  const dense = times.map((t) => {
    trajectory.dense!.interpolate(t, out);
    return errorAt(t);
  });
  out.set(trajectory.final);
  return { end: errorAt(t1), dense: Math.max(...dense) };
}

describe.each(cases)("$name", ({ method, steps, problem, orderOfDense }) => {
  const { order } = method;
  const ofDense = method.family === (radau as unknown) ? (method as RadauMethod).tableau.errorOrder : (orderOfDense ?? order);

  test.each([false, true])("has its order, backwards: %s", (backwards) => {
    const [forwards, back] = typeof steps === "number" ? [steps, 2 * steps] : steps;
    const coarsest = backwards ? back : forwards;
    const [coarse, fine] = [coarsest, 2 * coarsest].map((count) => errors(problem, method, count, backwards));
    const end = Math.log2(coarse.end / fine.end);
    expect(end).toBeGreaterThan(order - 0.4);
    expect(end).toBeLessThan(order + 0.9);
    expect(Math.log2(coarse.dense / fine.dense)).toBeGreaterThan(ofDense - 0.4);
  });
});
