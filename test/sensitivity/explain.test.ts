/** What is chosen for a gradient, what is said of it, and what is refused. */
import { afterEach, describe, expect, it, vi } from "vitest";
import {
  BackendRefused,
  explain,
  gradient,
  MethodRefused,
  NonFiniteDerivative,
  odeProblem,
  ReadError,
  remake,
  rodas5P,
  tsit5,
  type Plan,
} from "../../index.ts";
import { brusselator, heat, lotkaVolterra, pollution, problemTable, spiralNeuralODE } from "../../problems/index.ts";
import { adjointMethods } from "../../sensitivity/adjoints/index.ts";
import { vjpBackends } from "../../sensitivity/vjp/backends/index.ts";
import { withoutInspector } from "../without-inspector.ts";

function decision(plan: Plan, about: string) {
  return plan.decisions.find((found) => found.about === about);
}

describe("plans of the named problems", () => {
  const lv = lotkaVolterra();

  it("Lotka-Volterra: an explicit solver, and nothing that integrates backward", () => {
    const plan = explain(lv.problem, { loss: lv.loss, wrt: ["p", "u0"] });
    expect(plan).toMatchObject({ solver: "tsit5", vjp: "source" });
    expect(["dual", "forwardSensitivity", "discrete"]).toContain(plan.adjoint);
    expect(plan.known).toMatchObject({ states: 2, parameters: 4, derivatives: 6, lossTimes: 21, events: 0, compiled: true });
    expect(plan.known.steps.reached).toBe(10);
    expect(plan.known.jacobianEntries).toBeUndefined();
    expect(decision(plan, "solver")!.because).toMatch(/accuracy, not stability/);
    expect(decision(plan, "linear solver")).toBeUndefined();
  });

  it("Lotka-Volterra with a thousand loss times: back over the steps, which are not cut at them", () => {
    const at = Float64Array.from({ length: 1000 }, (_, i) => i / 100);
    expect(explain(lv.problem, { loss: { at, of: (u) => u.prey ** 2 } }).adjoint).toBe("discrete");
  });

  it("POLLU: stiff, by the solver's own evidence; a sparse Jacobian; back over the steps", () => {
    const { problem, loss } = pollution();
    const plan = explain(problem, { loss });
    expect(plan.solver).toBe("rodas5P");
    expect(plan.adjoint).toBe("discrete");
    expect(decision(plan, "solver")!.because).toMatch(/^the least work from t = 0 on, where stability would hold tsit5 back/);
    expect(decision(plan, "linear solver")).toMatchObject({ chosen: "sparse LU", because: expect.stringMatching(/82 of 400/) });
    expect(plan.known.jacobianEntries).toBe(82);
  });

  it("the heat equation: linear systems in a band", () => {
    const { problem, loss } = heat({ n: 100 });
    const chosen = {
      chosen: "banded LU",
      because: "298 of 10000 entries of the Jacobian are not zero, and they lie in a narrow band",
    };
    expect(decision(explain(problem, { loss, solver: rodas5P() }), "linear solver")).toMatchObject(chosen);
  });

  it("the spiral network: back over the steps, for its many parameters", () => {
    const { problem, loss } = spiralNeuralODE();
    expect(explain(problem, { loss })).toMatchObject({ solver: "tsit5", adjoint: "discrete" });
  });

  it("the 16 x 16 Brusselator: a backward pass with sparse linear systems, also for two parameters", () => {
    const { problem, loss } = brusselator({ n: 16 });
    const plan = explain(problem, { loss, solver: rodas5P() });
    expect(plan.solver).toMatch(/rodas5P/);
    expect(["discrete", "gauss", "quadrature"]).toContain(plan.adjoint);
    expect(decision(plan, "linear solver")!.chosen).toBe("sparse LU");
  });
});

