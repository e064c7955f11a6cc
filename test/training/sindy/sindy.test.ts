/** Laws that are found again: of exact samples to rounding, of a network trained on noisy data within a few per cent. */
import { describe, expect, it } from "vitest";
import { odeProblem, remake } from "../../../src/problem/problem.ts";
import { solve } from "../../../solvers/solve/solve.ts";
import { normals } from "../../../src/core/random.ts";
import { checkGradient } from "../../../sensitivity/check-gradient.ts";
import { lorenz } from "../../../problems/lorenz.ts";
import {
  BadData,
  BadLibrary,
  chain,
  collocate,
  dense,
  fit,
  fitDerivatives,
  monomials,
  observations,
  rbf,
  sindy,
  trigonometric,
} from "../../../training/index.ts";

const x = Array.from({ length: 60 }, (_, i) => Math.sin(i) + 1.5);
const y = Array.from({ length: 60 }, (_, i) => 2 * Math.cos(0.7 * i * i));

describe("of exact samples", () => {
  it("the law is found to rounding, among candidates of every kind", () => {
    const f = x.map((_, i) => 2 * x[i] ** 2 * y[i] - 0.5 * Math.sin(3 * y[i]) + 4);
    const g = x.map((_, i) => x[i] / (1 + y[i] ** 2));
    const law = sindy(
      { inputs: { x, y }, outputs: { f, g } },
      { library: [monomials(3), trigonometric(3), { "x / (1 + y^2)": ([a, b]) => a / (1 + b ** 2) }], threshold: 0.01 },
    );
    expect(law.terms.map(({ output, name }) => [output, name])).toEqual([
      ["f", "1"],
      ["f", "x^2 y"],
      ["f", "sin(3 y)"],
      ["g", "x / (1 + y^2)"],
    ]);
    [4, 2, -0.5, 1].forEach((value, k) => expect(law.terms[k].coefficient).toBeCloseTo(value, 10));
    expect(law.residuals.f).toBeLessThan(1e-10);
    expect(String(law)).toBe("f = 4 + 2 x^2 y - 0.5 sin(3 y)\ng = 1 x / (1 + y^2)");
    expect(law.toLatex()).toBe("f &= 4 + 2 \\, x^2 \\, y - 0.5 \\, \\sin(3 y) \\\\\ng &= 1 \\, \\mathrm{x / (1 + y^2)}");
  });

  it("the Lorenz equations are found from their solution and its derivatives, in any units", () => {
    const { problem } = lorenz();
    const { states, t } = solve(problem, { saveat: 0.02, rtol: 1e-9, atol: 1e-9 });
    const p = problem.p as { sigma: number; rho: number; beta: number };
    const names = ["x", "y", "z"];
    const rates = [...t.keys()].map((i) => {
      const [a, b, c] = states[i];
      return [p.sigma * (b - a), a * (p.rho - c) - b, a * b - p.beta * c];
    });
    for (const [unit, scale] of [
      [1, 1],
      [1e-6, 1],
      [1, 1e7],
      [1e3, 1e-9],
    ]) {
      const inputs = Object.fromEntries(names.map((name, c) => [name, states.map((u) => scale * u[c])]));
      const outputs = Object.fromEntries(names.map((name, c) => [name, rates.map((rate) => unit * rate[c])]));
      const { terms } = sindy({ inputs, outputs }, { library: [monomials(3)], threshold: 0.02 });
      expect(terms.map(({ output, name }) => `${output}: ${name}`)).toEqual([
        "x: x",
        "x: y",
        "y: x",
        "y: y",
        "y: x z",
        "z: z",
        "z: x y",
      ]);
      const expected = [-p.sigma, p.sigma, p.rho, -1, -1, -p.beta, 1];
      // Of products a unit of the inputs is taken twice.
      terms.forEach(({ coefficient, name }, k) =>
        expect((coefficient * scale ** name.split(" ").length) / unit).toBeCloseTo(expected[k], 8),
      );
    }
  });

  it("the law of very many samples is found", () => {
    const many = Float64Array.from({ length: 200_000 }, (_, i) => Math.sin(i));
    const law = sindy({ inputs: { x: many }, outputs: { f: many.map((value) => 3 * value ** 2) } });
    expect(String(law)).toBe("f = 3 x^2");
  });

  it("an output that is zero has no terms", () => {
    const law = sindy({ inputs: { x }, outputs: { f: x.map(() => 0) } });
    expect(String(law)).toBe("f = 0");
    expect(law.layer.parameterCount).toBe(0);
  });
});

