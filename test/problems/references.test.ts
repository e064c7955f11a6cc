/** What is known of the named problems: end states, losses and gradients, by the table of problems. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  arenstorf,
  brusselator,
  chemicalAkzoNobel,
  e5,
  heat,
  pendulumDAE,
  pkpd,
  problemTable,
  robertson,
  robertsonDAE,
  transistorAmplifier,
  type NamedProblem,
  type Reference,
} from "../../problems/index.ts";
import { gradient } from "../../sensitivity/gradient.ts";
import { fbdf, kvaerno5, rodas5P, tsit5, vern7, type Method } from "../../solvers/index.ts";
import { solve } from "../../solvers/solve/solve.ts";
import { pack } from "../../src/arrays/pack.ts";
import type { Layout } from "../../src/arrays/layout.ts";

/** Largest relative error of a component. */
function relativeError(u: ArrayLike<number>, reference: ArrayLike<number>): number {
  return Math.max(...Array.from(reference, (value, i) => Math.abs(u[i] - value) / Math.abs(value)));
}

/** The numbers of a file of references that the peers are measured against. */
function peersReference(name: string): number[] {
  const text = readFileSync(new URL(`../../bench/peers/data/${name}.txt`, import.meta.url), "utf8");
  return text.trim().split(/\s+/).map(Number);
}

/** How a problem is solved for its references, and how near these it comes; `end` where something else is said of the end below. */
interface Settings {
  readonly options?: object;
  readonly solver: Method;
  readonly rtol: number;
  readonly atol: number;
  readonly bound: number;
  readonly end?: "apart";
}

/** A problem that is new has to be put in here. */
const settings: Readonly<Record<string, Settings>> = {
  lotkaVolterra: { solver: tsit5(), rtol: 1e-11, atol: 1e-11, bound: 1e-8 },
  brusselator: { options: { n: 8 }, solver: rodas5P(), rtol: 1e-8, atol: 1e-8, bound: 1e-5 },
  brusselatorCells: { solver: rodas5P(), rtol: 1e-9, atol: 1e-9, bound: 1e-6 },
  pkpd: { solver: tsit5(), rtol: 1e-12, atol: 1e-12, bound: 1e-6, end: "apart" },
  bouncingBall: { solver: tsit5(), rtol: 1e-12, atol: 1e-12, bound: 1e-9 },
  pollution: { solver: rodas5P(), rtol: 1e-10, atol: 1e-20, bound: 1e-7 },
  robertson: { solver: rodas5P(), rtol: 1e-9, atol: 1e-18, bound: 1e-7 },
  kuramotoSivashinsky: { solver: rodas5P(), rtol: 1e-10, atol: 1e-10, bound: 1e-7 },
  heat: { solver: rodas5P(), rtol: 1e-10, atol: 1e-10, bound: 1e-8 },
  hires: { solver: rodas5P(), rtol: 1e-10, atol: 1e-16, bound: 1e-8 },
  orego: { solver: rodas5P(), rtol: 1e-11, atol: 1e-13, bound: 1e-8 },
  vanDerPol: { solver: rodas5P(), rtol: 1e-10, atol: 1e-12, bound: 1e-7 },
  e5: { solver: kvaerno5(), rtol: 1e-8, atol: 1e-30, bound: 1e-6 },
  medicalAkzoNobel: { solver: rodas5P(), rtol: 1e-8, atol: 1e-11, bound: 1e-5 },
  ringModulator: { solver: rodas5P(), rtol: 1e-9, atol: 1e-10, bound: 1e-5 },
  beam: { solver: rodas5P(), rtol: 1e-7, atol: 1e-8, bound: 1e-5 },
  grayScott: { solver: tsit5(), rtol: 1e-8, atol: 1e-9, bound: 1e-6 },
  allenCahn: { solver: tsit5(), rtol: 1e-8, atol: 1e-9, bound: 1e-6 },
  hodgkinHuxley: { solver: tsit5(), rtol: 1e-10, atol: 1e-11, bound: 1e-7 },
  lorenz: { solver: vern7(), rtol: 1e-14, atol: 1e-14, bound: 1e-7 },
  pleiades: { solver: vern7(), rtol: 1e-12, atol: 1e-12, bound: 1e-9 },
  arenstorf: { solver: vern7(), rtol: 1e-12, atol: 1e-12, bound: 1e-7 },
  rigidBody: { solver: vern7(), rtol: 1e-12, atol: 1e-12, bound: 1e-10 },
  robertsonDAE: { solver: rodas5P(), rtol: 1e-9, atol: 1e-18, bound: 1e-7 },
  chemicalAkzoNobel: { solver: kvaerno5(), rtol: 1e-11, atol: 1e-13, bound: 1e-7 },
  transistorAmplifier: { solver: rodas5P(), rtol: 1e-10, atol: 1e-10, bound: 1e-7 },
  pendulumDAE: { solver: rodas5P(), rtol: 1e-11, atol: 1e-11, bound: 1e-7 },
  spiralNeuralODE: { solver: tsit5(), rtol: 1e-9, atol: 1e-9, bound: 1e-6 },
  lotkaVolterraUDE: { solver: tsit5(), rtol: 1e-9, atol: 1e-9, bound: 1e-6 },
};

