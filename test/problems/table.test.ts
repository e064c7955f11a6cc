/** Every named problem reads, compiles, and does what its plain function does. */
import { describe, expect, it } from "vitest";
import { brusselator, brusselatorCells, heat, kuramotoSivashinsky, lotkaVolterra, problemTable } from "../../problems/index.ts";
import { checkAgreement } from "../../src/problem/agreement.ts";
import { pack } from "../../src/arrays/pack.ts";
import { BadTimeSpan, UnsupportedValue } from "../../src/core/errors.ts";

const cases = Object.keys(problemTable).flatMap((name) =>
  name === "brusselator" ? ["loops", "arrays", "mixed"].map((form) => [name, { n: 6, form }] as const) : [[name, {}] as const],
);

describe.each(cases)("%s %o", (name, options) => {
  it.each(["javascript", "wasm"] as const)("compiled (%s) agrees with the plain function", (target) => {
    const { problem } = problemTable[name].make(options);
    const { layout, tspan } = problem;
    const at = { u0: pack(layout.u, problem.u0, "u0"), p: pack(layout.p, problem.p, "p"), tspan };
    expect(() => checkAgreement(problem.code, at, target)).not.toThrow();
  });
});

describe("options", () => {
  it("have defaults, which the table lists", () => {
    expect(problemTable.brusselator.options).toEqual({ n: 32, tEnd: 11.5, form: "loops" });
    expect(problemTable.lotkaVolterra.make({ tEnd: 4 }).problem.tspan).toEqual([0, 4]);
    expect(brusselator().problem.u0.shape).toEqual([2, 32, 32]);
  });

  it("sample the loss up to the end", () => {
    expect([...(lotkaVolterra({ tEnd: 1.7 }).loss.at as Float64Array)]).toEqual([0, 0.5, 1, 1.5]);
    const times = brusselatorCells().loss.at!;
    expect(times.length).toBe(101);
    expect(times[100]).toBe(10);
    expect(times[3]).toBeCloseTo(0.3, 15);
  });

  it("that make no sense are errors", () => {
    expect(() => brusselator({ form: "matrices" as "loops" })).toThrow(UnsupportedValue);
    expect(() => brusselator({ n: 1 })).toThrow(/from 2 to 4096/);
    expect(() => brusselatorCells({ n: 2.5 })).toThrow(UnsupportedValue);
    expect(() => kuramotoSivashinsky({ n: 4 })).toThrow(/from 5 to 2\^24/);
    expect(() => heat({ n: 1.5 })).toThrow(UnsupportedValue);
    expect(() => lotkaVolterra({ tEnd: 0 })).toThrow(BadTimeSpan);
  });

  it("give a reference only where it holds", () => {
    expect(brusselator({ n: 8 }).reference?.loss).toBeCloseTo(367.6738, 4);
    expect(brusselator({ n: 8, tEnd: 2 }).reference).toBeUndefined();
    expect(kuramotoSivashinsky({ n: 64 }).reference).toBeUndefined();
    expect(heat({ n: 3, tEnd: 1 }).reference!.end!.length).toBe(3);
    expect(lotkaVolterra({ tEnd: 5 }).reference).toBeUndefined();
  });
});
