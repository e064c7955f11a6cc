import { describe, expect, it } from "vitest";
import { odeProblem } from "../../../src/problem/problem.ts";
import { solve } from "../../../solvers/solve/solve.ts";
import { normals } from "../../../src/core/random.ts";
import { fit, fitMany, observations, type FitManyOptions, type Observations } from "../../../training/index.ts";

/** u = u0, for each individual its own. */
const constant = odeProblem({ name: "constant", rhs: () => ({ y: 0 }), u0: { y: 1 }, tspan: [0, 4], p: {} });

/** u = u0 + k t. */
const line = odeProblem({ name: "line", rhs: (_u, p) => ({ y: p.k }), u0: { y: 0 }, tspan: [0, 4], p: { k: 1 } });

const t = [0, 1, 2, 3];
const noise = normals(11);
const groups = Array.from({ length: 12 }, () => {
  const own = 5 + 1.5 * noise();
  return t.map(() => own + 0.8 * noise());
});
const mean = (all: readonly number[]): number => all.reduce((sum, x) => sum + x, 0) / all.length;

/** One-way analysis of variance, balanced: of N groups of n the estimates of largest likelihood. */
function oneWay(values: readonly (readonly number[])[]) {
  const [N, n] = [values.length, values[0].length];
  const means = values.map(mean);
  const grand = mean(means);
  const within = values.reduce((sum, group, i) => sum + group.reduce((s, y) => s + (y - means[i]) ** 2, 0), 0);
  const between = n * means.reduce((sum, m) => sum + (m - grand) ** 2, 0);
  const noiseSquare = within / (N * (n - 1));
  const spreadSquare = (between / N - noiseSquare) / n;
  const weight = (n * spreadSquare) / (n * spreadSquare + noiseSquare);
  return {
    grand,
    sigma: Math.sqrt(noiseSquare),
    spread: Math.sqrt(spreadSquare),
    modes: means.map((m) => grand + weight * (m - grand)),
    error: Math.sqrt((spreadSquare + noiseSquare / n) / N),
    // ln of each group's density without 2π: its variance within n − 1 times, and that of its mean.
    value: values.reduce((sum, group, i) => {
      const own = group.reduce((s, y) => s + (y - means[i]) ** 2, 0);
      const total = noiseSquare + n * spreadSquare;
      return (
        sum + ((n - 1) * Math.log(noiseSquare) + Math.log(total) + own / noiseSquare + (n * (means[i] - grand) ** 2) / total) / 2
      );
    }, 0),
  };
}

