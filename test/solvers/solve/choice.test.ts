/** The choice of a method by what each side costs. */
import { expect, it } from "vitest";
import { allenCahn, grayScott, heat, pollution } from "../../../problems/index.ts";
import { explain, gradient, odeProblem, rock4, rodas5P, solve } from "../../../index.ts";

/** The methods without the times at which they changed. */
const methodsOf = ({ solver }: { readonly solver: string }): string => solver.replaceAll(/ at t = \S+/g, "");

it("diffusion in a plane goes to the stabilised method, and errs by the tolerance", () => {
  const { problem } = allenCahn({ n: 32, tEnd: 2 });
  const steep = { p: { epsilon: 0.3 }, rtol: 1e-6, atol: 1e-6, saveat: [2] };
  const solution = solve(problem, steep);
  expect(methodsOf(solution)).toBe("dop853 -> rock4");
  const exact = solve(problem, { ...steep, solver: rodas5P(), rtol: 1e-9, atol: 1e-9 }).states[0];
  expect(Math.max(...exact.map((x, i) => Math.abs(x - solution.states[0][i])))).toBeLessThan(1e-5);
  expect(solution.stats.factorizations).toBe(0);
});

it("what is mildly stiff stays explicit where factorizations cost more than the steps they save", () => {
  const { problem } = grayScott({ n: 32, tEnd: 500 });
  const solution = solve(problem, { saveat: [500] });
  expect(methodsOf(solution)).toMatch(/^dop853( -> rock4)?$/);
  expect(solution.stats.factorizations).toBe(0);
});

it("heat on a line of 10,000 cells goes to the implicit method at once", () => {
  const { problem, reference } = heat({ n: 10_000 });
  const { states, stats, ...solution } = solve(problem, { saveat: [problem.tspan[1]] });
  expect(methodsOf(solution)).toBe("dop853 -> rodas5P");
  expect(stats.steps + stats.rejected).toBeLessThan(40);
  const end = reference!.end as Float64Array;
  expect(Math.max(...end.map((x, i) => Math.abs(x - states[0][i])))).toBeLessThan(1e-5);
});

it("a spectrum that is not real is not for the stabilised method", () => {
  // Damped waves: eigenvalues at -1 ± 2i of the size of the rates.
  const waves = odeProblem({
    rhs(du: number[], u: number[], _p, t) {
      for (let i = 0; i < 200; i += 2) {
        du[i] = -1e3 * (u[i] - Math.cos(t)) + 2e3 * u[i + 1];
        du[i + 1] = -2e3 * (u[i] - Math.cos(t)) - 1e3 * u[i + 1];
      }
    },
    u0: new Array<number>(200).fill(1),
    tspan: [0, 10],
  });
  expect(methodsOf(solve(waves, { saveat: [10] }))).toBe("dop853 -> rodas5P");
});

it("where stiffness ends the explicit method comes back, and says so", () => {
  const passing = odeProblem({
    rhs(du: number[], u: number[], _p, t) {
      du[0] = (t < 5 ? 1 : 400) * u[1];
      du[1] = -(t < 5 ? 1 : 400) * u[0];
      du[2] = -(t < 5 ? 1e6 : 1) * (u[2] - Math.cos(t));
    },
    u0: [1, 0, 1],
    tspan: [0, 10],
  });
  const solution = solve(passing, { saveat: [10] });
  expect(methodsOf(solution)).toBe("dop853 -> rodas5P -> dop853");
  const angle = 5 + 400 * 5;
  expect(solution.states[0][0]).toBeCloseTo(Math.cos(angle), 2);
});

it("by counts alone: every run takes the same steps", () => {
  const { problem } = allenCahn({ n: 16, tEnd: 2 });
  const run = () => solve(problem, { p: { epsilon: 0.5 } });
  const [one, other] = [run(), run()];
  expect([...one.t]).toEqual([...other.t]);
  expect(one.solver).toBe(other.solver);
  expect(methodsOf(one)).toContain(rock4().name);
});

it("what is stiff from the start on begins with the implicit method, at the length of step that it chooses itself", () => {
  const { problem, loss } = pollution();
  const solution = solve(problem, { saveat: [60] });
  expect(solution.solver).toBe("rodas5P");
  const { stats } = solve(problem, { saveat: [60], solver: rodas5P() });
  expect([solution.stats.steps, solution.stats.rejected]).toEqual([stats.steps, stats.rejected]);
  expect(explain(problem, { loss, wrt: ["p"] }).toString()).toContain(
    "the least work from t = 0 on, where stability would hold tsit5 back",
  );
});

it("rates of nine decades, whose steps grow with the time, go on by the implicit method", () => {
  const [species, count] = [60, 180];
  const each = (f: (r: number) => number): Int32Array => Int32Array.from({ length: count }, (_, r) => f(r) % species);
  const network = odeProblem({
    rhs(du: Float64Array, u: Float64Array, p: Float64Array, _t, { from, inhibitor, to }) {
      du.fill(0);
      for (let r = 0; r < from.length; r++) {
        const speed = (p[r] * u[from[r]]) / (1 + 100 * u[inhibitor[r]]);
        du[from[r]] -= speed;
        du[to[r]] += speed;
      }
    },
    u0: new Float64Array(species).fill(1 / species),
    tspan: [0, 1000],
    p: Float64Array.from({ length: count }, (_, r) => 10 ** (((r * 7) % 9) - 3)),
    constants: { from: each((r) => 17 * r), inhibitor: each((r) => 29 * r + 5), to: each((r) => 41 * r + 11) },
  });
  // Steps as short as those of the first instant would take 2.8 million more.
  const { stats, plan } = gradient(network, { loss: { final: (u) => u[3] } });
  expect(plan.solver).toBe("rodas5P");
  expect(stats.forward.steps).toBeLessThan(100);
});
