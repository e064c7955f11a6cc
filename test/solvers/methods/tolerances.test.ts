/** What the error of a solve makes of its tolerances: in proportion to them, and no large multiple. */
import { describe, expect, it } from "vitest";
import { integrate } from "../../../solvers/step-loop/integrate.ts";
import { prepare } from "../../../solvers/step-loop/prepare.ts";
import type { Method } from "../../../solvers/step/method.ts";
import type { System } from "../../../solvers/step/system.ts";
import { adaptiveMethods } from "../../tables.ts";
import { kaps, kapsAt, lotkaVolterra, lotkaVolterraEnd, systemOf } from "../systems.ts";

interface Case {
  readonly system: System;
  readonly p: readonly number[];
  readonly u0: readonly number[];
  readonly t1: number;
  readonly end: readonly number[];
}

const circle = systemOf("circle", 2, 0, ({ u: [x, y], mul }) => [y, mul(x, -1)]);

const cases: Readonly<Record<string, Case>> = {
  "a circle, three times around": { system: circle, p: [], u0: [1, 0], t1: 20, end: [Math.cos(20), -Math.sin(20)] },
  "Lotka-Volterra": { system: lotkaVolterra, p: [1.5, 1, 3], u0: [1, 1], t1: 10, end: lotkaVolterraEnd },
  "the problem of Kaps": { system: kaps, p: [1], u0: kapsAt(0), t1: 4, end: kapsAt(4) },
};

/** Methods of the highest orders solve the problem of Kaps in a dozen steps, most of them on the way to their length. */
const casesOf = ({ order }: Method): [string, Case][] =>
  Object.entries(cases).filter(([name]) => order < 8 || !name.endsWith("Kaps"));

/** The slope of the least squares line. */
function slope(x: readonly number[], y: readonly number[]): number {
  const mean = (values: readonly number[]): number => values.reduce((sum, v) => sum + v, 0) / values.length;
  const [mx, my] = [mean(x), mean(y)];
  return mean(x.map((v, i) => (v - mx) * (y[i] - my))) / mean(x.map((v) => (v - mx) ** 2));
}

/** The power of h that a method's error estimate shrinks with. */
function errorOrder({ order, tableau }: Method): number {
  return (tableau as { readonly errorOrder?: number }).errorOrder ?? order;
}

describe.each(adaptiveMethods)("$name", (method) => {
  // An estimate of h^q allows steps of tol^(1/q), over which the errors of a method of order p sum to tol^(p/q).
  const [p, q] = [method.order, errorOrder(method)];
  // Above rounding.
  const exponents = p < 4 ? [3, 4, 5, 6, 7] : [5, 6, 7, 8, 9, 10].filter((exponent) => (exponent * p) / q < 13);

  it.each(casesOf(method))("%s", (_, { system, p: parameters, u0, t1, end }) => {
    const prepared = prepare(system, method, { target: "javascript" });
    const solves = exponents.map((exponent) => {
      const tolerance = 10 ** -exponent;
      const request = {
        u0: Float64Array.from(u0),
        p: Float64Array.from(parameters),
        t0: 0,
        t1,
        rtol: tolerance,
        atol: tolerance,
      };
      const { final, statistics } = integrate(prepared, request);
      return { error: Math.max(...end.map((x, i) => Math.abs(final[i] - x))), steps: statistics.steps };
    });
    const log = exponents.map((exponent) => -exponent);
    const errors = slope(
      log,
      solves.map(({ error }) => Math.log10(error)),
    );
    const steps = slope(
      log,
      solves.map(({ steps }) => Math.log10(steps)),
    );
    // Of a high order, steps that loose tolerances allow are too long to show all of it.
    expect(errors).toBeGreaterThan(Math.min(p / q, 4 / 3) - 0.25);
    expect(errors).toBeLessThan(p / q + 0.4);
    // Steps that are not yet short enough make it flatter.
    expect(-steps).toBeGreaterThan(0.65 / q);
    // The largest of many orders are for tighter tolerances still.
    expect(-steps).toBeLessThan((q > 12 ? 1.2 : 1.1) / q);
    solves.forEach(({ error }, i) =>
      expect(error, `tolerance 1e-${exponents[i]}`).toBeLessThan(40 * 10 ** ((-exponents[i] * p) / q)),
    );
  });
});
