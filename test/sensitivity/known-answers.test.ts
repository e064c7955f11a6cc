/**
 * Losses and gradients against known answers: those of arXiv 1812.01892's problems, computed at tight tolerances by two methods
 * that agree to the digits given, and those that come with the named problems.
 */
import { afterAll, describe, expect, it } from "vitest";
import { brusselator, brusselatorCells, lotkaVolterra, pkpd, pollution, spiralNeuralODE } from "../../problems/index.ts";
import type { Loss, OdeProblem } from "../../src/problem/problem.ts";
import { gradient } from "../../sensitivity/gradient.ts";
import { adjointMethods } from "../../sensitivity/adjoints/index.ts";
import { rodas5P, tsit5 } from "../../solvers/index.ts";
import type { Method } from "../../solvers/step/method.ts";

interface Known {
  readonly name: string;
  readonly problem: OdeProblem;
  readonly loss: Loss;
  readonly solver: Method;
  readonly value: number;
  /** What is known of dL/dp: some linear functions of it (entries, sums). */
  readonly of: (gradient: Float64Array) => readonly number[];
  readonly answers: readonly number[];
  readonly adjoints: readonly string[];
  /** With the paper's tolerances: atol 1e-5, rtol 1e-7. */
  readonly looseBound: number;
}

/** Backsolve is not for problems like these: it drifts from the forward solution, and says so. */
const everyAdjoint = Object.keys(adjointMethods).filter((name) => name !== "backsolve");

interface Figures {
  readonly name: string;
  readonly adjoint: string;
  readonly tolerances: string;
  readonly value: string;
  readonly gradient: string;
}

const figures: Figures[] = [];

// The figures reached, for the record.
afterAll(() => console.table(figures));

/** Relative errors of the loss and, in the Euclidean norm over what is known, of the gradient. */
function errors(known: Known, adjoint: string, rtol: number, atol: number): { value: number; gradient: number } {
  const { name, problem, loss, solver, of, answers } = known;
  const result = gradient(problem, { loss, wrt: ["p"], solver, rtol, atol, adjoint });
  const found = of(result.flat.p!);
  const value = Math.abs(result.value - known.value) / Math.abs(known.value);
  const error = Math.hypot(...answers.map((answer, i) => found[i] - answer)) / Math.hypot(...answers);
  figures.push({
    name,
    adjoint,
    tolerances: `${rtol}, ${atol}`,
    value: value.toExponential(1),
    gradient: error.toExponential(1),
  });
  return { value, gradient: error };
}

const lv = lotkaVolterra();
const doses = pkpd();
const pollu = pollution();

/** Sums over the cells of dL/dA, dL/dB, dL/dalpha1 and dL/dalpha2. */
function blockSums(g: Float64Array): number[] {
  const cells = g.length / 4;
  return [0, 1, 2, 3].map((block) => g.subarray(block * cells, (block + 1) * cells).reduce((sum, x) => sum + x, 0));
}

function cells(
  n: number,
  tEnd: number,
  value: number,
  of: Known["of"],
  answers: readonly number[],
  adjoints: Known["adjoints"] = ["gauss"],
): Known {
  const { problem, loss } = brusselatorCells({ n, tEnd });
  return {
    name: `Brusselator cells, N = ${n}, T = ${tEnd}`,
    problem: problem as OdeProblem,
    loss: loss as Loss,
    solver: rodas5P(),
    value,
    of,
    answers,
    adjoints,
    looseBound: 1e-3,
  };
}

const knownAnswers: readonly Known[] = [
  {
    name: "Lotka-Volterra",
    problem: lv.problem as OdeProblem,
    loss: lv.loss as Loss,
    solver: tsit5(),
    value: lv.reference!.loss!,
    of: (g) => [...g],
    answers: Object.values(lv.reference!.gradient!),
    adjoints: everyAdjoint,
    looseBound: 1e-3,
  },
  {
    name: "PKPD",
    problem: doses.problem as OdeProblem,
    loss: doses.loss as Loss,
    solver: tsit5(),
    value: doses.reference!.loss!,
    of: (g) => [...g],
    answers: Object.values(doses.reference!.gradient!),
    adjoints: everyAdjoint,
    looseBound: 1e-3,
  },
  {
    name: "POLLU, k dL/dk",
    problem: pollu.problem as OdeProblem,
    loss: pollu.loss as Loss,
    solver: rodas5P(),
    value: pollu.reference!.loss!,
    of: (g) => [...g].map((x, j) => x * pollu.problem.p[j]),
    answers: [...pollu.reference!.gradient!].map((x, j) => x * pollu.problem.p[j]),
    adjoints: everyAdjoint,
    looseBound: 1e-2,
  },
  cells(2, 1, 28.34437422, blockSums, [-0.0639349381, -12.64738158, 0, 0]),
  cells(3, 1, 72.89578373, blockSums, [20.86995325, 4.76460161, 0.03655363799, 0.001108284645]),
  cells(3, 1, 72.89578373, (g) => [g[0], g[9], g[18], g[27]], [2.28030453, 0.530036421431, 0.218125536, 0.841357963]),
  cells(5, 1, 296.8236539, blockSums, [134.8085123, -6.107720849, 0.09692603961, 0.00167997974]),
  cells(10, 1, 1303.962184, blockSums, [836.7450142, -219.1805886, 0.3439842233, 0.004570530615]),
  cells(
    5,
    10,
    11887.517404,
    (g) => [...[0, 25, 50, 75].flatMap((block) => [...g.subarray(block, block + 4)]), ...blockSums(g)],
    [
      466.596914, 466.598693, 466.599788, 466.598693, -1008.430421, -1008.431322, -1008.431876, -1008.431322, 0.8907655042,
      0.876020929, 0.8669968838, 0.876020929, 4.479622838, -1.854685719, -5.272691703, -1.854685719, 11668.07079, -25210.79868,
      0.231173683, 0.00400472667,
    ],
    everyAdjoint,
  ),
];

