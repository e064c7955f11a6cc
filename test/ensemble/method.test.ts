/** The method of an ensemble where none is asked for: one for all chunks. */
import { expect, it } from "vitest";
import { gradientEnsemble, odeProblem, solveEnsemble, tsit5 } from "../../index.ts";

/** Decays at a rate p.k towards a wave: stiff where that is large. */
const relaxing = odeProblem({
  name: "relaxing",
  rhs: (u: number[], p: { k: number }, t) => [-p.k * (u[0] - Math.cos(t))],
  u0: [0],
  p: { k: 1 },
  tspan: [0, 20],
});
/** The same with more components than kernels go back over implicit steps for. */
const wide = odeProblem({
  name: "wide",
  rhs(du: Float64Array, u: Float64Array, p: { k: number }, t) {
    for (let i = 0; i < 9; i++) du[i] = -p.k * (u[i] - Math.cos(t));
  },
  u0: new Float64Array(9),
  p: { k: 1 },
  tspan: [0, 20],
});
const options = { trajectories: 40, chunk: 10, saveat: [20] };
const stiff = (i: number) => ({ p: { k: i === 39 ? 1e6 : 1 } });

it("is for stiff problems in all chunks where the last trajectory is stiff, and the plan names it once", async () => {
  const { plan, u, steps } = await solveEnsemble(relaxing, { ...options, vary: stiff });
  expect([plan.solved, plan.solver]).toEqual(["kernels", "rodas5P"]);
  expect(plan.reasons).toEqual([expect.stringMatching(/^By rodas5P: solved alone, trajectory 39 takes .*rodas5P.*\.$/)]);
  const alike = await solveEnsemble(relaxing, { ...options, trajectories: 10, vary: stiff });
  expect(alike.plan.solver).toBe("tsit5");
  // By one method the first chunks cost the same; cos(20) − slope / k of the last.
  expect(u!.get(39, 0, 0)).toBeCloseTo(Math.cos(20), 4);
  expect(steps / 40).toBeLessThan(200);
});

it("is the same however it is cut, and so are the numbers of each trajectory to rounding", async () => {
  const whole = await solveEnsemble(relaxing, { ...options, chunk: 40, vary: stiff });
  const cut = await solveEnsemble(relaxing, { ...options, chunk: 7, vary: stiff });
  expect(cut.plan.solver).toBe(whole.plan.solver);
  expect(cut.plan.reasons).toEqual(whole.plan.reasons);
  for (let i = 0; i < 40; i++) expect(cut.u!.get(i, 0, 0)).toBeCloseTo(whole.u!.get(i, 0, 0), 12);
});

it("is looked for among distributions over all of a large ensemble", async () => {
  const vary = { "p.k": { linspace: [1, 1e6] } } as const;
  const { plan } = await solveEnsemble(relaxing, { trajectories: 3000, chunk: 1000, vary, maxSteps: 50 });
  expect(plan.solver).toBe("rodas5P");
  expect(plan.reasons[0]).toMatch(/trajectory (1\d\d\d|2\d\d\d) takes/);
});

it("where it is asked for it is that, and where gradients go one by one each has its own", async () => {
  expect((await solveEnsemble(relaxing, { ...options, solver: tsit5() })).plan).toMatchObject({ solver: "tsit5", reasons: [] });
  const gradients = { trajectories: 4, vary: (i: number) => stiff(36 + i), loss: { final: (u: ArrayLike<number>) => u[0] } };
  const { plan: ofKernels } = await gradientEnsemble(relaxing, gradients);
  expect([ofKernels.solved, ofKernels.solver]).toEqual(["kernels", "rodas5P"]);
  const { plan } = await gradientEnsemble(wide, gradients);
  expect(plan.solved).toBe("one by one");
  expect(plan.solver).toBeUndefined();
  expect(plan.reasons.join()).toMatch(/One by one: rodas5P takes other steps/);
});
