/** The discrete adjoint of a method whose steps depend on those before them, which no method of the library does. */
import type { GradientOptions } from "../../../../sensitivity/gradient.ts";
import { describe, expect, it } from "vitest";
import { gradient, odeProblem, remake, type OdeProblem } from "../../../../index.ts";
import { eliminate } from "../../../../src/passes/eliminate.ts";
import type { Program } from "../../../../src/ir/ir.ts";
import { denseParameters, StepBuilder, stepParameters, type Slice, type StepPrograms } from "../../../../solvers/step/builder.ts";
import { proportionalIntegral } from "../../../../solvers/step/controller.ts";
import type { Family, Method } from "../../../../solvers/step/method.ts";
import type { System } from "../../../../solvers/step/system.ts";
import { count } from "../../../../solvers/step/verdict.ts";

/** Of the memory: the steps since the method began, which nothing depends on; the length of the step before, and f where it began. */
const memoryOf = ({ array }: Slice): Record<"steps" | "length" | "slope", Slice> => {
  const from = (offset: number): Slice => ({ array, offset });
  return { steps: from(0), length: from(1), slope: from(2) };
};

/** uNext = u + h ((1 + r/2) f − r/2 f of the step before), r the ratio of their lengths; the first step is Euler's. */
function stepProgram(system: System, memorySize: number): Program {
  const b = new StepBuilder("two_steps_step", system, false);
  const { u, uNext, f, memory, memoryNext, atol, verdict, h, rtol } = stepParameters(b, system, { memorySize, workSize: 1 });
  const [before, after] = [memory, memoryNext].map(memoryOf);
  const [steps, length] = [before.steps, before.length].map((x) => b.get(b.slice(x)));
  const isFirst = b.operation("eq", length, b.f64(0));
  const weight = b.operation("select", isFirst, b.f64(0), b.times(b.operation("div", h, length), 0.5));
  const correction = b.vector("correction");
  b.each((at) => {
    const change = b.operation("sub", b.get(at(f)), b.get(at(before.slope)));
    b.set(at(correction), b.times(b.times(h, weight), change));
    b.set(at(uNext), b.plus(b.plus(b.get(at(u)), b.times(h, b.get(at(f)))), b.get(at(correction))));
    b.set(at(after.slope), b.get(at(f)));
  });
  b.set(b.slice(after.steps), b.plus(steps, b.f64(1)));
  b.set(b.slice(after.length), h);
  count(b, verdict, "rhsCalls", 0);
  return eliminate(b.finish(b.errorNorm((at) => at(correction), u, uNext, atol, rtol)));
}

/** The cubic through both ends with the slopes there. */
function denseProgram(system: System): Program {
  const { n } = system;
  const b = new StepBuilder("two_steps_dense", system, false);
  const { u, uNext, f, fNext, record, h } = denseParameters(b, system, 1, 4 * n);
  const part = (k: number): Slice => ({ ...record, offset: k * n });
  b.each((at) => {
    const chord = b.operation("sub", b.get(at(uNext)), b.get(at(u)));
    const [rise, fall] = [f, fNext].map((slope) => b.times(h, b.get(at(slope))));
    b.set(at(part(0)), b.get(at(u)));
    b.set(at(part(1)), b.get(at(uNext)));
    b.set(at(part(2)), b.times(b.operation("sub", rise, fall), 0.5));
    b.set(at(part(3)), b.operation("sub", chord, b.times(b.plus(rise, fall), 0.5)));
  });
  return eliminate(b.finish());
}

const family: Family<undefined> = {
  name: "two steps",
  implicit: false,
  step(_method, system): StepPrograms {
    const memorySize = 2 + system.n;
    return {
      step: stepProgram(system, memorySize),
      dense: denseProgram(system),
      memorySize,
      workSize: 1,
      history: { offset: 1, numbers: 1, vectors: 1 },
      factors: { offset: 0, size: 0 },
      stages: 0,
      recordSize: 4 * system.n,
      fsal: false,
      evaluations: { perStep: 0, perDense: 0 },
    };
  },
  controller: ({ order }) => proportionalIntegral(order),
  stability: () => undefined,
};

const controlled: Method<undefined> = { name: "twoSteps", order: 2, family, tableau: undefined };
const fixed = (dt: number): Method<undefined> => ({ ...controlled, dt });