describe("plans come from counts", () => {
  afterEach(() => void vi.restoreAllMocks());

  it.each(Object.entries(problemTable).filter(([name]) => name !== "brusselator"))(
    "%s: the same plan whatever the clock says",
    (name, { make }) => {
      const planned = (): unknown => {
        const { problem, loss } = make({});
        // The components of E5 are far below any default tolerance: it is no longer solved.
        const tolerances = name === "e5" ? { atol: 1e-28 } : {};
        return JSON.parse(JSON.stringify(explain(problem, { loss, ...tolerances })));
      };
      const first = planned();
      let now = 0;
      vi.spyOn(performance, "now").mockImplementation(() => (now += 1e6 * Math.random()));
      expect(planned()).toEqual(first);
    },
  );

  it("of a function that cannot be read as well", () => {
    const problem = odeProblem({
      rhs: (u: number[], p: number[]) => {
        const twice = (n: number): number => (n === 0 ? p[0] : twice(n - 1));
        return [-twice(2) * u[0]];
      },
      u0: [1],
      p: [1],
      tspan: [0, 1],
    });
    const planned = (): unknown => explain(remake(problem, {}), { loss: { final: (u) => u[0] } }).estimate;
    const first = planned();
    let now = 0;
    vi.spyOn(performance, "now").mockImplementation(() => (now += 1e6 * Math.random()));
    expect(planned()).toEqual(first);
  });

  it("a right-hand side of powers costs what its powers cost", () => {
    const u0 = new Float64Array(50).fill(0.9);
    const seconds = (rhs: (du: Float64Array, u: Float64Array, p: { k: number }) => void): number =>
      explain(odeProblem({ rhs, u0, tspan: [0, 0.5], p: { k: 1.7 } }), { loss: { final: (u) => u[0] } }).known.seconds.rhs;
    const product = seconds((du, u, p) => {
      for (let i = 0; i < 50; i++) du[i] = -p.k * u[i] * u[i];
    });
    const power = seconds((du, u, p) => {
      for (let i = 0; i < 50; i++) du[i] = -(u[i] ** p.k);
    });
    expect(power).toBeGreaterThan(20 * product);
  });
});

describe("a plan", () => {
  const { problem, loss } = lotkaVolterra();

  it("is that of the gradient, and kept", () => {
    const options = { loss, rtol: 1e-7 };
    const plan = explain(problem, options);
    expect(explain(problem, options)).toBe(plan);
    expect(gradient(problem, options).plan).toEqual(plan);
  });

  it("tells a solve that went otherwise than what was tried out", () => {
    const vanDerPol = odeProblem({
      rhs(du, u, p) {
        du[0] = u[1];
        du[1] = p[0] * (1 - u[0] * u[0]) * u[1] - u[0];
      },
      u0: [2, 0],
      tspan: [0, 10],
      p: [1],
    });
    const options = { loss: { final: (u: number[]) => u[0] } };
    expect(explain(vanDerPol, options).solver).toBe("tsit5");
    const { plan } = gradient(remake(vanDerPol, { p: [1e4] }), options);
    expect(plan.solver).toMatch(/^tsit5 -> rodas5P/);
    expect(decision(plan, "solver")!.because).toMatch(/tsit5 was expected/);
  });

  it("says of every method and backend why it was not chosen", () => {
    const plan = explain(problem, { loss });
    const named = (about: string): string[] => {
      const { chosen, rejected } = decision(plan, about)!;
      rejected.forEach(({ because }) => expect(because).not.toBe(""));
      return [chosen, ...rejected.map(({ name }) => name)].sort();
    };
    expect(named("adjoint")).toEqual(Object.keys(adjointMethods).sort());
    expect(named("vjp")).toEqual(Object.keys(vjpBackends).sort());
    const text = plan.toString();
    for (const name of Object.keys(adjointMethods)) expect(text).toContain(name);
    for (const { because } of plan.decisions) expect(text).toContain(because);
  });

  it("has all of its data in JSON", () => {
    const plan = explain(problem, { loss });
    const { known, estimate } = plan;
    expect(JSON.parse(JSON.stringify(plan))).toEqual({ ...plan });
    expect(estimate.seconds).toBeGreaterThan(0);
    expect(estimate.bytes).toBeGreaterThan(0);
    for (const seconds of Object.values(known.seconds)) expect(seconds).toBeGreaterThan(0);
  });

  it("says what was asked for", () => {
    const plan = explain(problem, { loss, adjoint: "gauss", vjp: "tape", solver: rodas5P() });
    expect(plan).toMatchObject({ adjoint: "gauss", vjp: "tape", solver: "rodas5P" });
    for (const about of ["adjoint", "vjp", "solver"]) expect(decision(plan, about)).toMatchObject({ asked: true });
  });

  it("keeps within the memory budget", () => {
    const plan = explain(problem, { loss, adjoint: "discrete", memoryBudget: 1000 });
    expect(decision(plan, "memory")!.chosen).toBe("checkpoints");
    expect(plan.estimate.bytes).toBe(1000);
    expect(decision(plan, "adjoint")!.rejected).toContainEqual({
      name: "gauss",
      because: expect.stringMatching(/memory budget/),
    });
    expect(decision(explain(problem, { loss, adjoint: "discrete" }), "memory")!.chosen).toBe("every step");
  });

  it("computes no gradient, but meets the failures of the solve", () => {
    const infinite = odeProblem({ rhs: (u: number[]) => [u[0] * u[0]], u0: [1], tspan: [0, 2] });
    const options = { loss: { final: (u: number[]) => u[0] }, wrt: ["u0"] as const };
    expect(() => explain(infinite, options)).toThrow(/stopped at t = /);
    const root = odeProblem({ rhs: (u: number[]) => [Math.sqrt(u[0] - 1)], u0: [0], tspan: [0, 1] });
    expect(() => explain(root, options)).toThrow(NonFiniteDerivative);
  });
});