it("of noisy samples, whose candidates are nearly dependent, the law is the same in any units", () => {
  const normal = normals(4);
  const a = x.map(() => 1.5 + 0.3 * normal());
  const b = a.map((value) => value + 0.2 * normal());
  const f = a.map((value, i) => 2 * value * b[i] - 0.5 * b[i] + 0.02 * normal());
  const lawIn = (units: { a: number; b: number; f: number }): { names: string[]; value: number } => {
    const scaled = (values: readonly number[], unit: number): number[] => values.map((value) => unit * value);
    const inputs = { a: scaled(a, units.a), b: scaled(b, units.b) };
    const { terms, layer } = sindy({ inputs, outputs: { f: scaled(f, units.f) } }, { library: [monomials(3)], threshold: 0.02 });
    const value = layer([1.2 * units.a, 1.7 * units.b], layer.initial()).get(0) / units.f;
    return { names: terms.map(({ name }) => name), value };
  };
  const { names, value } = lawIn({ a: 1, b: 1, f: 1 });
  expect(names.length).toBeGreaterThan(1);
  for (const units of [
    { a: 1e-3, b: 1, f: 1 },
    { a: 1, b: 1e3, f: 1 },
    { a: 1e6, b: 1e-6, f: 1e3 },
  ]) {
    const found = lawIn(units);
    expect(found.names).toEqual(names);
    expect(found.value / value).toBeCloseTo(1, 8);
  }
});

describe("what samples do not tell apart is said", () => {
  const library = [monomials(3), trigonometric()];
  const lawOf = (range: readonly [number, number], noise: number, threshold?: number) => {
    const normal = normals(3);
    const at = Array.from({ length: 50 }, (_, i) => range[0] + ((range[1] - range[0]) * i) / 49);
    return sindy(
      { inputs: { x: at }, outputs: { f: at.map((value) => Math.sin(value) + noise * normal()) } },
      { library, threshold },
    );
  };

  it("where another candidate does as well, on a short interval", () => {
    const law = lawOf([1, 1.05], 0.05);
    expect(law.terms.map(({ name }) => name)).toEqual(["1"]);
    expect(law.warnings).toEqual([
      'The samples do not tell the terms of f apart: "sin(x)" in place of "1" would leave over 7.1 % of it, and this law 7.1 %. Give ' +
        "samples of a wider range, or fewer candidates.",
    ]);
    expect(String(law)).toBe(`f = 0.8616\n${law.warnings[0]}`);
  });

  it("where large coefficients cancel each other", () => {
    const law = lawOf([1, 1.5], 0.05, 1e-3);
    expect(law.terms).toHaveLength(6);
    expect(law.warnings).toEqual([
      expect.stringMatching(
        /^The samples do not determine the terms "1", "x", .*"cos\(x\)" of f, whose coefficients have standard errors/,
      ),
    ]);
  });

  it("and nothing else", () => {
    for (const noise of [0, 1e-3, 0.05]) {
      const law = lawOf([-3, 3], noise);
      expect(law.terms.map(({ name }) => name)).toEqual(["sin(x)"]);
      expect(law.warnings).toEqual([]);
    }
  });
});

