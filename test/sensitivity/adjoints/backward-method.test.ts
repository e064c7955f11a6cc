/** The backward solve of continuous adjoints after a forward solve by Newton's iterations. */
import { describe, expect, it } from "vitest";
import { fbdf, gradient, kenCarp4, kenCarp5, kvaerno3, kvaerno5, odeProblem, rodas5P, trbdf2 } from "../../../index.ts";
import { robertson } from "../../../problems/index.ts";

// Between its jumps: what decays does so within a thousandth of a step, and still makes the derivatives by p.
const vanDerPol = odeProblem({
  name: "vanDerPol",
  rhs(du, u, p) {
    du[0] = u[1];
    du[1] = p.mu * (1 - u[0] * u[0]) * u[1] - p.k * u[0];
  },
  u0: [2, 0],
  tspan: [0, 500],
  p: { mu: 1000, k: 1 },
});
const loss = { at: [50, 100, 200, 300, 500], of: (u: { readonly [i: number]: number }) => u[0] ** 2 };
const options = { loss, wrt: ["p", "u0"] } as const;
/** By an implementation of Radau IIA of order 5 of its own, with recorded steps replayed, by central differences. */
const known = [0.003493479, -3.493485, 21.68942, 0.007229804];

describe.each([kvaerno3, kvaerno5, kenCarp4, kenCarp5, trbdf2, fbdf])("$name", (method) => {
  it.each(["gauss", "quadrature", "interpolating"])("%s", (adjoint) => {
    const { flat, warnings } = gradient(vanDerPol, { ...options, adjoint, solver: method() });
    [...flat.p!, ...flat.u0!].forEach((x, i) => expect(Math.abs(x / known[i] - 1)).toBeLessThan(1e-3));
    expect(warnings).toEqual([]);
  });

  it("discrete, over a long time in which the components of the state part by decades", () => {
    const { problem } = robertson({ tEnd: 1e7 });
    const log = { final: (u: { readonly [i: number]: number }) => Math.log(u[0]) };
    const wanted = gradient(problem, { loss: log, solver: rodas5P(), rtol: 1e-9, atol: 1e-18 });
    const { flat } = gradient(problem, { loss: log, solver: method(), adjoint: "discrete", rtol: 1e-6, atol: 1e-14 });
    const scaled = (g: Float64Array): number[] => [...g].map((x, j) => x * Object.values(problem.p)[j]);
    const [found, exact] = [flat.p!, wanted.flat.p!].map(scaled);
    found.forEach((x, j) => expect(Math.abs(x / exact[j] - 1)).toBeLessThan(2e-3));
  });
});

it("a method that iterates, where it is asked for, is warned of", () => {
  const { warnings } = gradient(vanDerPol, { ...options, adjoint: "gauss", solver: rodas5P(), backward: { solver: kvaerno5() } });
  // What it makes of the derivatives is told, too.
  expect(warnings).toEqual([
    expect.stringMatching(/backward solve is by kvaerno5, as asked for/),
    expect.stringMatching(/^The derivatives are not right at these tolerances/),
  ]);
});
