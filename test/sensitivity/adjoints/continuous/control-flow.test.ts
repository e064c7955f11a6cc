/** Adjoints that solve backward in time, with implicit solvers, of right-hand sides and integrands with every kind of control flow. */
import { describe, expect, it } from "vitest";
import { gradient, odeProblem, vern7, type OdeProblem } from "../../../../index.ts";
import { ReadError } from "../../../../src/core/errors.ts";
import { language } from "../../../matrix/constructs/rows.ts";
import { adjointsThat, oneOfEachFamily } from "../../../tables.ts";

/** Bodies of functions of u = [1.3, 0.7, 2.1] that return a number. */
const bodies: Readonly<Record<string, string>> = {
  ...language.Statements,
  "an iteration that breaks off":
    "let x = 1; for (let i = 0; i < 50; i++) { const f = x * x * x + x - u[0]; x -= f / (3 * x * x + 1); if (Math.abs(f) < 1e-14) break; } return x;",
  "an iteration of a known number": "let x = 1, n = 0; while (n < 5) { x -= (x * x - u[0]) / (2 * x); n++; } return x;",
  "an iteration that goes on at a label":
    "let s = 0; rows: for (let i = 0; i < 3; i++) for (let x = u[i]; ; x *= 0.5) if (x < 0.4) { s += x; continue rows; } return s;",
  "an iteration within an iteration":
    "let x = 1; for (let i = 0; i < 4; i++) { let y = x; while (y > 0.3) y *= 0.5; x = Math.cos(y * u[0]); } return x;",
};

const spec = { u0: [1.3, 0.7, 2.1], p: [0.6, 0.9], tspan: [0, 0.05] as [number, number] };

const problemOf = (body: string): OdeProblem<number[], number[]> =>
  odeProblem({
    ...spec,
    rhs: new Function(
      "du",
      "u",
      "p",
      `const f = (u) => { ${body} }; du[0] = p[0] * f(u); du[1] = -p[1] * u[1]; du[2] = u[0] - p[0] * u[2];`,
    ) as (du: number[], u: number[], p: number[]) => void,
  });

const final = (u: number[]): number => u[0] ** 2 + u[1] * u[2];
const integralOf = (body: string) => new Function("u", "p", `const f = (u) => { ${body} }; return p[0] * f(u);`) as typeof final;

const implicit = oneOfEachFamily.filter(({ family }) => family.implicit);
const adjoints = adjointsThat(({ mode, stiff, usesVjp }) => mode !== "forward" && stiff && usesVjp);

describe.each(Object.entries(bodies))("%s", (_name, body) => {
  const problem = problemOf(body);
  // What is not read has its own tests.
  const isRead = (): boolean => {
    try {
      return problem.code.rhsProgram() !== undefined;
    } catch (error) {
      if (error instanceof ReadError) return false;
      throw error;
    }
  };
  if (!isRead()) return it("is not read", () => expect(isRead()).toBe(false));

  describe.each([
    ["in the right-hand side", problem, { final }],
    ["in the integrand", odeProblem({ ...spec, rhs: (u, p) => u.map((x) => -p[1] * x) }), { integral: integralOf(body) }],
  ])("%s", (_where, subject, loss) => {
    const common = { loss, wrt: ["p", "u0"] as const, rtol: 1e-8, atol: 1e-10 };
    const { flat } = gradient(subject, { ...common, adjoint: "dual", solver: vern7() });

    it.each(adjoints.flatMap((adjoint) => implicit.map((solver) => [adjoint, solver.name, solver] as const)))(
      "%s, %s",
      (adjoint, _solver, solver) => {
        const found = gradient(subject, { ...common, adjoint, solver }).flat;
        for (const by of ["p", "u0"] as const)
          found[by]!.forEach((x, j) => expect(x, `${by}[${j}]`).toBeCloseTo(flat[by]![j], 5));
      },
    );
  });
});