describe("a term that explains less than the threshold", () => {
  const lawOf = (part: number, noise: number, threshold?: number) => {
    const normal = normals(5);
    const f = x.map((_, i) => 2 * x[i] - x[i] * y[i] + part * y[i] ** 2 + noise * normal());
    return sindy({ inputs: { x, y }, outputs: { f } }, { threshold });
  };

  it("is named where most of what is left over is its own", () => {
    for (const noise of [0, 0.01]) {
      const law = lawOf(0.05, noise);
      expect(law.terms.map(({ name }) => name)).toEqual(["x", "x y"]);
      expect(law.warnings).toEqual([
        expect.stringMatching(
          /^The term "y\^2" of f is left out, as it explains no more than the `threshold`: with it .* in place of .* %\./,
        ),
      ]);
      const whole = lawOf(0.05, noise, 0.01);
      expect(whole.terms.map(({ name }) => name)).toEqual(["x", "x y", "y^2"]);
      expect(whole.warnings).toEqual([]);
    }
  });

  it("is not where there is none, or noise hides it", () => {
    expect(lawOf(0, 0.05).warnings).toEqual([]);
    expect(lawOf(0.01, 0.2).warnings).toEqual([]);
  });
});

describe("a law as a layer", () => {
  const law = sindy(
    {
      inputs: { x, y },
      outputs: { f: x.map((_, i) => 1 - x[i] * y[i]), g: y.map((b) => Math.cos(b)), h: y.map((b) => b ** 2 + Math.exp(-b)) },
    },
    { library: [monomials(2), trigonometric(), { "exp(-y)": ([, b]) => Math.exp(-b) }], threshold: 0.01 },
  );

  it("gives what its terms give", () => {
    const { data } = law.layer([2, 0.5], law.layer.initial());
    [0, Math.cos(0.5), 0.25 + Math.exp(-0.5)].forEach((value, k) => expect(data[k]).toBeCloseTo(value, 10));
  });

  it("stands in right-hand sides, compiled, with derivatives by its coefficients", () => {
    const problem = odeProblem({
      rhs(du, u, p, _t, constants) {
        const f = constants.law([u.a, u.b], p.law);
        du.a = f.get(0);
        du.b = f.get(1) - 0.1 * f.get(2);
      },
      u0: { a: 1, b: 0.5 },
      tspan: [0, 1],
      p: { law: law.layer.initial() },
      constants: { law: law.layer },
    });
    expect(solve(problem).stats.compiled).toBe(true);
    const report = checkGradient(problem, { loss: { final: (u) => u.a * u.b }, wrt: ["p", "u0"], rtol: 1e-8, atol: 1e-8 });
    expect(String(report)).toContain("agree");
  });
});

/**
 * C. Rackauckas et al., Universal differential equations for scientific machine learning, 2020: Lotka and Volterra's equations, whose
 * interaction is not known and learned from 31 observations with noise of half a per cent of the mean.
 */