describe("a population, against closed forms", () => {
  it("of random levels is the balanced one-way analysis of variance, by maximum likelihood", async () => {
    const data = groups.map((y) => observations({ t, values: { y } }));
    const found = await fitMany(constant, data, { initial: { individual: { y: true } } });
    const known = oneWay(groups);
    expect(found.converged).toBe(true);
    expect(found.typical.y).toBeCloseTo(known.grand, 6);
    expect(found.sigma.y / known.sigma).toBeCloseTo(1, 4);
    expect(found.spreads.y / known.spread).toBeCloseTo(1, 4);
    expect(found.parameters[0].standardError / known.error).toBeCloseTo(1, 4);
    found.individuals.forEach(({ u0, values }, i) => {
      expect(u0.y).toBeCloseTo(known.modes[i], 4);
      expect(values[0]).toBe(u0.y);
    });
    const deviation = Math.sqrt(mean(known.modes.map((m) => (m - known.grand) ** 2)));
    expect(found.parameters[0].shrinkage).toBeCloseTo(1 - deviation / known.spread, 4);
    expect(found.value).toBeCloseTo(known.value, 5);
    expect(found.residuals[4 * 3 + 2]).toMatchObject({ experiment: 3, name: "y", t: 2, observed: groups[3][2] });
    expect(found.residuals[4 * 3 + 2].residual).toBeCloseTo((groups[3][2] - known.modes[3]) / known.sigma, 3);
    expect(found.warnings).toEqual([]);
  });

  it("with both deviations given weighs each individual against the rest", async () => {
    const data = groups.map((y) => observations({ t, values: { y }, sigma: 0.7 }));
    const found = await fitMany(constant, data, { initial: { individual: { y: { spread: 2 } } } });
    const means = groups.map(mean);
    const weight = (4 * 4) / (4 * 4 + 0.49);
    expect(found.typical.y).toBeCloseTo(mean(means), 8);
    found.individuals.forEach(({ u0 }, i) => expect(u0.y).toBeCloseTo(mean(means) + weight * (means[i] - mean(means)), 7));
    expect([found.spreads.y, found.sigma.y]).toEqual([2, 0.7]);
    expect(found.parameters[0].standardError).toBeCloseTo(Math.sqrt((4 + 0.49 / 4) / 12), 8);
  });

  it("of random slopes and a shared start, unbalanced and with priors, is at the maximum of the marginal likelihood", async () => {
    const times = groups.map((_, i) => [0.5, 1, 2, 3, 4].slice(0, 2 + (i % 4)));
    const slopes = normals(5);
    const values = times.map((own) => {
      const k = 2 + 0.6 * slopes();
      return own.map((at) => 1 + k * at + 0.3 * slopes());
    });
    const data = times.map((own, i) => observations({ t: own, values: { y: values[i] } }));
    const found = await fitMany(line, data, {
      individual: { k: { prior: { normal: [1.5, 0.5] } } },
      initial: { shared: { y: { prior: { normal: [0.8, 0.2] } } } },
    });
    /** V = sigma² I + w² t tᵀ, whose determinant and inverse are of rank one beside the identity. */
    const marginalAt = (start: number, k: number, sigma: number, w: number): number =>
      times.reduce(
        (sum, own, i) => {
          const r = own.map((at, j) => values[i][j] - start - k * at);
          const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((s, x, j) => s + x * b[j], 0);
          const more = 1 + (w ** 2 * dot(own, own)) / sigma ** 2;
          const quadratic = (dot(r, r) - (w ** 2 * dot(own, r) ** 2) / (sigma ** 2 * more)) / sigma ** 2;
          return sum + own.length * Math.log(sigma) + (Math.log(more) + quadratic) / 2;
        },
        (((start - 0.8) / 0.2) ** 2 + ((k - 1.5) / 0.5) ** 2) / 2,
      );
    const at = [found.typical.y, found.typical.k, found.sigma.y, found.spreads.k] as const;
    expect(found.value).toBeCloseTo(marginalAt(...at), 4);
    at.forEach((x, j) => {
      const h = 1e-4 * x;
      const moved = (by: number): number => marginalAt(...(at.map((y, i) => (i === j ? y + by : y)) as unknown as typeof at));
      const [slope, bend] = [(moved(h) - moved(-h)) / (2 * h), (moved(h) - 2 * moved(0) + moved(-h)) / h ** 2];
      // Newton's step to the maximum, as a part of the number.
      expect(Math.abs(slope / bend / x), `${j}`).toBeLessThan(1e-4);
    });
    expect(found.parameters.map(({ name, kind }) => [name, kind])).toEqual([
      ["y", "shared"],
      ["k", "individual"],
    ]);
  });
});

/** Two compartments with first-order absorption; clearance by weight. */
const pharmacokinetics = odeProblem({
  name: "pharmacokinetics",
  rhs(du, u, p) {
    const clearance = p.CL * (p.weight / 70) ** 0.75;
    du.gut = -p.ka * u.gut;
    du.central = p.ka * u.gut - (clearance / p.V) * u.central - (p.Q / p.V) * u.central + (p.Q / p.V2) * u.peripheral;
    du.peripheral = (p.Q / p.V) * u.central - (p.Q / p.V2) * u.peripheral;
  },
  u0: { gut: 100, central: 0, peripheral: 0 },
  tspan: [0, 48],
  p: { ka: 1, CL: 4, V: 20, Q: 3, V2: 30, weight: 70 },
  events: {
    at: [12, 24],
    apply(u) {
      u.gut += 100;
    },
  },
});

