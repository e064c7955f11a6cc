/** Solves against the end states known. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { brusselator, heat, kuramotoSivashinsky, lotkaVolterra, pkpd, pollution, robertson } from "../../problems/index.ts";
import { gradient } from "../../sensitivity/gradient.ts";
import { solve } from "../../solvers/solve.ts";
import { rodas5P, tsit5 } from "../../solvers/index.ts";

/** Largest relative error of a component. */
function relativeError(u: ArrayLike<number>, reference: ArrayLike<number>): number {
  return Math.max(...Array.from(reference, (value, i) => Math.abs(u[i] - value) / Math.abs(value)));
}

/** The numbers of a file of references that the peers are measured against. */
function peersReference(name: string): number[] {
  const text = readFileSync(new URL(`../../bench/peers/data/${name}.txt`, import.meta.url), "utf8");
  return text.trim().split(/\s+/).map(Number);
}

describe("end states", () => {
  it("of lotkaVolterra", () => {
    const { problem, reference } = lotkaVolterra();
    const end = solve(problem, { solver: tsit5(), rtol: 1e-11, atol: 1e-11 }).u.at(-1)!;
    expect(relativeError([end.prey, end.predator], [reference!.end!.prey, reference!.end!.predator])).toBeLessThan(1e-9);
    expect([reference!.end!.prey, reference!.end!.predator]).toEqual(peersReference("lotka-volterra"));
  });

  it("of pkpd", () => {
    const { problem, reference } = pkpd();
    const end = solve(problem, { solver: tsit5(), rtol: 1e-12, atol: 1e-12 }).u.at(-1)!;
    const { gut, ...others } = end;
    const { gut: gutReference, ...references } = reference!.end!;
    expect(relativeError(Object.values(others), Object.values(references))).toBeLessThan(1e-10);
    // What is left of the doses, at the rate Ka1 = 1, is below the tolerance.
    const left = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10].reduce((sum, days) => sum + 100 * Math.exp(-24 * days), 0);
    expect(gutReference / left).toBeCloseTo(1, 10);
    expect(Math.abs(gut - left)).toBeLessThan(1e-12);
  });

  it("of pollution", () => {
    const { problem, reference } = pollution();
    const end = solve(problem, { solver: rodas5P(), rtol: 1e-10, atol: 1e-20 }).u.at(-1)!;
    expect(relativeError(end, reference!.end!)).toBeLessThan(1e-9);
  });

  it.each([40, 1e5, 1e11])("of robertson at t = %d", (tEnd) => {
    const { problem, reference } = robertson({ tEnd });
    const end = solve(problem, { solver: rodas5P(), rtol: 1e-9, atol: 1e-18 }).u.at(-1)!;
    expect(relativeError(end, reference!.end!)).toBeLessThan(1e-7);
  });

  it("of heat", () => {
    const { problem, reference } = heat();
    const end = solve(problem, { solver: rodas5P(), rtol: 1e-10, atol: 1e-10 }).u.at(-1)!;
    expect(relativeError(end, reference!.end!)).toBeLessThan(1e-9);
  });

  // CVODE's error at these tolerances is 1.1e-3 and 2e-5.
  it.each([
    ["loops", 1e-6, 5e-4],
    ["arrays", 1e-6, 5e-4],
    ["mixed", 1e-6, 5e-4],
    ["loops", 1e-8, 3e-6],
  ] as const)("of the 32 x 32 Brusselator, %s, at %d", (form, tolerance, bound) => {
    const { problem } = brusselator({ form });
    const end = solve(problem, { solver: rodas5P(), rtol: tolerance, atol: tolerance }).u.at(-1)!;
    expect(relativeError(end.data, peersReference("brusselator-32"))).toBeLessThan(bound);
  });
});

describe("gradients", () => {
  it.each(["discrete", "gauss"])("of kuramotoSivashinsky, by %s", (adjoint) => {
    const { problem, loss, reference } = kuramotoSivashinsky();
    const found = gradient(problem, { loss, solver: rodas5P(), rtol: 1e-10, atol: 1e-10, adjoint });
    expect(found.value).toBeCloseTo(reference!.loss!, 10);
    expect(Math.abs(found.gradient.p!.nu / reference!.gradient!.nu - 1)).toBeLessThan(1e-7);
  });

  it("of heat, by the initial state, on the way back in steps of its own", () => {
    const { problem, loss, reference } = heat();
    const options = { loss, wrt: ["p", "u0"], solver: rodas5P(), rtol: 1e-9, atol: 1e-9, adjoint: "gauss" } as const;
    const { p, u0 } = gradient(problem, options).gradient;
    expect(Math.abs(p!.alpha / reference!.gradient!.alpha - 1)).toBeLessThan(1e-8);
    const kernel = reference!.gradientByInitialState!;
    const peak = Math.max(...kernel);
    kernel.forEach((value, i) => expect(Math.abs(u0![i] - value)).toBeLessThan(1e-7 * peak));
  });
});