const rhs = (du: number[], u: number[], { mu, a }: { mu: number; a: number }, t: number): void => {
  du[0] = u[1];
  du[1] = mu * ((1 - u[0] * u[0]) * u[1] - u[0]) + a * Math.cos(3 * t);
};
const plain = odeProblem({ rhs, u0: [2, 0.1], tspan: [0, 2], p: { mu: 3, a: 2 } });
const kicked = odeProblem({
  rhs,
  u0: [2, 0.1],
  tspan: [0, 2],
  p: { mu: 3, a: 2 },
  events: [{ at: [0.503, 1.21], apply: (u: number[], p: { a: number }) => void (u[1] += p.a * u[0]) }],
});
/** Twenty states: more than are written out. */
const ring = odeProblem({
  rhs(du, u, p, t) {
    for (let i = 0; i < 20; i++) {
      const [left, right] = [u[(i + 19) % 20], u[(i + 1) % 20]];
      du[i] = p.mu * (left - 2 * u[i] + right) + u[i] * left - u[i] ** 3 + p.a * Math.sin(t + i);
    }
  },
  u0: Array.from({ length: 20 }, (_, i) => Math.cos(i)),
  tspan: [0, 2],
  p: { mu: 0.7, a: 0.3 },
});

const loss = {
  at: [0, 0.1, 0.17, 0.17, 0.5, 1.3, 2],
  of: (u: ArrayLike<number>, p: { a: number }, t: number) => u[0] ** 2 + u[1] * t * p.a,
  integral: (u: ArrayLike<number>) => u[1] ** 2,
  final: (u: ArrayLike<number>) => u[0] * u[1],
};

/** The largest difference over the Euclidean norm. */
function distance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return Math.max(...Array.from(a, (x, i) => Math.abs(x - b[i]))) / Math.hypot(...Array.from(b));
}

const problems = {
  "a small system": plain,
  "events, after which it begins anew": kicked,
  "a larger system": ring,
} as unknown as Record<string, OdeProblem>;

describe.each(Object.entries(problems))("%s", (_, problem) => {
  const { integral: _integral, ...sums } = loss;
  const through = (adjoint: string, more: object = {}) =>
    gradient(problem, { loss: sums, wrt: ["p", "u0"], solver: fixed(0.01), adjoint, ...more } as unknown as GradientOptions);
  const expected = through("dual");
  const all = through("discrete");

  it("dual numbers through the same steps", () => {
    expect(all.value / expected.value).toBeCloseTo(1, 12);
    expect(distance(all.flat.p!, expected.flat.p!)).toBeLessThan(1e-12);
    expect(distance(all.flat.u0!, expected.flat.u0!)).toBeLessThan(1e-12);
  });

  it.each([2, 10, 40, 1e9])("from a memory budget of 1/%d", (part) => {
    const less = through("discrete", { memoryBudget: all.stats.memory! / part });
    expect(less.stats.memory!).toBeLessThan(all.stats.memory! / Math.min(part, 4) + 1);
    expect(less.stats.backward!.rhsCalls).toBeGreaterThan(all.stats.backward!.rhsCalls);
    expect(distance(less.flat.p!, expected.flat.p!)).toBeLessThan(1e-12);
    expect(distance(less.flat.u0!, expected.flat.u0!)).toBeLessThan(1e-12);
  });
});

it("steps that carry a tangent: dual numbers at tight tolerances, from any budget", () => {
  const options = { loss, wrt: ["p", "u0"], solver: controlled, rtol: 1e-6, atol: 1e-6 };
  const short = remake(plain, { tspan: [0, 0.5] }) as OdeProblem;
  const cut = { ...options, loss: { ...loss, at: [0.1, 0.3] } };
  const [all, dual] = ["discrete", "dual"].map((adjoint) => gradient(short, { ...cut, adjoint } as unknown as GradientOptions));
  const less = gradient(short, {
    ...cut,
    adjoint: "discrete",
    memoryBudget: all.stats.memory! / 10,
  } as unknown as GradientOptions);
  expect(all.stats.forward.steps).toBeGreaterThan(50);
  expect(distance(less.flat.p!, all.flat.p!)).toBeLessThan(1e-12);
  expect(distance(less.flat.u0!, all.flat.u0!)).toBeLessThan(1e-12);
  expect(distance(all.flat.p!, dual.flat.p!)).toBeLessThan(1e-3);
  expect(distance(all.flat.u0!, dual.flat.u0!)).toBeLessThan(1e-3);
});