function patients(count: number): Observations[] {
  const normal = normals(17);
  const at = [0.5, 1, 2, 4, 8, 12.5, 16, 23, 25, 30, 36, 47];
  return Array.from({ length: count }, (_, i) => {
    const weight = 50 + (40 * i) / count;
    const p = { ka: 1.3, CL: 5 * Math.exp(0.3 * normal()), V: 25 * Math.exp(0.2 * normal()), Q: 3, V2: 30, weight };
    const { u } = solve(pharmacokinetics, { p, saveat: at, rtol: 1e-8, atol: 1e-8 });
    const concentration = u.map(({ central }) => (central / p.V) * Math.exp(0.1 * normal()));
    return observations({
      t: at,
      values: { concentration },
      of: { concentration: (u: { central: number }, q: { V: number }) => u.central / q.V } as never,
      noise: "lognormal",
      p: { weight },
    });
  });
}

const options: FitManyOptions = {
  shared: { ka: { scale: "log" } },
  individual: { CL: { scale: "log" }, V: { scale: "log" } },
};

describe("a population of two compartments, with doses and weights", () => {
  it("is found again, each within its standard error", async () => {
    const found = await fitMany(pharmacokinetics, patients(20), options);
    expect(found.converged).toBe(true);
    const truth: Readonly<Record<string, number>> = { ka: 1.3, CL: 5, V: 25 };
    for (const { name, value, standardError } of found.parameters) {
      expect(Math.abs(value - truth[name]) / standardError, name).toBeLessThan(3);
    }
    // Standard deviations of 20 have a relative standard error of 1/√40.
    expect(Math.abs(found.spreads.CL / 0.3 - 1)).toBeLessThan(3 / Math.sqrt(40));
    expect(Math.abs(found.spreads.V / 0.2 - 1)).toBeLessThan(3 / Math.sqrt(40));
    expect(Math.abs(found.sigma.concentration / 0.1 - 1)).toBeLessThan(3 / Math.sqrt(2 * 240));
    expect(found.individuals[3].p).toMatchObject({ ka: found.typical.ka, Q: 3, weight: 56, CL: found.individuals[3].values[0] });
    expect(String(found)).toMatch(/^ka +1\.\d+ +± 0\.\d+ +shared\nCL +\d\.\d+ +± 0\.\d+ +spread 0\.\d+, shrinkage \d+ %/);
    expect(found.evaluations / 20).toBeLessThan(60);
  });
});