describe.each(knownAnswers)("$name", (known) => {
  it.each(known.adjoints)("%s, tight", (adjoint) => {
    const { value, gradient } = errors(known, adjoint, 1e-11, 1e-11);
    expect(value).toBeLessThan(1e-7);
    expect(gradient).toBeLessThan(1e-7);
  });

  it.each(known.adjoints)("%s, with the paper's tolerances", (adjoint) => {
    const { value, gradient } = errors(known, adjoint, 1e-7, 1e-5);
    expect(value).toBeLessThan(known.looseBound);
    expect(gradient).toBeLessThan(known.looseBound);
  });
});

describe("further figures", () => {
  it("the norm of the gradient over all cells", () => {
    for (const [n, tEnd, norm] of [
      [3, 1, 8.003909084],
      [5, 1, 27.60889013],
      [5, 10, 5556.0337906],
    ] as const) {
      const { problem, loss } = brusselatorCells({ n, tEnd });
      const { flat } = gradient(problem, { loss, solver: rodas5P(), rtol: 1e-11, atol: 1e-11 });
      expect(Math.hypot(...flat.p!) / norm).toBeCloseTo(1, 8);
    }
  });

  it("derivatives with respect to diffusion, each on its own: they are small beside the others", () => {
    const { problem, loss } = brusselatorCells();
    const { p } = gradient(problem, { loss, solver: rodas5P(), rtol: 1e-11, atol: 1e-11 }).gradient;
    const found = [
      p!.alpha1.get(0, 0),
      p!.alpha1.get(0, 1),
      p!.alpha1.get(0, 2),
      p!.alpha2.get(0, 0),
      p!.alpha2.get(0, 1),
      p!.alpha2.get(0, 2),
    ];
    const answers = [0.8907655042, 0.876020929, 0.8669968838, 4.479622838, -1.854685719, -5.272691703];
    answers.forEach((answer, i) => expect(found[i] / answer).toBeCloseTo(1, 7));
    for (const [field, sum] of [
      [p!.alpha1, 0.231173683],
      [p!.alpha2, 0.00400472667],
    ] as const) {
      // 25 numbers of size 5 cancel to this.
      expect(Math.abs(field.data.reduce((total, x) => total + x, 0) - sum)).toBeLessThan(1e-7);
    }
  });

  it("the spiral's 252 weights, by the adjoint and by duals", () => {
    const { problem, loss } = spiralNeuralODE();
    const [byAdjoint, byDuals] = ["gauss", "dual"].map((adjoint) =>
      gradient(problem, { loss, adjoint, rtol: 1e-11, atol: 1e-11 }),
    );
    expect(byAdjoint.value / byDuals.value).toBeCloseTo(1, 10);
    const difference = byAdjoint.flat.p!.map((x, i) => x - byDuals.flat.p![i]);
    expect(Math.hypot(...difference)).toBeLessThan(1e-9 * Math.hypot(...byDuals.flat.p!));
  });

  it("Lotka-Volterra with respect to the initial state", () => {
    const { flat } = gradient(lv.problem, { loss: lv.loss, adjoint: "dual", wrt: ["u0"], rtol: 1e-11, atol: 1e-11 });
    // In quadruple precision, by the tangent equations.
    [-87.94877494992284, -22.488414360550316].forEach((answer, i) => expect(flat.u0![i] / answer).toBeCloseTo(1, 9));
  });

  it("Lotka-Volterra, the sum of squares at 100 points", () => {
    const { problem } = lotkaVolterra();
    const at = Float64Array.from({ length: 100 }, (_, i) => (i + 1) / 10);
    const loss = { at, of: (u: { prey: number; predator: number }) => (u.prey - 1) ** 2 + (u.predator - 1) ** 2 };
    const { value, flat } = gradient(problem, { loss, adjoint: "dual", rtol: 1e-11, atol: 1e-11 });
    // In quadruple precision, by the tangent equations.
    expect(value / 1017.8305984692291).toBeCloseTo(1, 10);
    const answers = [52.94298897334713, -786.1536714366332, 880.2518833871488, -2948.627676987064];
    answers.forEach((answer, i) => expect(flat.p![i] / answer).toBeCloseTo(1, 9));
  });

  it.each(["loops", "arrays", "mixed"] as const)("the sum at the end of the 8 x 8 Brusselator, %s", (form) => {
    const { problem, loss, reference } = brusselator({ n: 8, form });
    const result = gradient(problem, { loss, rtol: 1e-8, atol: 1e-8, solver: rodas5P() });
    expect(result.value / reference!.loss!).toBeCloseTo(1, 7);
    for (const name of ["A", "B", "alpha"] as const)
      expect(result.gradient.p![name] / reference!.gradient![name]).toBeCloseTo(1, 5);
  });
});