it("every problem of the table is here", () => expect(Object.keys(settings)).toEqual(Object.keys(problemTable)));

describe.each(Object.entries(settings))("%s", (name, { options = {}, end, bound, ...tolerances }) => {
  const { problem, loss, reference = {} as Reference } = problemTable[name].make(options as Record<string, unknown>);
  const numbers = (layout: Layout, value: unknown): Float64Array => pack(layout, value, "reference");

  if (reference.end && end !== "apart")
    it("its end state", () => {
      const { states } = solve(problem, { ...tolerances, saveat: [problem.tspan[1]] });
      expect(relativeError(states[0], numbers(problem.layout.u, reference.end))).toBeLessThan(bound);
    });

  if (reference.loss !== undefined)
    it("its loss and gradient", () => {
      const { value, flat } = gradient(problem, { ...tolerances, loss, adjoint: "discrete" });
      expect(Math.abs(value / reference.loss! - 1)).toBeLessThan(bound);
      if (!reference.gradient) return;
      // By the logarithms of parameters: of one unit.
      const [known, p] = [reference.gradient, problem.p].map((x) => numbers(problem.layout.p, x));
      const size = Math.hypot(...known.map((x, j) => x * p[j]));
      known.forEach((x, j) => expect(Math.abs((flat.p![j] - x) * p[j]) / size, `parameter ${j}`).toBeLessThan(bound));
    });

  if (!reference.end && reference.loss === undefined)
    it("has no known answer that could be compared", () => expect(reference).toEqual({}));
});

it("the peers are measured against the same end state of lotkaVolterra", () => {
  expect(Object.values(problemTable.lotkaVolterra.make({}).reference!.end as object)).toEqual(peersReference("lotka-volterra"));
});