describe("a universal differential equation, from data to the law", () => {
  const truth = odeProblem({
    rhs(du, u, p) {
      du.prey = p.a * u.prey - p.b * u.prey * u.predator;
      du.predator = p.c * u.prey * u.predator - p.d * u.predator;
    },
    u0: { prey: 0.44249296, predator: 4.6280594 },
    tspan: [0, 3],
    p: { a: 1.3, b: 0.9, c: 0.8, d: 1.8 },
  });
  const t = Array.from({ length: 31 }, (_, i) => i / 10);
  const exact = solve(truth, { saveat: t, rtol: 1e-10, atol: 1e-10 }).u;
  const late = solve(remake(truth, { tspan: [0, 6] }), { saveat: 0.1, rtol: 1e-10, atol: 1e-10 }).u;
  const net = chain(dense(2, 5, rbf), dense(5, 5, rbf), dense(5, 2));

  it("has both terms, coefficients within 5 %, and extrapolates to twice the time within 5 %", async () => {
    const normal = normals(2026);
    const noisy = (of: (u: (typeof exact)[number]) => number): number[] => {
      const mean = exact.reduce((sum, u) => sum + of(u), 0) / exact.length;
      return exact.map((u) => of(u) + 0.005 * mean * normal());
    };
    const data = observations({ t, values: { prey: noisy((u) => u.prey), predator: noisy((u) => u.predator) } });
    const ude = odeProblem({
      rhs(du, u, p, _t, constants) {
        const f = constants.f([u.prey, u.predator], p.f);
        du.prey = 1.3 * u.prey + f.get(0);
        du.predator = f.get(1) - 1.8 * u.predator;
      },
      u0: { prey: data.series[0].values[0], predator: data.series[1].values[0] },
      tspan: [0, 3],
      p: { f: net.initial(1) },
      constants: { f: net },
    });
    const initial = { prey: true, predator: true } as const;
    const { p } = await fitDerivatives(ude, collocate(data), { maxIterations: 100 });
    const parameters = { f: { prior: { normal: [0, 1] } } } as const;
    const fitted = await fit(remake(ude, { p }), data, { parameters, initial, maxIterations: 150 });
    const { u } = solve(remake(ude, { p: fitted.p, u0: fitted.u0 }), { saveat: 0.05 });
    const learned = u.map(({ prey, predator }) => net([prey, predator], fitted.p.f));
    const law = sindy({
      inputs: { prey: u.map(({ prey }) => prey), predator: u.map(({ predator }) => predator) },
      outputs: { f: learned.map((f) => f.get(0)), g: learned.map((f) => f.get(1)) },
    });
    expect(law.terms.map(({ name }) => name)).toEqual(["prey predator", "prey predator"]);
    expect(law.warnings).toEqual([]);
    expect(Math.abs(law.terms[0].coefficient / -0.9 - 1)).toBeLessThan(0.05);
    expect(Math.abs(law.terms[1].coefficient / 0.8 - 1)).toBeLessThan(0.05);
    const known = remake(ude, { u0: fitted.u0, p: { f: law.layer.initial() }, constants: { f: law.layer } } as never);
    const refined = await fit(known, data, { initial });
    const far = solve(remake(known, { p: refined.p, u0: refined.u0, tspan: [0, 6] } as never), { saveat: 0.1 }).u;
    for (const name of ["prey", "predator"] as const) {
      const distance = Math.hypot(...late.map((state, i) => far[i][name] - state[name]));
      expect(distance / Math.hypot(...late.map((state) => state[name]))).toBeLessThan(0.05);
    }
  });
});

describe("bad input is refused by name", () => {
  const samples = { inputs: { x, y }, outputs: { f: x } };
  it.each([
    [BadData, () => sindy({ inputs: {}, outputs: { f: x } }), "give `inputs` by name"],
    [BadData, () => sindy({ inputs: { x }, outputs: { f: [1] } }), '"f" has 1 samples, but x has 60'],
    [BadData, () => sindy({ inputs: { x: [1, NaN] }, outputs: { f: [1, 2] } }), "inputs.x[1] is NaN"],
    [BadData, () => sindy({ inputs: { x: [1, 2] }, outputs: { f: [1, 2] } }), "2 samples for 3 candidates"],
    [BadLibrary, () => sindy(samples, { library: [] }), "There is no candidate"],
    [BadLibrary, () => sindy(samples, { library: [monomials(1), monomials(2)] }), 'two candidates "1"'],
    [BadLibrary, () => sindy(samples, { library: ["x" as never] }), 'library[0] is "x"'],
    [BadLibrary, () => sindy(samples, { library: [{ a: 1 as never }] }), '"a" is 1, but must be a function'],
    [BadLibrary, () => sindy(samples, { library: [{ "1/(x - x)": ([a]) => 1 / (a - a) }] }), "is Infinity at (1.5, 2)"],
    [BadLibrary, () => monomials(0), "the degree is 0"],
    [BadLibrary, () => trigonometric(0), "the frequency is 0"],
  ])("%o", (Refusal, find, message) => {
    expect(find).toThrow(Refusal);
    expect(find).toThrow(message);
  });

  it("unknown options too", () => {
    expect(() => sindy(samples, { lambda: 0.1 } as never)).toThrow("lambda");
    expect(() => sindy({ ...samples, output: {} } as never)).toThrow("output");
    expect(() => sindy(samples, { threshold: -1 })).toThrow("threshold is -1");
  });
});
