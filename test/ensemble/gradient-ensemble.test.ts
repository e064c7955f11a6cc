import { describe, expect, it } from "vitest";
import { BadLoss, gradient, gradientEnsemble, kenCarp4, odeProblem, rodas5P, tsit5, type OdeProblem } from "../../index.ts";

const lotkaVolterra = odeProblem({
  name: "lotkaVolterra",
  rhs: (du, u: { prey: number; predator: number }, p: { a: number; b: number }) => {
    du.prey = p.a * u.prey - p.b * u.prey * u.predator;
    du.predator = u.prey * u.predator - 3 * u.predator;
  },
  u0: { prey: 1, predator: 1 },
  p: { a: 1.5, b: 1 },
  tspan: [0, 2],
});

const loss = { final: (u: { prey: number; predator: number }) => (u.prey - 1) ** 2 + u.predator };
const M = 12;
const vary = (i: number) => ({ u0: { prey: 1 + i / M }, p: { a: 1 + i / (2 * M) } });

/** One after the other. */
function summed(of: (i: number) => ReturnType<typeof vary>, solver = tsit5()) {
  const sum = { value: 0, p: { a: 0, b: 0 }, u0: { prey: 0, predator: 0 } };
  for (let i = 0; i < M; i++) {
    const { u0, p } = of(i);
    const at = { u0: { prey: u0.prey, predator: 1 }, p: { a: p.a, b: 1 } };
    const one = gradient(lotkaVolterra, { loss, ...at, wrt: ["p", "u0"], adjoint: "discrete", solver, rtol: 1e-9, atol: 1e-9 });
    sum.value += one.value;
    for (const name of ["a", "b"] as const) sum.p[name] += one.gradient.p[name];
    for (const name of ["prey", "predator"] as const) sum.u0[name] += one.gradient.u0[name];
  }
  return sum;
}

const options = { trajectories: M, vary, loss, rtol: 1e-9, atol: 1e-9 };

describe("the gradient of a sum over an ensemble", () => {
  it("is the sum of the gradients, however it is cut", async () => {
    const expected = summed(vary);
    for (const chunk of [5, M]) {
      const { value, p, u0, succeeded, plan } = await gradientEnsemble(lotkaVolterra, { ...options, chunk });
      expect([succeeded, plan.solved]).toEqual([M, "kernels"]);
      expect(value / expected.value).toBeCloseTo(1, 7);
      for (const name of ["a", "b"] as const) expect(p[name] / expected.p[name]).toBeCloseTo(1, 6);
      for (const name of ["prey", "predator"] as const) expect(u0[name] / expected.u0[name]).toBeCloseTo(1, 6);
    }
  });

  it("over their mean it is that by their number", async () => {
    const sum = await gradientEnsemble(lotkaVolterra, options);
    const mean = await gradientEnsemble(lotkaVolterra, { ...options, over: "mean" });
    expect(mean.value).toBeCloseTo(sum.value / M, 12);
    expect(mean.p.b).toBeCloseTo(sum.p.b / M, 12);
  });

  it("where only some parts vary, or nothing, what is shared is summed too", async () => {
    for (const part of ["u0", "p"] as const) {
      const some = (i: number) => ({ [part]: vary(i)[part] });
      const { p, u0 } = await gradientEnsemble(lotkaVolterra, { ...options, vary: some });
      const expected = summed((i) => ({ u0: { prey: 1 }, p: { a: 1.5 }, ...some(i) }));
      expect(p.b / expected.p.b).toBeCloseTo(1, 6);
      expect(u0.prey / expected.u0.prey).toBeCloseTo(1, 6);
    }
    const alike = await gradientEnsemble(lotkaVolterra, { ...options, vary: undefined });
    const one = await gradientEnsemble(lotkaVolterra, { ...options, vary: undefined, trajectories: 1 });
    expect(alike.p.a).toBeCloseTo(M * one.p.a, 10);
  });

  it("is taken one by one where batches cannot, as by most implicit methods", async () => {
    const { p, plan } = await gradientEnsemble(lotkaVolterra, {
      ...options,
      vary: (i) => ({ ...vary(i), tspan: [0, 2] }),
      solver: kenCarp4(),
    });
    expect(plan.solved).toBe("one by one");
    expect(p.b / summed(vary).p.b).toBeCloseTo(1, 5);
  });
});

it("a trajectory that fails is told, and adds nothing", async () => {
  const explosion = odeProblem({
    rhs: (du, u: { x: number }, p: { k: number }) => {
      du.x = p.k * u.x ** 2;
    },
    u0: { x: 1 },
    p: { k: 1 },
    tspan: [0, 1],
  });
  const of = { loss: { final: (u: { x: number }) => u.x }, vary: (i: number) => ({ p: { k: [0.5, 4, NaN][i] } }) };
  for (const solver of [tsit5(), rodas5P()]) {
    const { value, p, succeeded, failures } = await gradientEnsemble(explosion, { ...of, trajectories: 3, solver });
    expect(succeeded).toBe(1);
    expect(failures).toEqual([
      { index: 1, reason: expect.any(String) as string, t: expect.closeTo(0.25, 3) as number },
      { index: 2, reason: "badInput", t: 0 },
    ]);
    expect(value).toBeCloseTo(2, 4);
    // d/dk of 1 / (1 − k).
    expect(p.k).toBeCloseTo(4, 3);
  }
});

it("without a loss it is refused by name", async () => {
  await expect(gradientEnsemble(lotkaVolterra as OdeProblem, { trajectories: 1 } as never)).rejects.toThrow(/no "loss"/);
  await expect(gradientEnsemble(lotkaVolterra as OdeProblem, { trajectories: 1, loss: 3 } as never)).rejects.toBeInstanceOf(
    BadLoss,
  );
});