describe("functions that cannot be read", () => {
  withoutInspector();

  const factor = 3;
  const captured = odeProblem({
    rhs(du, u, { k }) {
      du[0] = -factor * k * u[0];
    },
    u0: [1],
    tspan: [0, 1],
    p: { k: 0.5 },
  });
  const recursive = odeProblem({
    rhs(du, u, p, _t, { power }) {
      du[0] = -p[0] * power(u[0], 3);
    },
    u0: [1],
    p: [0.7],
    tspan: [0, 1],
    constants: {
      power(x: number, k: number): number {
        const again = (n: number): number => (n === 0 ? 1 : x * again(n - 1));
        return again(k);
      },
    },
  });
  const loss = { final: (u: number[]) => u[0] };

  it("too dynamic to be a program: by a tape", () => {
    const plan = explain(recursive, { loss });
    expect(plan.vjp).toBe("compiledTape");
    expect(plan.known).toMatchObject({ compiled: false, reason: expect.stringMatching(/again/) });
    // u' = -p u³: u = (1 + 2 p t)^(-1/2)
    const { value, flat } = gradient(recursive, { loss, rtol: 1e-10, atol: 1e-10 });
    expect(value).toBeCloseTo(2.4 ** -0.5, 9);
    expect(flat.p![0]).toBeCloseTo(-(2.4 ** -1.5), 8);
  });

  it("without a text that says all: only by what is asked for", () => {
    expect(() => explain(captured, { loss })).toThrow(ReadError);
    expect(explain(captured, { loss, vjp: "finite" })).toMatchObject({ vjp: "finite", known: { compiled: false } });
  });

  it.each([
    ["source", recursive, "compiledTape"],
    ["dual", recursive, "compiledTape"],
    ["source", captured, "finite"],
    ["tape", captured, "finite"],
    ["compiledTape", captured, "finite"],
    ["user", captured, "finite"],
  ] as const)("vjp %s is refused with its reason and the nearest that can", (vjp, problem, nearest) => {
    const ask = (): unknown => gradient(problem as typeof captured, { loss, vjp });
    expect(ask).toThrow(BackendRefused);
    expect(ask).toThrow(vjp === "user" ? /no derivatives/ : problem === captured ? /factor/ : /again/);
    expect(ask).toThrow(new RegExp(`nearest that can is "${nearest}"`));
  });

  it.each(["discrete", "dual", "forwardSensitivity"])(
    "adjoint %s is refused with its reason and the nearest that can",
    (adjoint) => {
      const ask = (): unknown => gradient(captured, { loss, vjp: "finite", adjoint });
      expect(ask).toThrow(MethodRefused);
      expect(ask).toThrow(/factor/);
      const nearest = /nearest that can is "(\w+)"/.exec(messageOf(ask))![1];
      expect(gradient(captured, { loss, vjp: "finite", adjoint: nearest }).flat.p![0]).toBeCloseTo(-3 * Math.exp(-1.5), 4);
    },
  );
});

describe("choices that cannot be", () => {
  it("an explicit backward pass over a stiff solution, found stiff or asked to be solved so", () => {
    const stiff = pollution();
    const found = (): unknown => gradient(stiff.problem, { loss: stiff.loss, adjoint: "backsolve" });
    expect(found).toThrow(MethodRefused);
    expect(found).toThrow(/rodas5P is implicit.*nearest that can is "discrete"/);
    const { problem, loss } = lotkaVolterra();
    expect(() => explain(problem, { loss, adjoint: "backsolve", solver: rodas5P() })).toThrow(MethodRefused);
    const backward = { solver: tsit5() };
    expect(explain(problem, { loss, adjoint: "backsolve", solver: rodas5P(), backward }).adjoint).toBe("backsolve");
  });

  it("the author's derivatives where there are none", () => {
    const { problem, loss } = lotkaVolterra();
    expect(() => explain(problem, { loss, vjp: "user" })).toThrow(/no derivatives .*nearest that can is "source"/);
  });
});

function messageOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error("nothing was thrown");
}
