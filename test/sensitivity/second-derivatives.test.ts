/** Gradients are numbers where first derivatives are, also by solvers whose steps use those, whose adjoints need second ones. */
import { describe, expect, it } from "vitest";
import { AdjointFailed, daeProblem, fbdf, gradient, odeProblem, rodas5P, solveWithPullback, vern7 } from "../../index.ts";
import { adaptiveMethods } from "../tables.ts";

type U = { gut: number; c: number; r: number };
type P = { ka: number; k: number; hill: number };

/** Effects of a concentration that is zero at the start, where their second derivatives are infinite. */
const effects: Readonly<Record<string, (c: number, hill: number) => number>> = {
  "a power": (c, hill) => c ** hill,
  "a power of what is not negative": (c, hill) => Math.max(c, 0) ** hill,
  "a power of a size": (c, hill) => Math.abs(c) ** hill,
  "Hill's": (c, hill) => Math.max(c, 0) ** hill / (0.5 ** hill + Math.max(c, 0) ** hill),
};

const problemOf = (effect: (c: number, hill: number) => number) =>
  odeProblem({
    rhs(du: U, u: U, p: P, _t: number, constants: { effect: typeof effect }) {
      du.gut = -p.ka * u.gut;
      du.c = p.ka * u.gut - p.k * u.c;
      du.r = 1 - constants.effect(u.c, p.hill) - 0.5 * u.r;
    },
    u0: { gut: 1, c: 0, r: 1 },
    p: { ka: 1.1, k: 0.3, hill: 1.8 },
    tspan: [0, 5],
    constants: { effect },
  });

const loss = { final: (u: U) => u.r };
const options = { loss, wrt: ["p", "u0"] as const, rtol: 1e-8, atol: 1e-10 };

describe.each(Object.entries(effects))("%s", (_name, effect) => {
  const problem = problemOf(effect);
  const expected = gradient(problem, { ...options, adjoint: "gauss", solver: vern7(), rtol: 1e-10, atol: 1e-12 }).flat;

  it.each(adaptiveMethods)("$name, by the method that is chosen", (solver) => {
    const { flat, plan } = gradient(problem, { ...options, solver });
    for (const by of ["p", "u0"] as const)
      flat[by]!.forEach((x, i) => expect(x, `${plan.adjoint}, ${by}[${i}]`).toBeCloseTo(expected[by]![i], 4));
  });
});

const problem = problemOf(effects["a power"]);

it("the plan says what was tried, and what of it", () => {
  const { plan } = gradient(problem, { ...options, solver: rodas5P() });
  expect(plan.adjoint).not.toBe("discrete");
  expect(plan.toString()).toMatch(/not discrete: it was tried, and the derivative with respect to u0.c is NaN/);
});

it("what was asked for is not replaced: the error says that second derivatives are missing", () => {
  const asked = (): unknown => gradient(problem, { ...options, solver: rodas5P(), adjoint: "discrete" });
  expect(asked).toThrow(AdjointFailed);
  expect(asked).toThrow(
    /u0\.c is NaN\. First derivatives are finite at all steps.* needs second derivatives.*"gauss" needs none/,
  );
  const { pullback } = solveWithPullback(problem, { saveat: [5], wrt: ["p", "u0"], solver: rodas5P(), adjoint: "discrete" });
  expect(() => pullback([{ gut: 0, c: 0, r: 1 }])).toThrow(/needs second derivatives/);
});

describe("with a residual, which continuous adjoints refuse", () => {
  const implicit = daeProblem({
    residual(r, du, u, p) {
      r.a = du.a + p.k * u.a;
      r.c = du.c - u.a + p.k * u.c ** 1.5;
    },
    u0: { a: 1, c: 0 },
    p: { k: 1 },
    tspan: [0, 2],
  });
  const asked = { loss: { final: (u: { c: number }) => u.c } } as const;

  it("the error names a method that takes it, and that one differentiates", () => {
    expect(() => gradient(implicit, { ...asked, solver: rodas5P(), adjoint: "discrete" })).toThrow(/adjoint "dual" needs none/);
    expect(gradient(implicit, { ...asked, solver: rodas5P(), adjoint: "dual" }).gradient.p!.k).toBeCloseTo(-0.50484, 4);
  });

  it("forward mode that fails names one too", () => {
    const failing = (): unknown => gradient(implicit, { ...asked, wrt: ["p", "u0"], solver: fbdf(), adjoint: "dual" });
    expect(failing).toThrow(AdjointFailed);
    expect(failing).toThrow(/try adjoint: "discrete", another solver/);
  });
});
