/** Gradients of differential-algebraic equations that are stated by a residual. */
import { describe, expect, it } from "vitest";
import {
  checkGradient,
  daeProblem,
  fbdf,
  gradient,
  ndarray,
  radauIIA5,
  rodas5P,
  sensitivities,
  solveWithPullback,
  type Gradient,
  type Loss,
} from "../../../index.ts";
import { chemicalAkzoNobel, robertsonDAE } from "../../../problems/index.ts";
import { adjointsThat, backendsThat } from "../../tables.ts";
import { residualOf } from "../../solvers/dae/residuals.ts";

interface State {
  y: number;
  z: number;
}

interface Parameters {
  k: number;
  a: number;
}

/** k y' + y = 0 within a sine, so that it is implicit, and z = a y² + sin t: y = y₀ e^(-t/k). */
const problem = daeProblem<State, Parameters>({
  name: "implicit",
  residual(r, du, u, p, t) {
    const rest = p.k * du.y + u.y;
    r.y = rest + 0.3 * Math.sin(rest);
    r.z = u.z - p.a * u.y ** 2 - Math.sin(t);
  },
  u0: { y: 1, z: 0.7 },
  tspan: [0, 2],
  p: { k: 0.9, a: 0.7 },
});

type Values = readonly [k: number, a: number, y0: number];
const known = (t: number, [k, a, y0]: Values): State => {
  const y = y0 * Math.exp(-t / k);
  return { y, z: a * y * y + Math.sin(t) };
};
const at = [0, 0.5, 1.3, 2];
const losses: readonly (readonly [string, Loss<State, Parameters>, (values: Values) => number])[] = [
  [
    "a sum over times",
    { at, of: (u) => u.z ** 2 + u.y },
    (v) => at.reduce((sum, t) => sum + known(t, v).z ** 2 + known(t, v).y, 0),
  ],
  ["the end", { final: (u) => u.z * u.y }, (v) => known(2, v).z * known(2, v).y],
  ["an integral", { integral: (u) => u.z }, ([k, a, y0]) => ((a * k * y0 ** 2) / 2) * (1 - Math.exp(-4 / k)) + 1 - Math.cos(2)],
];
const values: Values = [0.9, 0.7, 1];
const differenceOf = (loss: (v: Values) => number, j: number): number => {
  const moved = (by: number): number => loss(values.map((x, i) => (i === j ? x + by : x)) as unknown as Values);
  const h = 1e-4;
  return (8 * (moved(h) - moved(-h)) - (moved(2 * h) - moved(-2 * h))) / (12 * h);
};

const able = adjointsThat(({ takesMass }) => takesMass === true);
const solvers = [fbdf(), radauIIA5(), rodas5P()];

describe.each(losses)("of %s", (_, loss, of) => {
  it.each(able.flatMap((adjoint) => solvers.map((solver) => [adjoint, solver.name, solver] as const)))(
    "%s, %s",
    (adjoint, _name, solver) => {
      const tolerance = solver.name === "fbdf" ? 3e-6 : 3e-7;
      const options = { loss, wrt: ["p", "u0"], adjoint, solver, rtol: 1e-9, atol: 1e-9 } as const;
      const found = gradient(problem, options);
      expect(Math.abs(found.value - of(values))).toBeLessThan(tolerance);
      [found.gradient.p!.k, found.gradient.p!.a, found.gradient.u0!.y].forEach((x, j) =>
        expect(Math.abs(x - differenceOf(of, j)), `number ${j}`).toBeLessThan(tolerance),
      );
      expect(Math.abs(found.gradient.u0!.z)).toBeLessThan(1e-12);
      expect(found.flat.u0).toHaveLength(2);
    },
  );
});

const flatOf = ({ flat }: Pick<Gradient, "flat">): number[] => [...flat.p!, ...flat.u0!];
const apart = (x: readonly number[], y: readonly number[]): number => {
  const size = Math.max(...y.map(Math.abs));
  return Math.max(...x.map((value, i) => Math.abs(value - y[i]) / size));
};

it.each(solvers)(
  "the discrete adjoint is that of the steps of $name: as derivatives carried through the same steps",
  (solver) => {
    const loss: Loss<State, Parameters> = { at, of: (u) => u.z ** 2, final: (u) => u.y };
    const options = { loss, wrt: ["p", "u0"], solver, rtol: 1e-12, atol: 1e-12 } as const;
    const [back, along] = ["discrete", "forwardSensitivity"].map((adjoint) => flatOf(gradient(problem, { ...options, adjoint })));
    expect(apart(back, along)).toBeLessThan(1e-11);
  },
);

it("agree with those of the mass matrix", () => {
  for (const { problem: massive, loss } of [robertsonDAE({ tEnd: 40 }), chemicalAkzoNobel()]) {
    const options = { loss, wrt: ["p", "u0"], solver: radauIIA5(), rtol: 1e-8, atol: 1e-12, adjoint: "discrete" } as never;
    const stated = gradient(residualOf(massive as never), options);
    expect(apart(flatOf(stated), flatOf(gradient(massive as never, options)))).toBeLessThan(1e-8);
  }
});

