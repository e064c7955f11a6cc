/** What is said of a derivative that is no number: what is wrong with the value before what is wrong with its derivative. */
import { expect, it } from "vitest";
import { gradientOf, NotDifferentiable } from "../../index.ts";
import { requireFiniteDerivative } from "../../src/derive/finite-derivative.ts";

it("the operation whose value is no number, though the derivative of one before it is not", () => {
  const f = (x: number[]): number => Math.sqrt(x[0]) + Math.log(x[1]);
  expect(() => gradientOf(f)([0, -1])).toThrow(/`log` at -1 is NaN/);
});

it("or the operation whose derivative is not", () => {
  const f = (x: number[]): number => x[1] + Math.sqrt(x[0]);
  expect(() => gradientOf(f)([0, -1])).toThrow(/the derivative of `sqrt` at 0 is Infinity/);
});

it("the number alone of a function that cannot be read", () => {
  const f = (x: number[]): number => {
    const parts = new Map([["root", Math.sqrt(x[0])]]);
    return parts.get("root")!;
  };
  expect(() => gradientOf(f, { backend: "tape" })([0])).toThrow(NotDifferentiable);
  expect(() => gradientOf(f, { backend: "tape" })([0])).toThrow(/a derivative is Infinity/);
});

it("an error of its own is not hidden", () => {
  const of = {
    name: "f",
    program: () => {
      throw new RangeError("not this one");
    },
    inputs: {},
    wrt: ["x"],
    where: "",
  };
  expect(() => requireFiniteDerivative(Float64Array.of(NaN), () => of)).toThrow("not this one");
});