describe("end states", () => {
  it("of pkpd", () => {
    const { problem, reference } = pkpd();
    const end = solve(problem, { solver: tsit5(), rtol: 1e-12, atol: 1e-12 }).u.at(-1)!;
    const { gut, ...others } = end;
    const { gut: gutReference, ...references } = reference!.end!;
    expect(relativeError(Object.values(others), Object.values(references))).toBeLessThan(1e-10);
    // What is left of the doses, at the rate Ka1 = 1, is below the tolerance.
    const left = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10].reduce((sum, days) => sum + 100 * Math.exp(-24 * days), 0);
    expect(gutReference / left).toBeCloseTo(1, 10);
    expect(Math.abs(gut - left)).toBeLessThan(1e-12);
  });

  it("of arenstorf: the orbit closes", () => {
    const { problem } = arenstorf();
    const end = solve(problem, { solver: vern7(), rtol: 1e-13, atol: 1e-13 }).states.at(-1)!;
    // The velocity at the moon's side of the orbit changes fast: by 1e5 times the distance.
    [0.994, 0, 0, problem.u0.vy].forEach((start, i) =>
      expect(Math.abs(end[i] - start)).toBeLessThan([1e-9, 1e-9, 1e-6, 1e-6][i]),
    );
  });

  // By then y2 = y3 = 1/(k3 t), up to the rounding of what they were at most, 1.5e-9: y2 - y3 - y4 = 0 is conserved, and so is what is
  // rounded. The state is that of the equations without y3 at a tolerance of 1e-11.
  it("of e5 at t = 1e13", () => {
    const { problem } = e5({ tEnd: 1e13 });
    const [, y2, y3] = solve(problem, { solver: kvaerno5(), rtol: 1e-6, atol: 1e-28 }).states.at(-1)!;
    for (const y of [y2, y3]) expect(Math.abs(y - 8.86123352e-23)).toBeLessThan(2 ** -52 * 1.5e-9);
  });

  it.each([40, 1e5, 1e11])("of robertson at t = %d", (tEnd) => {
    const { problem, reference } = robertson({ tEnd });
    const end = solve(problem, { solver: rodas5P(), rtol: 1e-9, atol: 1e-18 }).u.at(-1)!;
    expect(relativeError(end, reference!.end!)).toBeLessThan(1e-7);
  });

  it.each([
    [rodas5P(), 1e-11, 1e-12],
    [kvaerno5(), 1e-11, 1e-12],
    // Its short steps come nearer to rounding.
    [fbdf(), 1e-10, 1e-11],
  ] as const)("of equations with a mass matrix, by $0.name", (solver, rtol, absolute) => {
    for (const make of [
      () => robertsonDAE({ tEnd: 1e5 }),
      chemicalAkzoNobel,
      transistorAmplifier,
      () => pendulumDAE({ periods: 3 }),
    ]) {
      const { problem, reference } = make() as NamedProblem;
      // Of what an algebraic equation gives as a difference of numbers of size one, no more is known.
      const atol = problem.name === "robertsonDAE" ? [1e-15, 1e-22, 1e-15] : absolute;
      const end = solve(problem, { solver, rtol, atol }).states.at(-1)!;
      expect(relativeError(end, pack(problem.layout.u, reference!.end, "reference")), problem.name).toBeLessThan(1e-7);
    }
  });

  // CVODE's error at these tolerances is 1.1e-3 and 2e-5.
  it.each([
    ["loops", 1e-6, 5e-4],
    ["arrays", 1e-6, 5e-4],
    ["mixed", 1e-6, 5e-4],
    ["loops", 1e-8, 3e-6],
  ] as const)("of the 32 x 32 Brusselator, %s, at %d", (form, tolerance, bound) => {
    const { problem } = brusselator({ form });
    const end = solve(problem, { solver: rodas5P(), rtol: tolerance, atol: tolerance }).u.at(-1)!;
    expect(relativeError(end.data, peersReference("brusselator-32"))).toBeLessThan(bound);
  });
});

describe("gradients", () => {
  it("of heat, by the initial state, on the backward pass in steps of its own", () => {
    const { problem, loss, reference } = heat();
    const options = { loss, wrt: ["p", "u0"], solver: rodas5P(), rtol: 1e-9, atol: 1e-9, adjoint: "gauss" } as const;
    const { p, u0 } = gradient(problem, options).gradient;
    expect(Math.abs(p!.alpha / reference!.gradient!.alpha - 1)).toBeLessThan(1e-8);
    const kernel = reference!.gradientByInitialState!;
    const peak = Math.max(...kernel);
    kernel.forEach((value, i) => expect(Math.abs(u0![i] - value)).toBeLessThan(1e-7 * peak));
  });
});
