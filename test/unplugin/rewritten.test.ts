/** Functions that were rewritten after their text was taken. */
import { describe, expect, it } from "vitest";
import { captured } from "../../src/core/captured.ts";
import { BackendRefused, gradient, odeProblem, RewrittenFunction, solve } from "../../index.ts";

const spec = { u0: [1], tspan: [0, 1] as const, p: [2] };
/** Another plugin has changed 1 to 3. */
const rhs = captured(
  (u: readonly number[], p: readonly number[]) => [-3 * p[0] * u[0]],
  () => ({}),
  "(u, p) => [-1 * p[0] * u[0]]",
);

describe("a function that another plugin has rewritten", () => {
  it("solves as it is, and the solution says why", () => {
    const { u, stats } = solve(odeProblem({ ...spec, rhs }), { rtol: 1e-9, atol: 1e-9 });
    expect((u.at(-1) as never as number[])[0]).toBeCloseTo(Math.exp(-6), 8);
    expect(stats.compiled).toBe(false);
    expect(JSON.stringify(stats)).toMatch(/would give -2 in du\[0\] where the function gives -6/);
  });

  const gradientBy = (vjp?: "source" | "compiledTape" | "tape") => (): unknown =>
    gradient(odeProblem({ ...spec, rhs }), { loss: { final: (u) => u[0] }, vjp });

  it.each([undefined, "compiledTape", "tape"] as const)("is refused by gradient with %s", (vjp) => {
    expect(gradientBy(vjp)).toThrow(RewrittenFunction);
  });

  it("is why the backend of its text refuses", () => {
    expect(gradientBy("source")).toThrow(BackendRefused);
  });
});

it("a function of the same text that nobody rewrote is none of that", () => {
  const same = captured(
    (u: readonly number[], p: readonly number[]) => [-p[0] * u[0]],
    () => ({}),
    "(u, p) => [-1 * p[0] * u[0]]",
  );
  const { gradient: g } = gradient(odeProblem({ ...spec, rhs: same }), { loss: { final: (u) => u[0] }, vjp: "source" });
  expect(g.p![0]).toBeCloseTo(-Math.exp(-2), 6);
});

it("errors show the line as it was written", () => {
  const minified = captured(
    (u: readonly number[], e: readonly number[]) => [-e[0] * u[new Map([[0, 0]]).size - 1]],
    () => ({}),
    "(u, p) => {\n  // The first.\n  const places = new Map([[0, 0]]);\n  return [-p[0] * u[places.size - 1]];\n}",
  );
  const by = (): unknown => gradient(odeProblem({ ...spec, rhs: minified }), { loss: { final: (u) => u[0] }, vjp: "source" });
  expect(by).toThrow(/line 3/);
  expect(by).toThrow(
    expect.objectContaining({ cause: expect.objectContaining({ code: "  const places = new Map([[0, 0]]);" }) as never }),
  );
});