it.each(adjointsThat(({ takesMass }) => takesMass !== true))("%s is refused", (adjoint) => {
  expect(() => gradient(problem, { loss: losses[1][1], adjoint })).toThrow(/stated by a residual/);
});

it.each(backendsThat(({ programs }) => programs))("by the backend %s", (vjp) => {
  const { gradient: by } = gradient(problem, { loss: losses[1][1], vjp, solver: radauIIA5(), rtol: 1e-9, atol: 1e-9 });
  expect(by.p!.k).toBeCloseTo(differenceOf(losses[1][2], 0), 6);
});

it.each(backendsThat(({ programs, exact }) => exact && !programs))(
  "the backend %s, which calls a right-hand side, is refused",
  (vjp) => {
    expect(() => gradient(problem, { loss: losses[1][1], vjp })).toThrow(/implicit is a residual/);
  },
);

it("in other forms: sensitivities, pullbacks, and held against differences", () => {
  const options = { saveat: [1, 2], wrt: ["p", "u0"], rtol: 1e-9, atol: 1e-9 } as const;
  const z = (v: Values): number => known(2, v).z;
  const { p, u0 } = sensitivities(problem, options);
  expect(p[1].z.k).toBeCloseTo(differenceOf(z, 0), 6);
  expect(u0[1].z.y).toBeCloseTo(differenceOf(z, 2), 6);
  expect(u0[1].y.z).toBeCloseTo(0, 12);
  const { pullback, solution } = solveWithPullback(problem, options);
  expect(solution.states[1]).toHaveLength(2);
  for (const pulled of [
    pullback([
      { y: 0, z: 0 },
      { y: 0, z: 1 },
    ]),
    pullback(ndarray(new Float64Array([0, 0, 0, 1]), [2, 2])),
  ]) {
    expect(pulled.p!.k).toBeCloseTo(differenceOf(z, 0), 6);
    expect(pulled.u0!.y).toBeCloseTo(differenceOf(z, 2), 6);
  }
  const report = checkGradient(problem, { loss: losses[0][1], wrt: ["p", "u0"] });
  expect(report.passed).toBe(true);
  const { plan, check } = gradient(problem, { loss: losses[0][1], check: true });
  expect(check.passed).toBe(true);
  expect(plan.toString()).toContain("2 states");
  expect(plan.toString()).toContain("an implicit method, for the residual");
});

describe("over events and switches", () => {
  const decay = (over: object) =>
    daeProblem<{ y: number; rate: number }, { level: number; off: number }>({
      residual(r, du, u, p, t) {
        r.y = 1.1 * du.y + 1.1 * u.rate;
        r.rate = u.rate - u.y * (t < p.off ? 1 : 2);
      },
      u0: { y: 1, rate: 1 },
      tspan: [0, 2],
      p: { level: 0.5, off: 1.5 },
      initialise: "algebraic",
      ...over,
    });

  it.each(able)("of the state, and of times that parameters move, by %s", (adjoint) => {
    const kicked = decay({
      events: { when: (u: { y: number }, p: { level: number }) => u.y - p.level, apply: (u: { y: number }) => void (u.y *= 3) },
    });
    // It takes place twice: y is 3 e^(-t) behind the first time, and 9 e^(off - 2 t) behind the switch and the second.
    for (const solver of solvers) {
      const { value, gradient: by } = gradient(kicked, {
        loss: { final: (u) => u.rate },
        adjoint,
        solver,
        rtol: 1e-9,
        atol: 1e-9,
      });
      const end = 18 * Math.exp(1.5 - 4);
      expect(value).toBeCloseTo(end, 5);
      expect(by.p!.level).toBeCloseTo(0, 6);
      expect(by.p!.off).toBeCloseTo(end, 5);
    }
  });

  it("those of decisions on the state are differentiated", () => {
    const limited = daeProblem({
      name: "limited",
      residual: (du: readonly number[], u: readonly number[], p: readonly number[]) => [du[0] + (u[0] > p[0] ? 1 : 2) * u[0]],
      u0: [1],
      tspan: [0, 2],
      p: [0.5],
    });
    for (const adjoint of able) {
      const loss = { final: (u: readonly number[]) => u[0] };
      const { value, gradient: by } = gradient(limited, { loss, wrt: ["p", "u0"], adjoint, rtol: 1e-8, atol: 1e-8 });
      expect(value).toBeCloseTo(0.5 * Math.exp(-2 * (2 - Math.LN2)), 6);
      // It is u0² / p exp(-4).
      expect(by.p![0]).toBeCloseTo(-4 * Math.exp(-4), 6);
      expect(by.u0![0]).toBeCloseTo(4 * Math.exp(-4), 6);
    }
  });
});
