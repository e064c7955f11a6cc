/** Numerical routines as people write them, with default options: right in value and gradient, by the source or by the tape. */
import { describe, expect, it } from "vitest";
import { gradient, odeProblem } from "../../index.ts";
import { ReadError } from "../../src/core/errors.ts";
import { layoutOf } from "../../src/arrays/layout.ts";
import { read } from "../../src/read/index.ts";
import type { Algorithm } from "./algorithm.ts";
import { discrete } from "./discrete.ts";
import { functions } from "./functions.ts";
import { interpolation } from "./interpolation.ts";
import { linearAlgebra } from "./linear-algebra.ts";
import { models } from "./models.ts";
import { series } from "./series.ts";
import { statistics } from "./statistics.ts";

const fields: Readonly<Record<string, readonly Algorithm[]>> = {
  "linear algebra": linearAlgebra,
  "series of samples": series,
  "interpolation, quadrature and roots": interpolation,
  "special functions": functions,
  "discrete things": discrete,
  statistics,
  models,
};

const [bySource, byTape]: [string[], string[]] = [[], []];

describe.each(Object.entries(fields))("%s", (_field, algorithms) => {
  it.each(algorithms)("$name", (algorithm) => {
    const { f, x, value, constants } = algorithm;
    const plain = (at: readonly number[]): number => f(Float64Array.from(at), [1], constants as never);
    (isRead(algorithm) ? bySource : byTape).push(algorithm.name);
    const still = odeProblem({ rhs: (du) => void du.fill(0), u0: [...x], p: [1], tspan: [0, 1] });
    const found = gradient(still, { loss: { final: f as never, constants: constants as never }, wrt: ["u0"] });
    expect(Math.abs(found.value - plain(x))).toBeLessThanOrEqual(1e-13 * Math.max(1, Math.abs(plain(x))));
    if (value !== undefined) expect(found.value).toBeCloseTo(value, 10);
    x.forEach((_, i) => {
      const slope = differenceOf((h) => plain(x.map((v, k) => (k === i ? v + h : v))));
      expect(Math.abs(found.flat.u0![i] - slope), `by x[${i}]: ${found.flat.u0![i]}, differences ${slope}`).toBeLessThanOrEqual(
        1e-6 * Math.max(1, Math.abs(slope)),
      );
    });
  });
});

it("a hundred and more, most of them by their source", () => {
  expect(Object.values(fields).flat().length).toBeGreaterThanOrEqual(100);
  expect(bySource.length, `by the tape: ${byTape.join("; ")}`).toBeGreaterThanOrEqual(90);
});

function isRead({ f, x, constants }: Algorithm): boolean {
  const layout = (values: readonly number[], name: string) =>
    ({ kind: "layout", name, layout: layoutOf([...values], name), role: "input" }) as const;
  try {
    read({ fn: f, name: "loss", parameters: [layout(x, "u"), layout([1], "p")], constants, returns: { kind: "scalar" } });
    return true;
  } catch (error) {
    if (error instanceof ReadError) return false;
    throw error;
  }
}

/** A central difference, extrapolated once. */
function differenceOf(f: (h: number) => number): number {
  const by = (h: number): number => (f(h) - f(-h)) / (2 * h);
  return (4 * by(1e-4) - by(2e-4)) / 3;
}