describe("a population", () => {
  const data = groups.map((y) => observations({ t, values: { y } }));

  it("of alike individuals has no spread, which is said", async () => {
    const same = groups.map((_, i) =>
      observations({ t, values: { y: [5, 5.2, 4.8, 5 + (i % 2 === 0 ? 0.01 : -0.01)] }, sigma: 0.3 }),
    );
    const found = await fitMany(constant, same, { initial: { individual: { y: true } } });
    expect(found.warnings).toContain("The data show no spread of y between individuals: share it.");
  });

  it("stays where what is known is a sum, says so, and finds the spread of that", async () => {
    // x(2) = 2 a + 2 b of variance 4 τ² + σ².
    const sum = odeProblem({ rhs: (_u, p) => ({ x: p.a + p.b }), u0: { x: 0 }, tspan: [0, 2], p: { a: 1, b: 1 } });
    const seen = [6.1, 5.2, 7.3, 4.9, 6.6];
    const subjects = seen.map((x) => observations({ t: [2], values: { x: [x] }, sigma: 0.2 }));
    const found = await fitMany(sum, subjects, { individual: { a: true }, shared: { b: true } });
    const variance = mean(seen.map((x) => (x - mean(seen)) ** 2));
    expect(2 * (found.typical.a + found.typical.b)).toBeCloseTo(mean(seen), 6);
    expect(Math.abs(found.typical.a)).toBeLessThan(10);
    expect(found.spreads.a).toBeCloseTo(Math.sqrt((variance - 0.04) / 4), 5);
    expect(found.warnings).toEqual([
      "The data do not determine b, a apart: moved together, they give the same predictions. Fix one of them.",
    ]);
  });

  it("tells its progress, and hears an abort", async () => {
    const told: number[] = [];
    await fitMany(constant, data, { initial: { individual: { y: true } }, onProgress: ({ iteration }) => told.push(iteration) });
    expect(told).toEqual(told.map((_, i) => i + 1));
    const signal = AbortSignal.abort(new Error("enough"));
    await expect(fitMany(constant, data, { initial: { individual: { y: true } }, signal })).rejects.toThrow("enough");
  });

  it.each<[string, FitManyOptions, string]>([
    ["nothing individual", {}, "BadParameter: fitMany: nothing is individual."],
    [
      "a name that is both",
      { shared: { k: true }, individual: { k: true } },
      'BadParameter: fitMany: "k" is shared and individual.',
    ],
    ["a bound", { individual: { k: { bounds: [0, 5] } } }, 'BadParameter: fitMany: "k" has bounds that it may come to.'],
    ["a spread of zero", { individual: { k: { spread: 0 } } }, "BadParameter: individual.k.spread is 0"],
    ["a name that is none", { individual: { kk: true } }, 'BadParameter: parameters: there is no component "kk" of p.'],
    [
      "an option that is none",
      { individual: { k: true }, parameters: {} } as FitManyOptions,
      'UnknownOption: fitMany: there is no "parameters"',
    ],
    [
      "one of initial that is none",
      { initial: { y: true } } as FitManyOptions,
      'UnknownOption: fitMany: initial: there is no "y"',
    ],
  ])("refuses %s", async (_, given, message) => {
    const error = (await fitMany(line, data, given).catch((thrown: unknown) => thrown)) as Error;
    expect(`${error.name}: ${error.message}`).toContain(message);
  });

  it("refuses one individual, and says which cannot be solved at the start", async () => {
    const individual = { k: true } as const;
    const own = [data[0], observations({ t, values: { y: groups[1] }, p: { k: 2 } })];
    await expect(fitMany(line, own, { individual })).rejects.toThrow("k of p is fitted, one value for all experiments");
    await expect(fitMany(line, [data[0]], { individual })).rejects.toThrow("fewer than two individuals");
    const exploding = odeProblem({ rhs: (u, p) => ({ y: p.k * u.y ** 2 }), u0: { y: 1 }, tspan: [0, 4], p: { k: 0.1 } });
    const one = { t: [1], values: { y: [1.1] }, sigma: 1 };
    const wild = [observations(one), observations({ ...one, u0: { y: 5 } })];
    await expect(fitMany(exploding, wild, { individual })).rejects.toThrow("individual 1 has no misfit at the start");
  });

  it("of spreads that are very wide is each by itself", async () => {
    const wide = groups.slice(0, 3).map((y) => observations({ t, values: { y }, sigma: 1 }));
    const found = await fitMany(constant, wide, { initial: { individual: { y: { spread: 1e4 } } } });
    for (const [i, { u0 }] of found.individuals.entries()) {
      const alone = await fit(constant, wide[i], { initial: { y: true } });
      expect(u0.y).toBeCloseTo(alone.u0.y, 5);
    }
  });

  it("gives u0 that is a function of p at the parameters of each individual", async () => {
    const bolus = odeProblem({
      u0: (p: { V: number; k: number }) => ({ c: 100 / p.V }),
      rhs: (u, p) => ({ c: -p.k * u.c }),
      p: { V: 20, k: 0.1 },
      tspan: [0, 8],
    });
    const t = [1, 2, 4, 8];
    const volumes = [9, 10, 11, 12];
    const data = volumes.map((V) => observations({ t, values: { c: t.map((t) => (100 / V) * Math.exp(-0.3 * t)) } }));
    const { individuals } = await fitMany(bolus, data, { shared: { k: { scale: "log" } }, individual: { V: { scale: "log" } } });
    individuals.forEach(({ u0 }, i) => expect(u0.c).toBeCloseTo(100 / volumes[i], 5));
  });
});
